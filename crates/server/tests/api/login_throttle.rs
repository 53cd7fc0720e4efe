//! Failed logins are throttled without locking out users.

use std::time::Duration;

use futures_util::future::join_all;
use haat_test_support::{PASSWORD, redis_url};
use reqwest::Method;
use serde_json::json;

use crate::support::{App, Server, code};

const THREE: (&str, &str) = ("HAAT_LOGIN_FAILURES", "3");

/// The status and code of a login.
async fn log_in(server: &Server, username: &str, password: &str, device: &str) -> (u16, String) {
    let body = json!({"username": username, "password": password});
    let response = server.log_in_request(&body).header("x-device-id", device).send().await.unwrap();
    let status = response.status().as_u16();
    if status == 429 {
        let seconds: u32 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=61).contains(&seconds), "never permanently: {seconds}");
    }
    (status, if status == 200 { String::new() } else { code(response).await })
}

fn invalid_credentials() -> (u16, String) {
    (401, "invalid-credentials".to_owned())
}

fn throttled() -> (u16, String) {
    (429, "too-many-failed-logins".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_and_unknown_names_are_throttled_alike() {
    let app = App::with(&[THREE]).await;
    for name in ["sr00001", "unknown"] {
        for number in 0..3 {
            assert_eq!(
                log_in(&app.server, name, "wrong", &format!("{name}-{number}")).await,
                invalid_credentials()
            );
        }
        for password in ["wrong", PASSWORD] {
            assert_eq!(log_in(&app.server, name, password, "a-fourth").await, throttled(), "{name}");
        }
    }
    let mine = log_in(&app.server, "sr00002", PASSWORD, "a-fourth").await;
    assert_eq!(mine.0, 200, "another name from the same address and device");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_lock_users_out_of_their_own_devices() {
    let app = App::with(&[THREE]).await;
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "my-phone").await.0, 200);
    for number in 0..3 {
        assert_eq!(
            log_in(&app.server, "sr00001", "wrong", &format!("stranger-{number}")).await,
            invalid_credentials()
        );
    }
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "stranger-9").await, throttled());
    for _ in 0..10 {
        assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "my-phone").await.0, 200);
    }
    for _ in 0..3 {
        assert_eq!(log_in(&app.server, "sr00001", "wrong", "my-phone").await, invalid_credentials());
    }
    assert_eq!(
        log_in(&app.server, "sr00001", PASSWORD, "my-phone").await,
        throttled(),
        "attempts on the own device are throttled too"
    );
    // Another user on the same device is not affected.
    assert_eq!(log_in(&app.server, "sr00002", PASSWORD, "my-phone").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_failures_count_even_if_concurrent() {
    let app = App::with(&[THREE]).await;
    for _ in 0..10 {
        assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "").await.0, 200);
    }
    let all = join_all((0..30).map(|_| log_in(&app.server, "sr00001", "wrong", ""))).await;
    assert_eq!(all.iter().filter(|result| **result == invalid_credentials()).count(), 3);
    assert_eq!(all.iter().filter(|result| **result == throttled()).count(), 27);
    let entries = "SELECT count(*) FROM audit_logs WHERE action = 'session.log-in-failed'";
    let entries: i64 = app.database.owner().await.query_one(entries, &[]).await.unwrap().get(0);
    assert_eq!(entries, 3, "throttled attempts are not audited");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_the_throttle_and_throttle_alone_without_redis() {
    let redis = redis_url();
    let app = App::with(&[THREE, ("REDIS_URL", &redis)]).await;
    let other = Server::start(&app.database.app_url(), &[THREE, ("REDIS_URL", &redis)]);
    for server in [&app.server, &other, &app.server] {
        assert_eq!(log_in(server, "sr00001", "wrong", "").await, invalid_credentials());
    }
    for server in [&app.server, &other] {
        assert_eq!(log_in(server, "sr00001", PASSWORD, "").await, throttled());
    }
    let without_redis =
        Server::start(&app.database.app_url(), &[THREE, ("REDIS_URL", "redis://127.0.0.1:1/0")]);
    for _ in 0..3 {
        assert_eq!(log_in(&without_redis, "sr00001", "wrong", "").await, invalid_credentials());
    }
    assert_eq!(log_in(&without_redis, "sr00001", PASSWORD, "").await, throttled());
}

#[tokio::test(flavor = "multi_thread")]
async fn password_attempts_with_a_valid_token_are_throttled() {
    let app = App::with(&[THREE]).await;
    let token = app.server.token("default", "sr00001").await;
    let change = async |current: &str| {
        let body = json!({"currentPassword": current, "newPassword": "a much better one"});
        let request = app.server.request(Method::POST, "/auth/change-password").bearer_auth(&token);
        let response = request.json(&body).send().await.unwrap();
        (response.status().as_u16(), code(response).await)
    };
    for _ in 0..3 {
        assert_eq!(change("wrong").await, (422, "invalid-fields".to_owned()));
    }
    assert_eq!(change(PASSWORD).await, throttled());
}

#[tokio::test(flavor = "multi_thread")]
async fn common_passwords_are_rejected() {
    let app = App::new().await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "Password123"});
    let response = app.send_as("sr00001", Method::POST, "/auth/change-password", &body).await;
    assert_eq!(response.status(), 422);
    assert_eq!(code(response).await, "invalid-fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn login_renews_hashes_of_a_lower_cost() {
    let app = App::with(&[("HAAT_BCRYPT_COST", "5")]).await;
    let owner = app.database.owner().await;
    let rep = app.fixture.ours.rep.id;
    let hash = async || {
        let stored = "SELECT password_hash, version FROM users WHERE id = $1";
        let row = owner.query_one(stored, &[&rep]).await.unwrap();
        (row.get::<_, String>(0), row.get::<_, i64>(1))
    };
    let before = hash().await;
    assert!(before.0.starts_with("$2b$04$"), "{}", before.0);
    let token = app.server.token("default", "sr00001").await;
    let after = hash().await;
    assert!(after.0.starts_with("$2b$05$") && after.1 == before.1, "{after:?}");
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "").await.0, 200);
    assert_eq!(hash().await, after, "renewed only once");
    let read = app.server.get("/retailers").bearer_auth(&token).send().await.unwrap();
    assert_eq!(read.status(), 200, "the session continues");
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_of_one_device_on_many_names_are_throttled() {
    let app = App::with(&[THREE]).await;
    for number in 0..9 {
        assert_eq!(
            log_in(&app.server, &format!("name{number}"), "wrong", "the-same").await,
            invalid_credentials()
        );
    }
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "the-same").await, throttled());
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "another").await.0, 200, "at the same address");
    assert_eq!(
        log_in(&app.server, "sr00002", PASSWORD, "").await.0,
        200,
        "requests without a device id are not affected"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_logins_are_audited_for_existing_and_unknown_names() {
    let app = App::new().await;
    for name in ["sr00001", "unknown"] {
        assert_eq!(log_in(&app.server, name, "wrong", "").await, invalid_credentials());
    }
    let owner = app.database.owner().await;
    let statement = "SELECT actor_id, after ->> 'user' FROM audit_logs WHERE action = 'session.log-in-failed' ORDER BY id";
    let rows = owner.query(statement, &[]).await.unwrap();
    let entries: Vec<(Option<i64>, Option<String>)> =
        rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(entries, [(None, Some(app.fixture.ours.rep.id.to_string())), (None, None)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_logins_is_answered_in_time() {
    let app = App::with(&[("HAAT_BCRYPT_COST", "13"), ("HAAT_LOGIN_FAILURES", "1000")]).await;
    let started = std::time::Instant::now();
    let burst = join_all((0..80).map(async |number| {
        let body = json!({"username": format!("name{number}"), "password": "wrong"});
        let response = app.server.log_in_request(&body).send().await.unwrap();
        let retry_after =
            response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), retry_after.map(|seconds| seconds.parse::<u64>().unwrap()))
    }))
    .await;
    // A phone waits five seconds.
    assert!(started.elapsed() < Duration::from_secs(5 * 5), "{:?}", started.elapsed());
    let compared = burst.iter().filter(|(status, _)| *status == 401).count();
    let refused: Vec<u64> =
        burst.iter().filter(|(status, _)| *status == 503).map(|(_, wait)| wait.unwrap()).collect();
    assert_eq!(compared + refused.len(), burst.len(), "{burst:?}");
    assert!(compared > 0, "{burst:?}");
    // The queue holds four seconds of work, as measured on a machine that also runs other tests.
    assert!(refused.len() > 10 && refused.iter().all(|wait| (1..=30).contains(wait)), "{refused:?}");
    assert!(refused.iter().any(|wait| *wait >= 4), "{refused:?}");
}
