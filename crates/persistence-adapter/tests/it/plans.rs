//! How Postgres runs the hot statements, on a table large enough that a wrong plan would be a slow one.

use std::sync::Arc;

use async_trait::async_trait;
use haat_application::seed::{SeedCountry, SeedCountryInput};
use haat_domain::identity::{HashFailure, NewPassword, PasswordHash, PasswordHasher, TenantSlug};
use haat_domain::retailer::{RetailerKey, RetailerSort, RetailerSortField, RetailerUid};
use haat_domain::seed::SeedProgress;
use haat_domain::shared::{Clock, Limit, PageRequest, Scope, TenantId, UserId};
use haat_persistence_adapter::PgSeeder;
use haat_test_support::{PASSWORD_HASH, TestDatabase};
use secrecy::SecretString;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }
}

struct OneHash;

#[async_trait]
impl PasswordHasher for OneHash {
    async fn hash(&self, _: &NewPassword) -> Result<PasswordHash, HashFailure> {
        Ok(PasswordHash::new(PASSWORD_HASH.into()))
    }

    async fn verify<'a>(&self, _: &SecretString, _: Option<&'a PasswordHash>) -> Result<bool, HashFailure> {
        Ok(false)
    }
}

struct Silent;

impl SeedProgress for Silent {
    fn step(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
}

pub(crate) fn seeder(database: &TestDatabase) -> SeedCountry {
    let db = Arc::new(PgSeeder::new(&database.owner_config()));
    SeedCountry::new(db, Arc::new(OneHash), Arc::new(Noon), Arc::new(Silent))
}

pub(crate) fn input(retailers: u64, reps: u64, seed: u64) -> SeedCountryInput {
    SeedCountryInput { tenant: TenantSlug::default(), retailers, reps, seed }
}

/// Neither large table may be read from end to end, nor the pool be sorted.
fn assert_by_index(plan: &str) {
    for table in ["retailers", "sales_rep_retailers"] {
        assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
    }
    assert!(
        !plan.contains("Sort Key: retailers.name") || plan.contains("sales_rep_retailers"),
        "the pool is sorted:\n{plan}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_details_go_by_index() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&input(30_000, 430, 1)).await.unwrap();
    let db = database.adapter();
    let tenant = TenantId::new(1);
    let rep = database.owner().await.query_one("SELECT min(id) FROM sales_reps", &[]).await.unwrap().get(0);
    let uid = RetailerUid::parse("RTL-0015000").unwrap();
    for scope in [Scope::Rep(UserId::new(rep)), Scope::All] {
        assert_by_index(&db.explain_retailer_find(tenant, scope, &uid).await.unwrap());
        for (field, key) in [
            (RetailerSortField::Name, RetailerKey::Name { name: "Ma Store".into(), uid: uid.clone() }),
            (RetailerSortField::Uid, RetailerKey::Uid(uid.clone())),
        ] {
            for descending in [false, true] {
                let sort = RetailerSort { field, descending };
                for after in [None, Some(key.clone())] {
                    let page = PageRequest { limit: Limit::default(), after };
                    let plan = db.explain_retailer_list(tenant, scope, sort, &page).await.unwrap();
                    assert_by_index(&plan);
                    if scope == Scope::All && page.after.is_some() {
                        let range = if descending { " < ROW" } else { " > ROW" };
                        let bound = match field {
                            RetailerSortField::Name => {
                                format!("Index Cond: ((tenant_id = '1'::bigint) AND (ROW(name, uid){range}")
                            }
                            RetailerSortField::Uid => {
                                "Index Cond: ((tenant_id = '1'::bigint) AND (uid".to_owned()
                            }
                        };
                        assert!(plan.contains(&bound), "the page is not reached by the index:\n{plan}");
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_index_the_pool_would_be_sorted_whole() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&input(30_000, 430, 1)).await.unwrap();
    database.owner().await.batch_execute("DROP INDEX retailers_name_idx").await.unwrap();
    let page = PageRequest::first(Limit::default());
    let plan = database
        .adapter()
        .explain_retailer_list(TenantId::new(1), Scope::All, RetailerSort::default(), &page)
        .await
        .unwrap();
    assert!(std::panic::catch_unwind(|| assert_by_index(&plan)).is_err(), "the guard sees it:\n{plan}");
}
