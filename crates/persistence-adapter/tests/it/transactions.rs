use std::time::Duration;

use haat_domain::auth::{AuthTx, PasswordChange, PasswordHash};
use haat_domain::shared::{BeginTransaction, TenantId, UserId};
use haat_persistence_adapter::{DatabaseConfig, PgDatabase};
use haat_test_support::{Company, Fixture, TestDatabase};

/// Sets the password of the sales rep in an open transaction.
async fn change_password(db: &PgDatabase, company: &Company) -> Box<dyn AuthTx> {
    let mut tx = BeginTransaction::<dyn AuthTx>::begin(db).await.unwrap();
    let change = PasswordChange {
        tenant: TenantId::new(company.tenant),
        user: UserId::new(company.rep.id),
        password_hash: PasswordHash::new("new".into()),
        must_change_password: false,
        expected: None,
        at: chrono::DateTime::from_timestamp(0, 0).unwrap(),
    };
    tx.passwords().set_password(&change).await.unwrap().unwrap();
    tx
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_rolls_back_and_returns_its_connection() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = PgDatabase::new(&DatabaseConfig { pool_size: 1, ..database.app_config() }).unwrap();
    let owner = database.owner().await;
    let backends = async || {
        let rows = owner
            .query("SELECT pid FROM pg_stat_activity WHERE usename = 'haat_app' AND datname = current_database()", &[])
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>()
    };
    db.ping().await.unwrap();
    let before = backends().await;
    assert_eq!(before.len(), 1);
    for _ in 0..20 {
        drop(change_password(&db, &ours).await);
    }
    db.ping().await.unwrap();
    assert_eq!(backends().await, before, "the single connection was reused, never reopened");
    let rows = owner.query("SELECT FROM users WHERE password_hash = 'new'", &[]).await.unwrap();
    assert!(rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_invisible_before_the_commit() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    let count = async || {
        let row =
            owner.query_one("SELECT count(*) FROM users WHERE password_hash = 'new'", &[]).await.unwrap();
        row.get::<_, i64>(0)
    };
    let tx = change_password(&db, &ours).await;
    assert_eq!(count().await, 0);
    tx.commit().await.unwrap();
    assert_eq!(count().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_cancels_a_statement_after_its_timeout() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let config = DatabaseConfig { statement_timeout: Duration::from_millis(50), ..database.app_config() };
    let db = PgDatabase::new(&config).unwrap();
    let owner = database.owner().await;
    owner.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let tenant = haat_domain::tenancy::TenantSlug::default();
    let name = haat_domain::auth::LoginName::guess("sr00001").unwrap();
    let error = haat_domain::auth::CredentialReader::find(&db, &tenant, &name, None).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    owner.batch_execute("COMMIT").await.unwrap();
    assert!(haat_domain::auth::CredentialReader::find(&db, &tenant, &name, None).await.unwrap().is_some());
}
