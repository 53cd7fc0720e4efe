use chrono::DateTime;
use haat_domain::audit::AuditEntry;
use haat_domain::auth::{
    AuthState, AuthStateReader, AuthTx, CredentialReader, DeviceId, Digest, Grants, LoginName, SealedSeed,
    SecondFactor, StoredSeed, UserReader,
};
use haat_domain::change::{Caller, CallerCheck, ExpectedVersions};
use haat_domain::retailer::{PatchRetailer, Patched, RetailerPatch, RetailerPatcher as _, RetailerUid};
use haat_domain::shared::{BeginTransaction, Role, Targets, TenantId, UserId};
use haat_domain::tenancy::TenantSlug;
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Fixture, PASSWORD_HASH, TestDatabase, set_role};

fn slug(text: &str) -> TenantSlug {
    TenantSlug::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_a_user_by_each_login_name_in_their_tenant_only() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = database.adapter();
    for company in [&ours, &theirs] {
        for name in ["SR00001", "Sr00001@Example.com", "01811-000001", "+8801811000001"] {
            let name = LoginName::guess(name).unwrap();
            let found = CredentialReader::find(&db, &slug(company.slug), &name, None).await.unwrap();
            let (tenant, found) = found.unwrap();
            let (found, known_device) = found.unwrap();
            assert_eq!(tenant.get(), company.tenant);
            assert_eq!(known_device, None);
            assert_eq!(
                (found.user.id.get(), found.user.tenant.get()),
                (company.rep.id, company.tenant),
                "{name:?}"
            );
            assert_eq!(found.password_hash.expose(), PASSWORD_HASH);
            assert_eq!((found.user.role, found.user.active), (Role::SalesRep, true));
        }
    }
    for (tenant, name) in [("default", "unknown"), ("nowhere", "sr00001"), ("default", "01999999999")] {
        let name = LoginName::guess(name).unwrap();
        let found = CredentialReader::find(&db, &slug(tenant), &name, None).await.unwrap();
        let found = found.map(|(tenant, user)| (tenant.get(), user.is_some()));
        assert_eq!(found, (tenant == "default").then_some((ours.tenant, false)), "{tenant} {name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_known_only_for_users_who_logged_in_with_it() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    let session = "INSERT INTO sessions (tenant_id, id, user_id, token_version, device_id, created_at, last_used_at, \
            ended_at, family_hash, current_hash, seed) \
        SELECT tenant_id, gen_random_uuid(), id, 1, 'phone-1', now(), now(), now(), h, h, h \
          FROM users, decode(repeat('00', 32), 'hex') AS h WHERE id = $1";
    database.owner().await.execute(session, &[&ours.rep.id]).await.unwrap();
    for (name, device, known) in [
        ("sr00001", Some("phone-1"), true),
        ("sr00001", Some("phone-2"), false),
        ("sr00001", None, false),
        ("sr00002", Some("phone-1"), false),
    ] {
        let (name, device) = (LoginName::guess(name).unwrap(), device.and_then(DeviceId::parse));
        let found = CredentialReader::find(&db, &slug(ours.slug), &name, device.as_ref()).await.unwrap();
        assert_eq!(found.unwrap().1.unwrap().1.is_some(), known, "{name:?} {device:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_tenant_has_no_users() {
    let database = TestDatabase::new().await;
    let Fixture { theirs, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    database
        .owner()
        .await
        .batch_execute("UPDATE tenants SET state = 'closed' WHERE slug = 'other'")
        .await
        .unwrap();
    let name = LoginName::guess("sr00001").unwrap();
    assert!(CredentialReader::find(&db, &slug("other"), &name, None).await.unwrap().is_none());
    let (tenant, user) = (TenantId::new(theirs.tenant), UserId::new(theirs.rep.id));
    assert_eq!(AuthStateReader::find(&db, tenant, user, None).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn auth_state_is_current_and_per_tenant() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    let (tenant, user) = (TenantId::new(ours.tenant), UserId::new(ours.rep.id));
    let auth_state = AuthState {
        role: Role::SalesRep,
        grants: Grants::Role(Role::SalesRep),
        access_version: 1,
        active: true,
        must_change_password: false,
        second_factor: SecondFactor::Off,
        token_version: 1,
        session_ended: false,
        is_platform: false,
    };
    assert_eq!(AuthStateReader::find(&db, tenant, user, None).await, Ok(Some(auth_state)));
    owner
        .execute(
            "UPDATE users SET state = 'disabled', token_version = 2, must_change_password = TRUE, mfa_enabled = TRUE \
              WHERE id = $1",
            &[&ours.rep.id],
        )
        .await
        .unwrap();
    set_role(&owner, ours.rep.id, "admin").await;
    let auth_state = AuthState {
        role: Role::Admin,
        grants: Grants::Role(Role::Admin),
        access_version: 3,
        active: false,
        must_change_password: true,
        second_factor: SecondFactor::On,
        token_version: 2,
        session_ended: false,
        is_platform: false,
    };
    assert_eq!(AuthStateReader::find(&db, tenant, user, None).await, Ok(Some(auth_state)));
    let other_tenant = TenantId::new(theirs.tenant);
    assert_eq!(AuthStateReader::find(&db, other_tenant, user, None).await, Ok(None));
    assert_eq!(UserReader::find(&db, other_tenant, user).await, Ok(None));
    assert_eq!(UserReader::find(&db, tenant, user).await.unwrap().unwrap().username.as_str(), "sr00001");
}

async fn begin(db: &PgDatabase) -> Box<dyn AuthTx> {
    BeginTransaction::<dyn AuthTx>::begin(db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_entry_stores_every_field() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let entry = AuditEntry {
        tenant: TenantId::new(ours.tenant),
        at,
        actor: Some((UserId::new(ours.admin.id), Role::Admin)),
        action: haat_domain::audit::AuditAction::UserCreate,
        entity_id: Some("7".into()),
        before: None,
        after: Some(vec![
            ("name", "রহিম".into()),
            ("points", 5.into()),
            ("email", Option::<&str>::None.into()),
        ]),
        request_id: Some("r-1".into()),
        batch: None,
    };
    let mut tx = begin(&db).await;
    tx.audit().record(&[entry.clone(), entry]).await.unwrap();
    tx.commit().await.unwrap();
    let rows = database
        .owner()
        .await
        .query(
            "SELECT occurred_at, actor_id, actor_role, action, entity, entity_id, before::text, after::text, request_id \
             FROM audit_logs",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    let row = &rows[0];
    assert_eq!(row.get::<_, DateTime<chrono::Utc>>(0), at);
    assert_eq!(row.get::<_, Option<i64>>(1), Some(ours.admin.id));
    assert_eq!(row.get::<_, Option<&str>>(2), Some("admin"));
    assert_eq!(
        (row.get::<_, &str>(3), row.get::<_, &str>(4), row.get::<_, &str>(5)),
        ("user.create", "user", "7")
    );
    assert_eq!(row.get::<_, Option<&str>>(6), None);
    assert_eq!(row.get::<_, &str>(7), r#"{"name": "রহিম", "email": null, "points": 5}"#);
    assert_eq!(row.get::<_, &str>(8), "r-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_due_for_administrators_if_the_tenant_requires_it() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    let (tenant, user) = (TenantId::new(ours.tenant), UserId::new(ours.rep.id));
    for (role, enabled, required, expected) in [
        ("sales_rep", false, true, SecondFactor::Off),
        ("admin", false, false, SecondFactor::Off),
        ("admin", true, true, SecondFactor::On),
        ("admin", false, true, SecondFactor::Due),
    ] {
        set_role(&owner, ours.rep.id, role).await;
        let update = "UPDATE users SET mfa_enabled = $2 WHERE id = $1";
        owner.execute(update, &[&ours.rep.id, &enabled]).await.unwrap();
        let update = "UPDATE tenants SET mfa_required_for_admins = $2 WHERE id = $1";
        owner.execute(update, &[&ours.tenant, &required]).await.unwrap();
        let auth_state = AuthStateReader::find(&db, tenant, user, None).await.unwrap().unwrap();
        assert_eq!(auth_state.second_factor, expected, "{role} {enabled} {required}");
        let credential = db.of(tenant, user).await.unwrap().unwrap();
        assert_eq!(credential.user.second_factor, expected, "{role} {enabled} {required}");
        let AuthState { role: highest, access_version, .. } = auth_state;
        let caller = Caller { tenant, user, role: highest, access_version, token_version: 1, session: None };
        let mut tx = begin(&db).await;
        assert_eq!(
            tx.caller().check(&caller).await,
            Ok(if expected == SecondFactor::Due { CallerCheck::Ended } else { CallerCheck::Ok }),
            "{role} {required}"
        );
        let patch = PatchRetailer {
            caller,
            targets: Targets { all: true, ..Targets::default() },
            uid: RetailerUid::parse(&ours.retailers[0].uid).unwrap(),
            patch: RetailerPatch::default(),
            expected: ExpectedVersions::default(),
            at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            request_id: "r-1".into(),
        };
        let rejected = db.patch(&patch).await == Ok(Patched::CallerEnded);
        assert_eq!(rejected, expected == SecondFactor::Due, "{role} {required}");
        let factor = tx.factors().lock(tenant, user).await.unwrap().unwrap();
        assert_eq!(
            (factor.user.second_factor, factor.without == SecondFactor::Due),
            (expected, role == "admin" && required)
        );
        tx.roll_back().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_consumes_and_deletes_a_second_factor() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, now) = (database.adapter(), DateTime::from_timestamp(1_790_000_000, 0).unwrap());
    let (tenant, user) = (TenantId::new(ours.tenant), UserId::new(ours.rep.id));
    let (other_tenant, digest) = (TenantId::new(theirs.tenant), |byte| Digest([byte; 32]));
    let mut tx = begin(&db).await;
    assert_eq!(tx.factors().lock(other_tenant, user).await, Ok(None));
    assert_eq!(tx.factors().lock(tenant, user).await.unwrap().unwrap().seed, None);
    let seed = |text: &str| SealedSeed(text.to_owned());
    let stored =
        |text, last_totp_step| Some(StoredSeed { sealed: seed(text), last_totp_step, created_at: now });
    for text in ["1:first", "1:second"] {
        tx.factors().save_seed(tenant, user, &seed(text), now).await.unwrap();
    }
    tx.factors().consume_totp_step(tenant, user, 50, None).await.unwrap();
    let factor = tx.factors().lock(tenant, user).await.unwrap().unwrap();
    assert_eq!((factor.seed, factor.user.second_factor), (stored("1:second", 50), SecondFactor::Off));
    assert_eq!(tx.factors().turn_on(tenant, user, &[digest(1), digest(2)], now).await, Ok(2));
    tx.factors().consume_totp_step(tenant, user, 51, Some(&seed("2:third"))).await.unwrap();
    let factor = tx.factors().lock(tenant, user).await.unwrap().unwrap();
    assert_eq!((factor.seed, factor.user.second_factor), (stored("2:third", 51), SecondFactor::On));
    for (tenant, code, used) in
        [(tenant, 3, false), (other_tenant, 1, false), (tenant, 1, true), (tenant, 1, false)]
    {
        assert_eq!(tx.factors().consume_recovery_code(tenant, user, &digest(code)).await, Ok(used), "{code}");
    }
    assert_eq!(tx.factors().turn_off(tenant, user, now).await, Ok(3));
    let factor = tx.factors().lock(tenant, user).await.unwrap().unwrap();
    assert_eq!((factor.seed, factor.user.second_factor), (None, SecondFactor::Off));
    assert_eq!(
        tx.factors().consume_recovery_code(tenant, user, &digest(2)).await,
        Ok(false),
        "recovery codes are deleted with the factor"
    );
    tx.commit().await.unwrap();
}
