//! Grants: the columns that follow from them, and their changes.

use chrono::{DateTime, Utc};
use haat_domain::auth::{AuthStateReader, Grant, GrantTarget, Grants};
use haat_domain::people::{GrantReader, PeopleTx, TargetName};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BeginTransaction, Role, TargetKind, TenantId, UserId};
use haat_persistence_org::OrgDatabase;
use haat_test_support::{Client, Fixture, PASSWORD_HASH, TestDatabase};

use crate::org;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

async fn begin(db: &OrgDatabase) -> Box<dyn PeopleTx> {
    BeginTransaction::<dyn PeopleTx>::begin(db).await.unwrap()
}

/// The role, whether the grants say more, the access version, and whether the user is a sales rep at present.
async fn derived(owner: &Client, user: i64) -> (String, bool, i32, Option<bool>) {
    let statement = "SELECT u.role, u.scoped, u.access_version, s.active FROM users AS u \
                       LEFT JOIN sales_reps AS s ON s.id = u.id WHERE u.id = $1";
    let row = owner.query_one(statement, &[&user]).await.unwrap();
    (row.get(0), row.get(1), row.get(2), row.get(3))
}

async fn entries(owner: &Client, user: i64) -> i64 {
    let statement = "SELECT count(*) FROM changes WHERE entity = 'user' AND entity_id = $1";
    owner.query_one(statement, &[&user]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn derived_columns_follow_grants() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let owner = database.owner().await;
    let (tenant, rep) = (ours.tenant, ours.rep.id);
    let area: i64 =
        owner.query_one("SELECT min(id) FROM areas WHERE tenant_id = $1", &[&tenant]).await.unwrap().get(0);
    let run = async |statement: String| owner.batch_execute(&statement).await;
    let of = |role: &str, scoped, version, active| (role.to_owned(), scoped, version, active);
    assert_eq!(derived(&owner, rep).await, of("sales_rep", false, 1, Some(true)), "inserted without a grant");
    let before = entries(&owner, rep).await;
    run(format!("INSERT INTO user_roles (tenant_id, user_id, role) VALUES ({tenant}, {rep}, 'admin')"))
        .await
        .unwrap();
    assert_eq!(derived(&owner, rep).await, of("admin", true, 2, Some(true)), "an admin who also sells");
    run(format!("DELETE FROM user_roles WHERE user_id = {rep} AND role = 'sales_rep'")).await.unwrap();
    assert_eq!(derived(&owner, rep).await, of("admin", false, 3, Some(false)));
    run(format!("DELETE FROM user_roles WHERE user_id = {rep}")).await.unwrap();
    assert_eq!(derived(&owner, rep).await, of("admin", true, 4, Some(false)), "keeps the word, has no grant");
    run(format!(
        "INSERT INTO user_roles (tenant_id, user_id, role, area_id) VALUES ({tenant}, {rep}, 'area_manager', {area})"
    ))
    .await
    .unwrap();
    assert_eq!(derived(&owner, rep).await, of("area_manager", true, 5, Some(false)));
    run(format!("UPDATE user_roles SET role = 'sales_rep', area_id = NULL WHERE user_id = {rep}"))
        .await
        .unwrap();
    assert_eq!(derived(&owner, rep).await.0, "sales_rep", "typed by hand");
    assert_eq!(derived(&owner, rep).await.3, Some(true));
    assert!(entries(&owner, rep).await >= before + 5, "each change is in the feed");
    let admin = ours.admin.id;
    run(format!("INSERT INTO user_roles (tenant_id, user_id, role) VALUES ({tenant}, {admin}, 'sales_rep')"))
        .await
        .unwrap();
    assert_eq!(derived(&owner, admin).await.3, Some(true), "a new sales rep");
    for refused in [
        format!("UPDATE users SET role = 'admin' WHERE id = {rep}"),
        format!("UPDATE users SET scoped = NOT scoped WHERE id = {rep}"),
        format!("INSERT INTO user_roles (tenant_id, user_id, role) VALUES ({tenant}, {rep}, 'area_manager')"),
        format!(
            "INSERT INTO user_roles (tenant_id, user_id, role, area_id) VALUES ({tenant}, {rep}, 'admin', {area})"
        ),
        format!("INSERT INTO user_roles (tenant_id, user_id, role) VALUES ({tenant}, {admin}, 'admin')"),
        "UPDATE users SET username = 'Support.x' WHERE username = 'admin'".to_owned(),
    ] {
        assert!(run(refused.clone()).await.is_err(), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auth_state_has_the_grants() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, owner) = (org(&database), database.owner().await);
    let (tenant, user) = (TenantId::new(ours.tenant), UserId::new(ours.rep.id));
    let places = "SELECT (SELECT min(id) FROM areas WHERE tenant_id = $1), (SELECT min(id) FROM regions WHERE tenant_id = $1)";
    let row = owner.query_one(places, &[&ours.tenant]).await.unwrap();
    let (area, region): (i64, i64) = (row.get(0), row.get(1));
    let target = |kind, id| TargetName::Id(GrantTarget::new(kind, id));
    let names = [
        target(TargetKind::Area, area),
        target(TargetKind::Region, region),
        target(TargetKind::Area, 999),
        target(TargetKind::Team, area),
        TargetName::Retailer(RetailerUid::parse("RTL-0002").unwrap()),
        TargetName::Retailer(RetailerUid::parse("RTL-9999").unwrap()),
    ];
    let mut tx = begin(&db).await;
    let found = tx.grants().resolve(tenant, &names).await.unwrap();
    let known: Vec<bool> = found.iter().map(Option::is_some).collect();
    assert_eq!(known, [true, true, false, false, true, false]);
    let others = tx.grants().resolve(TenantId::new(theirs.tenant), &names[..2]).await.unwrap();
    assert_eq!(others, [None, None], "of another tenant");
    tx.users().lock(tenant, None, user).await.unwrap().unwrap();
    let held = tx.grants().held(tenant, user).await.unwrap();
    tx.grants().revoke(tenant, user, &[held[0].id]).await.unwrap();
    let grants = [
        Grant::new(Role::AreaManager, found[0]).unwrap(),
        Grant::new(Role::RegionalManager, found[1]).unwrap(),
    ];
    for _ in 0..2 {
        let given: Vec<_> = grants.iter().map(|grant| (user, *grant)).collect();
        tx.grants().grant(tenant, &given, Some(UserId::new(ours.admin.id)), noon()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let state = AuthStateReader::find(&database.adapter(), tenant, user, None).await.unwrap().unwrap();
    assert_eq!(state.role, Role::RegionalManager);
    assert_eq!(state.grants, Grants::of(grants.to_vec()));
    let (held, version) = db.grants(tenant, user).await.unwrap().unwrap();
    let names: Vec<_> = held.iter().map(|held| (held.grant.role(), held.target_name.as_str())).collect();
    assert_eq!(names, [(Role::RegionalManager, "Dhaka"), (Role::AreaManager, "Gazipur")]);
    assert_eq!(held[0].granted_by.as_ref().unwrap().1.as_str(), "admin");
    assert!(version > 1);
    assert_eq!(db.grants(TenantId::new(theirs.tenant), user).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_demotions_leave_one_administrator() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (org(&database), database.owner().await);
    let tenant = TenantId::new(ours.tenant);
    let second: i64 = owner
        .query_one(
            "INSERT INTO users (tenant_id, username, name, password_hash, role) VALUES ($1, 'second', 'S', $2, 'admin') \
             RETURNING id",
            &[&ours.tenant, &PASSWORD_HASH],
        )
        .await
        .unwrap()
        .get(0);
    // Not by the administrators themselves, whose requests would wait for each other.
    let demote = async |id: i64| {
        let mut tx = begin(&db).await;
        let user = UserId::new(id);
        tx.users().lock(tenant, None, user).await.unwrap().unwrap();
        let allowed = tx.grants().has_other_admin(tenant, user).await;
        if allowed != Ok(true) {
            tx.roll_back().await;
            return false;
        }
        let held = tx.grants().held(tenant, user).await.unwrap();
        tx.grants().revoke(tenant, user, &[held[0].id]).await.unwrap();
        tx.commit().await.is_ok()
    };
    let (one, other) = tokio::join!(demote(ours.admin.id), demote(second));
    assert!(one != other, "{one} {other}");
    let remaining = if one { second } else { ours.admin.id };
    assert!(!demote(remaining).await, "the last one");
}
