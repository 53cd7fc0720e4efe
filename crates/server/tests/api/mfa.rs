//! The second factor: setting it up, logging in with it, losing it, and requiring it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use haat_test_support::{PASSWORD, redis_url};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::support::{App, Server, code};

pub(crate) const KEYS: (&str, &str) = ("HAAT_MFA_KEYS", "first=a-key-of-the-tests-0123456789abcdef");

/// The code of an app, so many times 30 seconds from now: one later is taken as well, so that a test need not wait.
pub(crate) fn totp(secret: &str, later: u64) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).with_account_name("x");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    app.build().unwrap().generate(now + 30 * later).to_string()
}

async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

async fn post(server: &Server, token: &str, path: &str, body: Value) -> (u16, Value) {
    send(server.request(Method::POST, path).bearer_auth(token).json(&body)).await
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_else(|| panic!("{name} of {answer}"))
}

/// Somebody with a second factor.
struct Guarded {
    access: String,
    refresh: String,
    secret: String,
    /// The code that turned it on.
    first_code: String,
    recovery: Vec<String>,
}

impl Guarded {
    /// Logs in and sets one up, with the code of now.
    async fn new(server: &Server, username: &str) -> Self {
        let body = json!({"username": username, "password": PASSWORD});
        let (_, first) = send(server.log_in_request(&body)).await;
        let token = text(&first, "accessToken");
        let (status, seed) = post(server, token, "/auth/mfa/enroll", json!({"password": PASSWORD})).await;
        assert_eq!(status, 200, "{seed}");
        let secret = text(&seed, "secret").to_owned();
        assert!(text(&seed, "uri").contains(&secret));
        let first_code = totp(&secret, 0);
        let (status, on) = post(server, token, "/auth/mfa/verify", json!({"code": first_code})).await;
        assert_eq!((status, &on["user"]["mfaEnabled"]), (200, &json!(true)), "{on}");
        let codes = on["recoveryCodes"].as_array().unwrap();
        Self {
            access: text(&on, "accessToken").to_owned(),
            refresh: text(&first, "refreshToken").to_owned(),
            secret,
            first_code,
            recovery: codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect(),
        }
    }
}

/// The first half of a login.
async fn challenge(server: &Server, username: &str, device: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    let request = server.log_in_request(&body).header("x-device-id", device);
    let response = request.send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["cache-control"]),
        (401, &"no-store".parse().unwrap())
    );
    let problem: Value = response.json().await.unwrap();
    assert_eq!(text(&problem, "code"), "mfa-required");
    assert_eq!(problem.get("accessToken"), None);
    text(&problem, "mfaToken").to_owned()
}

/// The second half: an access token, or the code of the refusal.
async fn answer(server: &Server, token: &str, code: &str, device: &str) -> Result<String, String> {
    let request = server.request(Method::POST, "/auth/mfa/challenge").header("x-device-id", device);
    let (status, body) = send(request.json(&json!({"mfaToken": token, "code": code}))).await;
    if status == 200 {
        Ok(text(&body, "accessToken").to_owned())
    } else {
        Err(text(&body, "code").to_owned())
    }
}

async fn status(server: &Server, token: &str, path: &str) -> u16 {
    server.get(path).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_takes_both_factors_and_no_code_twice() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let mine = Guarded::new(server, "admin").await;
    assert_eq!(status(server, &mine.access, "/admin/users").await, 200);
    let token = challenge(server, "admin", "desk").await;
    // Neither half alone is anything.
    assert_eq!(status(server, &token, "/auth/me").await, 401);
    assert_eq!(
        answer(server, &mine.access, &totp(&mine.secret, 1), "desk").await,
        Err("invalid-mfa-token".into())
    );
    for wrong in ["", "000000", "12345", &mine.first_code, &totp(&mine.secret, 40)] {
        let refused = answer(server, &token, wrong, "desk").await.unwrap_err();
        let expected = if wrong.is_empty() { "invalid-fields" } else { "wrong-mfa-code" };
        assert_eq!(refused, expected, "{wrong}; the code that turned it on was used");
    }
    let code = totp(&mine.secret, 1);
    let all = join_all((0..4).map(|_| answer(server, &token, &code, "desk"))).await;
    let sessions: Vec<&String> = all.iter().flatten().collect();
    assert_eq!(sessions.len(), 1, "one of many at once: {all:?}");
    assert_eq!(status(server, sessions[0], "/admin/users").await, 200);
    let told = "SELECT string_agg(action || ' ' || coalesce(after ->> 'secondFactor', '') || ' ' || \
                (actor_id IS NOT NULL), ',' ORDER BY at, id) FROM audit_logs WHERE action LIKE 'session.%'";
    let told: String = app.database.owner().await.query_one(told, &[]).await.unwrap().get(0);
    assert!(
        told.starts_with("session.log-in  true,session.challenge  false,session.log-in-failed wrong false")
    );
    assert_eq!(told.matches("session.log-in totp true").count(), 1, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn turning_it_on_ends_the_sessions_of_whoever_had_the_password_alone() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let thief = server.token("default", "admin").await;
    let mine = Guarded::new(server, "admin").await;
    assert_eq!(status(server, &thief, "/auth/me").await, 401);
    let (refreshed, body) = post(server, "", "/auth/refresh", json!({"refreshToken": mine.refresh})).await;
    assert_eq!(refreshed, 200, "the session in which it was done goes on: {body}");
    assert_eq!(body["user"]["mfaEnabled"], true);
    let (status, problem) =
        post(server, &mine.access, "/auth/mfa/enroll", json!({"password": PASSWORD})).await;
    assert_eq!((status, text(&problem, "code")), (409, "mfa-enabled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_is_good_once_and_either_factor_missing_leaves_it_on() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let mine = Guarded::new(server, "sr00001").await;
    assert_eq!(mine.recovery.len(), 10);
    let token = challenge(server, "sr00001", "").await;
    let typed = mine.recovery[0].replace('-', " ").to_uppercase();
    assert!(answer(server, &token, &typed, "").await.is_ok());
    assert_eq!(answer(server, &token, &typed, "").await, Err("wrong-mfa-code".into()));
    let disable = async |password: &str, code: &str| {
        let body = json!({"password": password, "code": code});
        post(server, &mine.access, "/auth/mfa/disable", body).await
    };
    for (password, code, field) in
        [("wrong", mine.recovery[1].as_str(), "password"), (PASSWORD, mine.recovery[0].as_str(), "code")]
    {
        let (status, problem) = disable(password, code).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!(field)), "{problem}");
    }
    let (status, off) = disable(PASSWORD, &mine.recovery[1]).await;
    assert_eq!((status, &off["user"]["mfaEnabled"]), (200, &json!(false)), "{off}");
    server.token("default", "sr00001").await;
    let kept = "SELECT (SELECT count(*) FROM second_factors) + (SELECT count(*) FROM recovery_codes)";
    assert_eq!(app.database.owner().await.query_one(kept, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_takes_away_what_was_lost_but_nobody_their_own() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let rep = Guarded::new(server, "sr00001").await;
    let admin = Guarded::new(server, "admin").await;
    let owner = app.database.owner().await;
    let id = async |name: &str| -> i64 {
        let one = "SELECT id FROM users WHERE username = $1 AND tenant_id = $2";
        owner.query_one(one, &[&name, &app.fixture.ours.tenant]).await.unwrap().get(0)
    };
    let reset = async |token: &str, id: i64| {
        let path = format!("/admin/users/{id}/mfa");
        send(server.request(Method::DELETE, &path).bearer_auth(token)).await
    };
    let (mine, theirs) = (id("admin").await, id("sr00001").await);
    assert_eq!(reset(&rep.access, mine).await.0, 403);
    let (status_of_mine, problem) = reset(&admin.access, mine).await;
    assert_eq!((status_of_mine, text(&problem, "code")), (409, "yourself"));
    let waits = challenge(server, "sr00001", "").await;
    for _ in 0..2 {
        assert_eq!(reset(&admin.access, theirs).await.0, 204);
    }
    assert_eq!(status(server, &rep.access, "/auth/me").await, 401, "a lost phone is logged out");
    let void = answer(server, &waits, &totp(&rep.secret, 1), "").await;
    assert_eq!(void, Err("invalid-mfa-token".into()));
    let again = server.token("default", "sr00001").await;
    assert_eq!(status(server, &again, "/auth/me").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_requires_it_of_administrators_lets_them_do_nothing_else_before() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let other = Server::start(&app.database.app_url(), &[KEYS]);
    let require = async |token: &str, required: bool| {
        let request = server.request(Method::PATCH, "/admin/settings").bearer_auth(token);
        send(request.json(&json!({"mfaRequiredForAdmins": required}))).await
    };
    let (without, rep) = (server.token("default", "admin").await, server.token("default", "sr00001").await);
    let owner = app.database.owner().await;
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role) \
             SELECT tenant_id, 'second', 'Second', password_hash, 'admin' FROM users \
              WHERE username = 'admin' ORDER BY tenant_id LIMIT 1",
        )
        .await
        .unwrap();
    assert_eq!(require(&rep, true).await.0, 403);
    let (refused, problem) = require(&without, true).await;
    assert_eq!((refused, text(&problem, "code")), (409, "mfa-not-enabled"));
    let mine = Guarded::new(server, "second").await;
    for server in [server, &other] {
        assert_eq!(status(server, &without, "/admin/users").await, 200);
    }
    assert_eq!(require(&mine.access, true).await, (200, json!({"mfaRequiredForAdmins": true})));
    // At once here, for each change everywhere, and for reads elsewhere within 100 ms.
    let body = json!({"name": "Nowhere"});
    let request = other.request(Method::POST, "/admin/regions").bearer_auth(&without).json(&body);
    assert!([401, 403].contains(&request.send().await.unwrap().status().as_u16()));
    tokio::time::sleep(Duration::from_millis(500)).await;
    for server in [server, &other] {
        let response = server.get("/admin/users").bearer_auth(&without).send().await.unwrap();
        assert_eq!(response.status(), 403);
        assert_eq!(code(response).await, "mfa-enrollment-required");
        assert_eq!(status(server, &rep, "/retailers").await, 200, "nothing is asked of representatives");
        assert_eq!(status(server, &mine.access, "/admin/users").await, 200);
    }
    let (_, first) = send(server.log_in_request(&json!({"username": "admin", "password": PASSWORD}))).await;
    assert_eq!(first["user"]["mustEnrollMfa"], true);
    let enrolled = Guarded::new(server, "admin").await;
    assert_eq!(status(server, &enrolled.access, "/admin/users").await, 200);
    // Who wants another app shows both factors, and may then do nothing but set it up.
    let body = json!({"password": PASSWORD, "code": enrolled.recovery[0]});
    let (done, off) = post(server, &enrolled.access, "/auth/mfa/disable", body).await;
    assert_eq!((done, &off["user"]["mustEnrollMfa"]), (200, &json!(true)), "{off}");
    assert_eq!(status(server, text(&off, "accessToken"), "/admin/users").await, 403);
    // Another company is not concerned.
    let theirs = server.token("other", "admin").await;
    assert_eq!(status(server, &theirs, "/admin/users").await, 200);
    assert_eq!(require(&mine.access, false).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_codes_waits_and_who_is_on_their_own_device_does_not() {
    let redis = redis_url();
    let app = App::with(&[KEYS, ("HAAT_LOGIN_FAILURES", "3"), ("REDIS_URL", &redis)]).await;
    let server = &app.server;
    // Somebody who has the password logs in here and there before there is a second factor.
    for device in ["elsewhere", "elsewhere-2"] {
        let body = json!({"username": "admin", "password": PASSWORD});
        let request = server.log_in_request(&body).header("x-device-id", device);
        assert_eq!(send(request).await.0, 200);
    }
    let mine = Guarded::new(server, "admin").await;
    let token = challenge(server, "admin", "my-desk").await;
    assert!(answer(server, &token, &mine.recovery[0], "my-desk").await.is_ok());
    let stranger = challenge(server, "admin", "elsewhere").await;
    let all = join_all((0..20).map(|_| answer(server, &stranger, "000000", "elsewhere"))).await;
    let wrong = all.iter().filter(|answer| **answer == Err("wrong-mfa-code".into())).count();
    assert_eq!(wrong, 3, "{all:?}");
    let wait = Err("too-many-failed-logins".to_owned());
    let code = totp(&mine.secret, 1);
    assert_eq!(answer(server, &stranger, &code, "elsewhere").await, wait);
    // Another login of the same stranger is no other try, nor does the name of another device help.
    let again = challenge(server, "admin", "elsewhere-2").await;
    assert_eq!(answer(server, &again, &code, "my-desk").await, wait);
    let own = challenge(server, "admin", "my-desk").await;
    assert!(answer(server, &own, &code, "my-desk").await.is_ok());
    // Nobody uses up the recovery codes of somebody who has no device of theirs at hand.
    for _ in 0..4 {
        answer(server, &again, &"x".repeat(24), "elsewhere-2").await.unwrap_err();
    }
    let new_phone = challenge(server, "admin", "a-new-phone").await;
    assert!(answer(server, &new_phone, &mine.recovery[1], "a-new-phone").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn seeds_are_sealed_and_a_key_takes_over_from_another() {
    let app = App::with(&[KEYS]).await;
    let mine = Guarded::new(&app.server, "admin").await;
    let owner = app.database.owner().await;
    let sealed = async || -> String {
        owner.query_one("SELECT sealed_seed FROM second_factors", &[]).await.unwrap().get(0)
    };
    let before = sealed().await;
    assert!(before.starts_with("first:") && !before.contains(&mine.secret));
    let both = format!("second=another-key-of-the-tests-0123456789abcdef {}", KEYS.1);
    let next = Server::start(&app.database.app_url(), &[("HAAT_MFA_KEYS", &both)]);
    let token = challenge(&next, "admin", "").await;
    assert!(answer(&next, &token, &totp(&mine.secret, 1), "").await.is_ok());
    assert!(sealed().await.starts_with("second:"), "sealed anew when it was used");
    // Without any key nobody begins, and recovery codes still let in who has one.
    let without = Server::start(&app.database.app_url(), &[]);
    let rep = without.token("default", "sr00001").await;
    let (status, problem) = post(&without, &rep, "/auth/mfa/enroll", json!({"password": PASSWORD})).await;
    assert_eq!((status, text(&problem, "code")), (409, "mfa-not-configured"));
    let token = challenge(&without, "admin", "").await;
    let app = answer(&without, &token, &totp(&mine.secret, 1), "").await;
    assert_eq!(app, Err("mfa-not-configured".into()));
    assert!(answer(&without, &token, &mine.recovery[0], "").await.is_ok());
}
