use haat_domain::shared::UserId;

use crate::{TestDatabase, seed_input, seeder};

/// Returns a database with demo data, large enough that a wrong plan is slow, and one of its sales reps.
///
/// # Panics
/// Panics if PostgreSQL is unavailable.
pub async fn seeded() -> (TestDatabase, UserId) {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&seed_input(30_000, 430, 1)).await.unwrap();
    let rep = database.owner().await.query_one("SELECT min(id) FROM sales_reps", &[]).await.unwrap().get(0);
    (database, UserId::new(rep))
}

/// Asserts that neither large table is scanned sequentially.
///
/// # Panics
/// Panics if one is.
pub fn assert_by_index(plan: &str) {
    for table in ["retailers", "sales_rep_retailers"] {
        assert!(!plan.contains(&format!("Seq Scan on {table}")), "{plan}");
    }
}
