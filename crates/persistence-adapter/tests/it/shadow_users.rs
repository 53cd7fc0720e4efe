//! Shadow users: the state of both accounts counts, for reads and for changes.

use haat_domain::auth::{AuthStateReader, ShadowUser, SupportTx};
use haat_domain::change::{Caller, CallerCheck};
use haat_domain::shared::{BeginTransaction, Role, SessionId, TenantId, UserId};
use haat_domain::tenancy::{TenantSelector, TenantSlug};
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Client, Fixture, TestDatabase};

const SESSION: uuid::Uuid = uuid::Uuid::from_u128(7);

/// A super admin with a session and a second factor.
async fn super_admin(owner: &Client) -> UserId {
    let insert = "INSERT INTO users (tenant_id, username, name, password_hash, role, mfa_enabled) \
                  SELECT id, 'karim', 'Karim Khan', 'x', 'super_admin', TRUE FROM tenants WHERE kind = 'platform' RETURNING id";
    UserId::new(owner.query_one(insert, &[]).await.unwrap().get(0))
}

async fn enter(db: &PgDatabase, user: UserId, tenant: &TenantSelector) -> Option<ShadowUser> {
    let mut tx: Box<dyn SupportTx> = db.begin().await.unwrap();
    let shadow = tx.shadow_users().enter(user, tenant).await.unwrap();
    tx.commit().await.unwrap();
    shadow
}

async fn check(db: &PgDatabase, shadow: ShadowUser, session: Option<SessionId>) -> CallerCheck {
    let ShadowUser { tenant, user, access_version } = shadow;
    let caller = Caller { tenant, user, role: Role::SuperAdmin, access_version, token_version: 1, session };
    let mut tx: Box<dyn SupportTx> = db.begin().await.unwrap();
    let checked = tx.caller().check(&caller).await.unwrap();
    tx.roll_back().await;
    checked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shadow_user_is_created_once_and_has_no_usable_password() {
    let database = TestDatabase::new().await;
    let Fixture { theirs, .. } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    let user = super_admin(&owner).await;
    let by_id = TenantSelector::Id(TenantId::new(theirs.tenant));
    let shadow = enter(&db, user, &by_id).await.unwrap();
    assert_eq!((shadow.tenant.get(), shadow.access_version), (theirs.tenant, 1));
    let by_slug = TenantSelector::Slug(TenantSlug::parse("other").unwrap());
    assert_eq!(enter(&db, user, &by_slug).await, Some(shadow));
    let row = "SELECT u.username, u.name, u.role, u.scoped, r.role, u.password_hash LIKE '$2b$10$....%', u.search_key \
               FROM users AS u JOIN user_roles AS r ON r.tenant_id = u.tenant_id AND r.user_id = u.id WHERE u.id = $1";
    let row = owner.query_one(row, &[&shadow.user.get()]).await.unwrap();
    let username = format!("support.karim.{user}");
    assert_eq!(row.get::<_, String>(0), username);
    assert_eq!(
        (row.get::<_, &str>(1), row.get::<_, &str>(2), row.get::<_, bool>(3)),
        ("Karim Khan", "super_admin", false)
    );
    assert_eq!((row.get::<_, &str>(4), row.get::<_, bool>(5)), ("super_admin", true));
    assert_eq!(row.get::<_, String>(6), format!("karim khan\n{username}\n\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_open_tenants_that_allow_it_can_be_entered() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    let user = super_admin(&owner).await;
    let platform: i64 =
        owner.query_one("SELECT id FROM tenants WHERE kind = 'platform'", &[]).await.unwrap().get(0);
    for tenant in [platform, 999_999] {
        assert_eq!(enter(&db, user, &TenantSelector::Id(TenantId::new(tenant))).await, None);
    }
    let ours = TenantSelector::Id(TenantId::new(ours.tenant));
    for (change, undo) in [
        ("UPDATE tenants SET state = 'closed' WHERE slug = 'default'", "UPDATE tenants SET state = 'active'"),
        ("UPDATE tenants SET support_access = FALSE", "UPDATE tenants SET support_access = TRUE"),
    ] {
        owner.batch_execute(change).await.unwrap();
        assert_eq!(enter(&db, user, &ours).await, None, "{change}");
        owner.batch_execute(undo).await.unwrap();
    }
    assert!(enter(&db, user, &ours).await.is_some());
    owner.batch_execute("UPDATE users SET state = 'disabled' WHERE home_user_id IS NOT NULL").await.unwrap();
    assert_eq!(enter(&db, user, &ours).await, None, "disabled in the tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_changes_agree_on_the_state_of_both_users() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    let user = super_admin(&owner).await;
    owner
        .execute(
            "INSERT INTO sessions (tenant_id, id, user_id, token_version, created_at, last_used_at, family_hash, current_hash, seed) \
             SELECT tenant_id, $2, id, 1, now(), now(), sha256('1'), sha256('2'), sha256('3') FROM users WHERE id = $1",
            &[&user.get(), &SESSION],
        )
        .await
        .unwrap();
    let shadow = enter(&db, user, &TenantSelector::Id(TenantId::new(ours.tenant))).await.unwrap();
    let other = enter(&db, user, &TenantSelector::Id(TenantId::new(theirs.tenant))).await.unwrap();
    let session = Some(SessionId::new(SESSION));
    let reads = async |shadow: ShadowUser| {
        let state = AuthStateReader::find(&db, shadow.tenant, shadow.user, session).await.unwrap();
        state.is_some_and(|state| {
            assert!(!state.is_platform && state.role == Role::SuperAdmin);
            state.may_act() && !state.session_ended && state.token_version == 1
        })
    };
    let home = user.get();
    // The change, the statement that undoes it, and whether it concerns the first tenant only.
    let changes = [
        (
            format!("UPDATE users SET state = 'disabled' WHERE id = {home}"),
            format!("UPDATE users SET state = 'active' WHERE id = {home}"),
            false,
        ),
        (
            format!("UPDATE users SET token_version = 2 WHERE id = {home}"),
            format!("UPDATE users SET token_version = 1 WHERE id = {home}"),
            false,
        ),
        (
            format!("UPDATE users SET must_change_password = TRUE WHERE id = {home}"),
            format!("UPDATE users SET must_change_password = FALSE WHERE id = {home}"),
            false,
        ),
        (
            format!("UPDATE users SET mfa_enabled = FALSE WHERE id = {home}"),
            format!("UPDATE users SET mfa_enabled = TRUE WHERE id = {home}"),
            false,
        ),
        (
            "UPDATE sessions SET ended_at = now()".to_owned(),
            "UPDATE sessions SET ended_at = NULL".to_owned(),
            false,
        ),
        (
            format!("DELETE FROM user_roles WHERE user_id = {home}"),
            format!(
                "INSERT INTO user_roles (tenant_id, user_id, role) SELECT tenant_id, id, 'super_admin' FROM users WHERE id = {home}"
            ),
            false,
        ),
        (
            format!(
                "INSERT INTO user_roles (tenant_id, user_id, role) SELECT tenant_id, id, 'sales_rep' FROM users WHERE id = {home}"
            ),
            format!("DELETE FROM user_roles WHERE user_id = {home} AND role = 'sales_rep'"),
            false,
        ),
        (
            format!("UPDATE users SET state = 'disabled' WHERE id = {}", shadow.user),
            format!("UPDATE users SET state = 'active' WHERE id = {}", shadow.user),
            true,
        ),
        (
            "UPDATE tenants SET support_access = FALSE WHERE slug = 'default'".to_owned(),
            "UPDATE tenants SET support_access = TRUE".to_owned(),
            true,
        ),
        (
            "UPDATE tenants SET state = 'closed' WHERE slug = 'default'".to_owned(),
            "UPDATE tenants SET state = 'active'".to_owned(),
            true,
        ),
    ];
    for (change, undo, of_one_tenant) in changes {
        assert!(
            reads(shadow).await && check(&db, shadow, session).await == CallerCheck::Ok,
            "before {change}"
        );
        owner.batch_execute(&change).await.unwrap();
        assert!(!reads(shadow).await, "{change}");
        assert_eq!(check(&db, shadow, session).await, CallerCheck::Ended, "{change}");
        assert_eq!(reads(other).await, of_one_tenant, "{change}");
        let expected = if of_one_tenant { CallerCheck::Ok } else { CallerCheck::Ended };
        assert_eq!(check(&db, other, session).await, expected, "{change}");
        owner.batch_execute(&undo).await.unwrap();
    }
    // A job has no session. A change of the grants of the shadow user is repeated with the current ones.
    owner.batch_execute("UPDATE sessions SET ended_at = now()").await.unwrap();
    assert_eq!(check(&db, shadow, None).await, CallerCheck::Ok);
    let raise = "UPDATE users SET access_version = access_version + 1 WHERE id = $1";
    owner.execute(raise, &[&shadow.user.get()]).await.unwrap();
    assert_eq!(check(&db, shadow, None).await, CallerCheck::Changed);
}
