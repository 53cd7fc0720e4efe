//! Who guesses passwords waits, and nobody else does.

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
        let wait: u32 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=61).contains(&wait), "never for good: {wait}");
    }
    (status, if status == 200 { String::new() } else { code(response).await })
}

fn wrong() -> (u16, String) {
    (401, "invalid-credentials".to_owned())
}

fn wait() -> (u16, String) {
    (429, "too-many-failed-logins".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_some_wrong_passwords_a_name_has_to_wait_whether_it_is_anybodys_or_not() {
    let app = App::with(&[THREE]).await;
    for name in ["sr00001", "nobody"] {
        for number in 0..3 {
            assert_eq!(log_in(&app.server, name, "wrong", &format!("{name}-{number}")).await, wrong());
        }
        for password in ["wrong", PASSWORD] {
            assert_eq!(log_in(&app.server, name, password, "a-fourth").await, wait(), "{name}");
        }
    }
    let mine = log_in(&app.server, "sr00002", PASSWORD, "a-fourth").await;
    assert_eq!(mine.0, 200, "another name from the same address and device");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_kept_out_of_their_own_device_by_strangers() {
    let app = App::with(&[THREE]).await;
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "my-phone").await.0, 200);
    for number in 0..3 {
        assert_eq!(log_in(&app.server, "sr00001", "wrong", &format!("stranger-{number}")).await, wrong());
    }
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "stranger-9").await, wait());
    for _ in 0..10 {
        assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "my-phone").await.0, 200);
    }
    for _ in 0..3 {
        assert_eq!(log_in(&app.server, "sr00001", "wrong", "my-phone").await, wrong());
    }
    assert_eq!(
        log_in(&app.server, "sr00001", PASSWORD, "my-phone").await,
        wait(),
        "nor may they guess there"
    );
    // Nobody else's device is theirs.
    assert_eq!(log_in(&app.server, "sr00002", PASSWORD, "my-phone").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_failures_count_and_many_at_once_are_not_more() {
    let app = App::with(&[THREE]).await;
    for _ in 0..10 {
        assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "").await.0, 200);
    }
    let all = join_all((0..30).map(|_| log_in(&app.server, "sr00001", "wrong", ""))).await;
    assert_eq!(all.iter().filter(|answer| **answer == wrong()).count(), 3);
    assert_eq!(all.iter().filter(|answer| **answer == wait()).count(), 27);
    let told = "SELECT count(*) FROM audit_logs WHERE action = 'session.log-in-failed'";
    let told: i64 = app.database.owner().await.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told, 3, "the log grows no faster");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_count_together_and_each_for_itself_without_redis() {
    let redis = redis_url();
    let app = App::with(&[THREE, ("REDIS_URL", &redis)]).await;
    let other = Server::start(&app.database.app_url(), &[THREE, ("REDIS_URL", &redis)]);
    for server in [&app.server, &other, &app.server] {
        assert_eq!(log_in(server, "sr00001", "wrong", "").await, wrong());
    }
    for server in [&app.server, &other] {
        assert_eq!(log_in(server, "sr00001", PASSWORD, "").await, wait());
    }
    let nowhere = Server::start(&app.database.app_url(), &[THREE, ("REDIS_URL", "redis://127.0.0.1:1/0")]);
    for _ in 0..3 {
        assert_eq!(log_in(&nowhere, "sr00001", "wrong", "").await, wrong());
    }
    assert_eq!(log_in(&nowhere, "sr00001", PASSWORD, "").await, wait());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_token_does_not_guess_the_password_either() {
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
    assert_eq!(change(PASSWORD).await, wait());
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_of_everybodys_list_are_refused() {
    let app = App::new().await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "Password123"});
    let response = app.send_as("sr00001", Method::POST, "/auth/change-password", &body).await;
    assert_eq!(response.status(), 422);
    assert_eq!(code(response).await, "invalid-fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_of_less_effort_is_replaced_at_the_next_login() {
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
    let kept = app.server.token("default", "sr00001").await;
    let after = hash().await;
    assert!(after.0.starts_with("$2b$05$") && after.1 == before.1, "{after:?}");
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "").await.0, 200);
    assert_eq!(hash().await, after, "once");
    let read = app.server.get("/retailers").bearer_auth(&kept).send().await.unwrap();
    assert_eq!(read.status(), 200, "nobody is logged out by it");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_does_not_try_one_password_on_everybody() {
    let app = App::with(&[THREE]).await;
    for number in 0..9 {
        assert_eq!(log_in(&app.server, &format!("name{number}"), "wrong", "the-same").await, wrong());
    }
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "the-same").await, wait());
    assert_eq!(log_in(&app.server, "sr00001", PASSWORD, "another").await.0, 200, "at the same address");
    assert_eq!(
        log_in(&app.server, "sr00002", PASSWORD, "").await.0,
        200,
        "nor does it keep out who has no name"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_login_is_told_of_whether_there_is_such_a_name_or_not() {
    let app = App::new().await;
    for name in ["sr00001", "nobody"] {
        assert_eq!(log_in(&app.server, name, "wrong", "").await, wrong());
    }
    let owner = app.database.owner().await;
    let told = "SELECT actor_id, after ->> 'user' FROM audit_logs WHERE action = 'session.log-in-failed' ORDER BY id";
    let rows = owner.query(told, &[]).await.unwrap();
    let told: Vec<(Option<i64>, Option<String>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(told, [(None, Some(app.fixture.ours.rep.id.to_string())), (None, None)]);
}
