//! Outages and recovery of Postgres and Redis, and graceful shutdown.

use std::time::Duration;

use haat_test_support::{Fixture, PASSWORD, Proxy, TestDatabase, redis_url};
use serde_json::{Value, json};

use crate::support::{App, Server, code, eventually, problem};

async fn status(server: &Server, path: &str, token: &str) -> u16 {
    server.get(path).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn server_starts_without_postgres_and_becomes_ready_later() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    // A Postgres that accepts connections but never responds does not prevent the start either.
    proxy.hang();
    let silent = Server::start(&proxy.through(&database.app_url()), &[]);
    assert_eq!(status(&silent, "/health/live", "").await, 200);
    proxy.take_down();
    let server = Server::start(&proxy.through(&database.app_url()), &[]);
    assert_eq!(status(&server, "/health/live", "").await, 200);
    for path in ["/health/ready", "/health"] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 503);
        let body = problem(response).await;
        assert_eq!(body["code"], "unavailable");
        assert_eq!(body["detail"], "Not ready: database.");
    }
    let login = json!({"username": "sr00001", "password": PASSWORD});
    let response = server.log_in_request(&login).send().await.unwrap();
    assert_eq!(response.status(), 503);
    let body = problem(response).await.to_string();
    assert!(!body.contains("refused") && !body.contains("127.0.0.1"), "no internals: {body}");
    proxy.bring_up();
    eventually(async || status(&server, "/health/ready", "").await == 200).await;
    assert_eq!(server.log_in_request(&login).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_return_503_while_postgres_is_down() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    let server = Server::start(&proxy.through(&database.app_url()), &[]);
    let token = server.token("default", "sr00001").await;
    for round in 0..3 {
        assert_eq!(status(&server, "/retailers", &token).await, 200, "{round}");
        proxy.take_down();
        tokio::time::sleep(Duration::from_millis(150)).await;
        for path in ["/retailers", "/retailers/RTL-0001", "/auth/me", "/health/ready"] {
            let response = server.get(path).bearer_auth(&token).send().await.unwrap();
            assert_eq!(response.status(), 503, "{path}");
            assert_eq!(code(response).await, "unavailable");
        }
        assert_eq!(status(&server, "/health/live", "").await, 200);
        proxy.bring_up();
    }
    assert_eq!(status(&server, "/retailers", &token).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_return_503_after_the_statement_timeout() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let server = Server::start(&database.app_url(), &[("HAAT_DATABASE_STATEMENT_TIMEOUT_MS", "300")]);
    let token = server.token("default", "sr00001").await;
    let owner = database.owner().await;
    owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let response = server.get("/retailers").bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(code(response).await, "unavailable");
    owner.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(status(&server, "/retailers", &token).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_succeed_during_redis_outages() {
    let proxy = Proxy::new(&redis_url()).await;
    let app = App::with(&[("REDIS_URL", &proxy.through(&redis_url()))]).await;
    let token = app.server.token("default", "sr00001").await;
    for fail in [Proxy::bring_up, Proxy::take_down, Proxy::hang, Proxy::bring_up] {
        fail(&proxy);
        for _ in 0..20 {
            assert_eq!(status(&app.server, "/retailers", &token).await, 200);
        }
    }
    let owner = app.database.owner().await;
    owner.batch_execute("UPDATE users SET state = 'disabled'").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(
        status(&app.server, "/retailers", &token).await,
        401,
        "disabled users are locked out with Redis too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn server_exits_with_the_reason_if_the_schema_is_missing() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let proxy = Proxy::new(&database.app_url()).await;
    proxy.take_down();
    let mut server = Server::start(&proxy.through(&database.app_url()), &[]);
    proxy.bring_up();
    let (code, log) = server.wait();
    assert_eq!(code, Some(1));
    assert!(log.contains("run `haat migrate`"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_completes_requests_in_flight() {
    // Several rounds, because the worker of the request and the worker that opened its connection vary.
    for signal in ["TERM", "INT", "TERM", "INT", "TERM", "INT"] {
        let mut app = App::new().await;
        let token = app.server.token("default", "admin").await; // lists of admins are not cached
        // Let both workers open connections to Postgres.
        let warm_up: Vec<_> =
            (0..8).map(|_| tokio::spawn(app.server.get("/retailers").bearer_auth(&token).send())).collect();
        for request in warm_up {
            assert_eq!(request.await.unwrap().unwrap().status(), 200);
        }
        // A request that waits for a lock stays in flight until the lock is released.
        let owner = app.database.owner().await;
        owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let waiting = tokio::spawn(app.server.get("/retailers").bearer_auth(&token).send());
        let watcher = app.database.owner().await;
        eventually(async || {
            let waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'retailers'::regclass";
            !watcher.query(waits, &[]).await.unwrap().is_empty()
        })
        .await;
        app.server.signal(signal);
        eventually(async || !app.server.accepts().await).await;
        assert!(!waiting.is_finished());
        owner.batch_execute("COMMIT").await.unwrap();
        let response = waiting.await.unwrap().unwrap();
        assert_eq!(response.status(), 200, "{signal}");
        let page: Value = response.json().await.unwrap();
        assert_eq!(page["data"].as_array().unwrap().len(), 6);
        assert_eq!(app.server.wait().0, Some(0), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn second_signal_aborts_requests_in_flight() {
    let mut app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let owner = app.database.owner().await;
    owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let waiting = tokio::spawn(app.server.get("/retailers").bearer_auth(&token).send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    app.server.signal("TERM");
    eventually(async || !app.server.accepts().await).await;
    assert!(!waiting.is_finished());
    app.server.signal("TERM");
    // Far below the statement timeout of 10 s.
    let ended = tokio::task::spawn_blocking(move || app.server.wait());
    tokio::time::timeout(Duration::from_secs(5), ended).await.expect("the server ends").unwrap();
    // Either the connection is closed or the response is 503.
    let result = waiting.await.unwrap();
    assert!(result.is_err() || result.is_ok_and(|response| response.status() == 503));
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_transactions_return_503_and_release_their_connections() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    let settings = [("HAAT_DATABASE_STATEMENT_TIMEOUT_MS", "300"), ("HAAT_DATABASE_POOL", "2")];
    let server = Server::start(&proxy.through(&database.app_url()), &settings);
    let token = server.token("default", "sr00001").await;
    let owner = database.owner().await;
    // The patches wait for a lock, in transactions because of their keys, when Postgres stops responding.
    owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let patches = (0..2).map(|number| {
        let request = server.request(reqwest::Method::PATCH, "/retailers/RTL-0001").bearer_auth(&token);
        request.header("idempotency-key", number.to_string()).json(&json!({"points": 7})).send()
    });
    let hang = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.hang();
    };
    let patches = futures_util::future::join_all(patches);
    let (responses, ()) =
        tokio::time::timeout(Duration::from_secs(10), async { tokio::join!(patches, hang) })
            .await
            .expect("responses");
    for response in responses {
        assert_eq!(response.unwrap().status(), 503);
    }
    owner.batch_execute("ROLLBACK").await.unwrap();
    proxy.bring_up();
    eventually(async || status(&server, "/retailers", &token).await == 200).await;
}
