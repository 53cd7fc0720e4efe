//! Postgres and Redis away, slow or back again; being told to stop.

use std::time::Duration;

use haat_test_support::{Fixture, PASSWORD, Proxy, TestDatabase, redis_url};
use serde_json::{Value, json};

use crate::support::{App, Server, code, problem, soon};

async fn status(server: &Server, path: &str, token: &str) -> u16 {
    server.get(path).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_away_at_start_is_waited_for() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    // One that takes connections and says nothing keeps nobody from starting either.
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
    soon(async || status(&server, "/health/ready", "").await == 200).await;
    assert_eq!(server.log_in_request(&login).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_goes_away_is_503_until_it_is_back() {
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
async fn a_postgres_that_falls_silent_during_a_request_is_503() {
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
async fn redis_may_be_there_go_away_hang_and_come_back() {
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
    assert_eq!(status(&app.server, "/retailers", &token).await, 401, "with Redis too nobody stays for long");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_turns_out_unfit_stops_the_server_with_the_reason() {
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
async fn a_stop_lets_requests_in_flight_end() {
    // Several rounds: which worker has the request, and which of them opened its connection, is chance.
    for signal in ["TERM", "INT", "TERM", "INT", "TERM", "INT"] {
        let mut app = App::new().await;
        let token = app.server.token("default", "admin").await; // whose lists nothing remembers
        // Connections to Postgres that both workers have opened.
        let warm_up: Vec<_> =
            (0..8).map(|_| tokio::spawn(app.server.get("/retailers").bearer_auth(&token).send())).collect();
        for request in warm_up {
            assert_eq!(request.await.unwrap().unwrap().status(), 200);
        }
        // A request that waits for a lock is in flight for as long as we like.
        let owner = app.database.owner().await;
        owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let waiting = tokio::spawn(app.server.get("/retailers").bearer_auth(&token).send());
        let watcher = app.database.owner().await;
        soon(async || {
            let waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'retailers'::regclass";
            !watcher.query(waits, &[]).await.unwrap().is_empty()
        })
        .await;
        app.server.signal(signal);
        soon(async || !app.server.accepts().await).await;
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
async fn a_second_signal_ends_what_is_in_flight_at_once() {
    let mut app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let owner = app.database.owner().await;
    owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let waiting = tokio::spawn(app.server.get("/retailers").bearer_auth(&token).send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    app.server.signal("TERM");
    soon(async || !app.server.accepts().await).await;
    assert!(!waiting.is_finished());
    app.server.signal("TERM");
    // Far below the 10 s after which Postgres would give the statement up.
    let ended = tokio::task::spawn_blocking(move || app.server.wait());
    tokio::time::timeout(Duration::from_secs(5), ended).await.expect("an end").unwrap();
    // Cut off, or told so in the last moment.
    let answer = waiting.await.unwrap();
    assert!(answer.is_err() || answer.is_ok_and(|response| response.status() == 503));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_falls_silent_inside_a_transaction_is_503_and_holds_no_connection_for_ever() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    let silence = [("HAAT_DATABASE_STATEMENT_TIMEOUT_MS", "300"), ("HAAT_DATABASE_POOL", "2")];
    let server = Server::start(&proxy.through(&database.app_url()), &silence);
    let token = server.token("default", "sr00001").await;
    let owner = database.owner().await;
    // A patch that waits for a lock, in a transaction because of its key, when everything falls silent.
    owner.batch_execute("BEGIN; LOCK TABLE retailers IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let patches = (0..2).map(|number| {
        let request = server.request(reqwest::Method::PATCH, "/retailers/RTL-0001").bearer_auth(&token);
        request.header("idempotency-key", number.to_string()).json(&json!({"points": 7})).send()
    });
    let silence = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.hang();
    };
    let patches = futures_util::future::join_all(patches);
    let (answers, ()) =
        tokio::time::timeout(Duration::from_secs(10), async { tokio::join!(patches, silence) })
            .await
            .expect("an answer, not silence");
    for answer in answers {
        assert_eq!(answer.unwrap().status(), 503);
    }
    owner.batch_execute("ROLLBACK").await.unwrap();
    proxy.bring_up();
    soon(async || status(&server, "/retailers", &token).await == 200).await;
}
