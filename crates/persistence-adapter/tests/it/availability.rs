use std::time::{Duration, Instant};

use haat_domain::auth::{CredentialReader, LoginName};
use haat_domain::shared::StorageFailure;
use haat_domain::tenancy::TenantSlug;
use haat_persistence_adapter::{DatabaseConfig, PgDatabase};
use haat_test_support::{Fixture, Proxy, TestDatabase};

fn database_behind(proxy: &Proxy, database: &TestDatabase) -> PgDatabase {
    let config = DatabaseConfig {
        url: proxy.through(&database.app_url()),
        connect_timeout: Duration::from_millis(300),
        ..database.app_config()
    };
    PgDatabase::new(&config).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnects_by_itself_after_an_outage() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::new(&database.app_url()).await;
    let db = database_behind(&proxy, &database);
    db.ping().await.unwrap();
    proxy.take_down();
    for _ in 0..5 {
        let error = db.ping().await.unwrap_err();
        assert!(matches!(error, StorageFailure::Unavailable(_)), "{error}");
    }
    proxy.bring_up();
    db.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connects_once_postgres_is_available() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::new(&database.app_url()).await;
    proxy.take_down();
    let db = database_behind(&proxy, &database);
    assert!(matches!(db.ping().await, Err(StorageFailure::Unavailable(_))));
    proxy.bring_up();
    db.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_connect_times_out() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::new(&database.app_url()).await;
    proxy.hang();
    let db = database_behind(&proxy, &database);
    assert!(matches!(db.ping().await, Err(StorageFailure::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn timed_out_connects_leave_no_socket_open() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::new(&database.app_url()).await;
    proxy.hang();
    let db = database_behind(&proxy, &database);
    for _ in 0..4 {
        let failures = tokio::join!(db.ping(), db.ping(), db.ping(), db.ping());
        assert!(failures.0.is_err() && failures.1.is_err() && failures.2.is_err() && failures.3.is_err());
    }
    tokio::time::sleep(5 * Duration::from_millis(300)).await;
    assert_eq!(proxy.connections(), 0);
    proxy.bring_up();
    // A connect may take longer than its 300 ms on a busy machine.
    let started = Instant::now();
    while let Err(failure) = db.ping().await {
        assert!(started.elapsed() < Duration::from_secs(10), "{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_connection_times_out_and_is_not_reused() {
    let database = TestDatabase::new().await;
    let proxy = Proxy::new(&database.app_url()).await;
    let config = DatabaseConfig {
        url: proxy.through(&database.app_url()),
        pool_size: 1,
        statement_timeout: Duration::from_millis(100),
        ..database.app_config()
    };
    let db = PgDatabase::new(&config).unwrap();
    db.ping().await.unwrap();
    proxy.hang();
    let result =
        tokio::time::timeout(Duration::from_secs(6), db.ping()).await.expect("the ping times out by itself");
    assert!(matches!(result, Err(StorageFailure::Unavailable(_))), "{result:?}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(proxy.connections(), 0, "the hanging connection is closed");
    proxy.bring_up();
    db.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_query_frees_its_connection() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let db = PgDatabase::new(&DatabaseConfig { pool_size: 1, ..database.app_config() }).unwrap();
    let owner = database.owner().await;
    owner.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (tenant, name) = (TenantSlug::default(), LoginName::guess("sr00001").unwrap());
    let query = CredentialReader::find(&db, &tenant, &name, None);
    assert!(tokio::time::timeout(Duration::from_millis(200), query).await.is_err());
    // Otherwise the only connection would still wait for the lock.
    tokio::time::timeout(Duration::from_secs(5), db.ping()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backend_fails_at_most_one_request() {
    let database = TestDatabase::new().await;
    let db = database.adapter();
    db.ping().await.unwrap();
    // Only a superuser may terminate the backends of another role; a role may terminate its own.
    let app = database.app().await;
    app.batch_execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await
    .unwrap();
    let mut failures = Vec::new();
    for _ in 0..20 {
        failures.extend(db.ping().await.err());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(failures.len() <= 1, "{failures:?}");
    assert!(failures.iter().all(StorageFailure::is_retryable), "{failures:?}");
}
