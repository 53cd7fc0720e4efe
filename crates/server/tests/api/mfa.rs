//! The second factor: enrollment, login, recovery, reset, and the requirement for admins.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use haat_test_support::{PASSWORD, redis_url};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::support::{App, Server, code};

pub(crate) const KEYS: (&str, &str) = ("HAAT_MFA_KEYS", "first=a-key-of-the-tests-0123456789abcdef");

/// The code of an authenticator app, `steps` periods of 30 seconds from now. The server also accepts the next
/// period, so tests need not wait.
pub(crate) fn totp(secret: &str, steps: u64) -> String {
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).with_account_name("x");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    app.build().unwrap().generate(now + 30 * steps).to_string()
}

pub(crate) async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

pub(crate) async fn post(server: &Server, token: &str, path: &str, body: Value) -> (u16, Value) {
    send(server.request(Method::POST, path).bearer_auth(token).json(&body)).await
}

pub(crate) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("{name} of {body}"))
}

/// A user with a second factor.
pub(crate) struct EnrolledUser {
    pub(crate) access: String,
    refresh: String,
    pub(crate) secret: String,
    /// The code that completed the enrollment.
    first_code: String,
    pub(crate) recovery: Vec<String>,
}

impl EnrolledUser {
    /// Logs in and enrolls with the current code.
    pub(crate) async fn new(server: &Server, username: &str) -> Self {
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

/// The first step of a login, up to the MFA token.
pub(crate) async fn challenge(server: &Server, username: &str, device: &str) -> String {
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

/// The second step: returns an access token or a problem code.
async fn submit_code(server: &Server, token: &str, code: &str, device: &str) -> Result<String, String> {
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
async fn login_requires_both_factors_and_accepts_each_code_once() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let mine = EnrolledUser::new(server, "admin").await;
    assert_eq!(status(server, &mine.access, "/admin/users").await, 200);
    let token = challenge(server, "admin", "desk").await;
    // Neither token is valid in place of the other.
    assert_eq!(status(server, &token, "/auth/me").await, 401);
    assert_eq!(
        submit_code(server, &mine.access, &totp(&mine.secret, 1), "desk").await,
        Err("invalid-mfa-token".into())
    );
    for wrong in ["", "000000", "12345", &mine.first_code, &totp(&mine.secret, 40)] {
        let rejected = submit_code(server, &token, wrong, "desk").await.unwrap_err();
        let expected = if wrong.is_empty() { "invalid-fields" } else { "wrong-mfa-code" };
        assert_eq!(rejected, expected, "{wrong}; the code of the enrollment was used before");
    }
    let code = totp(&mine.secret, 1);
    let all = join_all((0..4).map(|_| submit_code(server, &token, &code, "desk"))).await;
    for token in &all {
        assert_eq!(status(server, token.as_ref().unwrap(), "/admin/users").await, 200);
    }
    let again = challenge(server, "admin", "desk").await;
    assert_eq!(submit_code(server, &again, &code, "desk").await, Err("wrong-mfa-code".into()));
    let actions = "SELECT string_agg(action || ' ' || coalesce(after ->> 'secondFactor', '') || ' ' || \
                (actor_id IS NOT NULL), ',' ORDER BY occurred_at, id) FROM audit_logs WHERE action LIKE 'session.%'";
    let actions: String = app.database.owner().await.query_one(actions, &[]).await.unwrap().get(0);
    assert!(
        actions.starts_with(
            "session.log-in  true,session.challenge  false,session.log-in-failed incorrect false"
        )
    );
    assert_eq!(actions.matches("session.log-in totp true").count(), 1, "{actions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn enrollment_ends_sessions_opened_with_the_password_alone() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let thief = server.token("default", "admin").await;
    let mine = EnrolledUser::new(server, "admin").await;
    assert_eq!(status(server, &thief, "/auth/me").await, 401);
    let (refreshed, body) = post(server, "", "/auth/refresh", json!({"refreshToken": mine.refresh})).await;
    assert_eq!(refreshed, 200, "the session of the enrollment continues: {body}");
    assert_eq!(body["user"]["mfaEnabled"], true);
    let (status, problem) =
        post(server, &mine.access, "/auth/mfa/enroll", json!({"password": PASSWORD})).await;
    assert_eq!((status, text(&problem, "code")), (409, "mfa-enabled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_work_once_and_disabling_requires_both_factors() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let mine = EnrolledUser::new(server, "sr00001").await;
    assert_eq!(mine.recovery.len(), 10);
    let token = challenge(server, "sr00001", "").await;
    let typed = mine.recovery[0].replace('-', " ").to_uppercase();
    assert!(submit_code(server, &token, &typed, "").await.is_ok());
    let again = challenge(server, "sr00001", "").await;
    assert_eq!(submit_code(server, &again, &typed, "").await, Err("wrong-mfa-code".into()));
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
    let remaining = "SELECT (SELECT count(*) FROM second_factors) + (SELECT count(*) FROM recovery_codes)";
    assert_eq!(app.database.owner().await.query_one(remaining, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_can_reset_the_second_factor_of_others_but_not_their_own() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let rep = EnrolledUser::new(server, "sr00001").await;
    let admin = EnrolledUser::new(server, "admin").await;
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
    assert_eq!((status_of_mine, text(&problem, "code")), (409, "cannot-target-self"));
    let pending = challenge(server, "sr00001", "").await;
    for _ in 0..2 {
        assert_eq!(reset(&admin.access, theirs).await.0, 204);
    }
    assert_eq!(status(server, &rep.access, "/auth/me").await, 401, "the sessions of the user are ended");
    let result = submit_code(server, &pending, &totp(&rep.secret, 1), "").await;
    assert_eq!(result, Err("invalid-mfa-token".into()));
    let again = server.token("default", "sr00001").await;
    assert_eq!(status(server, &again, "/auth/me").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_must_enroll_first_if_the_tenant_requires_it() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let other = Server::start(&app.database.app_url(), &[KEYS]);
    let require = async |token: &str, required: bool| {
        let request = server.request(Method::PATCH, "/admin/settings").bearer_auth(token);
        send(request.json(&json!({"mfaRequiredForAdmins": required}))).await
    };
    let (unenrolled, rep) =
        (server.token("default", "admin").await, server.token("default", "sr00001").await);
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
    let (refused, problem) = require(&unenrolled, true).await;
    assert_eq!((refused, text(&problem, "code")), (409, "mfa-not-enabled"));
    let mine = EnrolledUser::new(server, "second").await;
    for server in [server, &other] {
        assert_eq!(status(server, &unenrolled, "/admin/users").await, 200);
    }
    assert_eq!(require(&mine.access, true).await, (200, json!({"mfaRequiredForAdmins": true})));
    // Applies immediately here and to changes in all processes, and within 100 ms to reads in other processes.
    let body = json!({"name": "Nowhere"});
    let request = other.request(Method::POST, "/admin/regions").bearer_auth(&unenrolled).json(&body);
    assert!([401, 403].contains(&request.send().await.unwrap().status().as_u16()));
    tokio::time::sleep(Duration::from_millis(500)).await;
    for server in [server, &other] {
        let response = server.get("/admin/users").bearer_auth(&unenrolled).send().await.unwrap();
        assert_eq!(response.status(), 403);
        assert_eq!(code(response).await, "mfa-enrollment-required");
        assert_eq!(status(server, &rep, "/retailers").await, 200, "sales reps are not affected");
        assert_eq!(status(server, &mine.access, "/admin/users").await, 200);
    }
    let (_, first) = send(server.log_in_request(&json!({"username": "admin", "password": PASSWORD}))).await;
    assert_eq!(first["user"]["mustEnrollMfa"], true);
    let enrolled = EnrolledUser::new(server, "admin").await;
    assert_eq!(status(server, &enrolled.access, "/admin/users").await, 200);
    // To change the app, a user disables the second factor with both factors and must then enroll again.
    let body = json!({"password": PASSWORD, "code": enrolled.recovery[0]});
    let (disable_status, off) = post(server, &enrolled.access, "/auth/mfa/disable", body).await;
    assert_eq!((disable_status, &off["user"]["mustEnrollMfa"]), (200, &json!(true)), "{off}");
    assert_eq!(status(server, text(&off, "accessToken"), "/admin/users").await, 403);
    // Other tenants are not affected.
    let theirs = server.token("other", "admin").await;
    assert_eq!(status(server, &theirs, "/admin/users").await, 200);
    assert_eq!(require(&mine.access, false).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn code_guesses_are_throttled_but_known_devices_are_not_locked_out() {
    let redis = redis_url();
    let app = App::with(&[KEYS, ("HAAT_LOGIN_FAILURES", "3"), ("REDIS_URL", &redis)]).await;
    let server = &app.server;
    // An attacker with the password logs in from two devices before the user enrolls.
    for device in ["attacker-1", "attacker-2"] {
        let body = json!({"username": "admin", "password": PASSWORD});
        let request = server.log_in_request(&body).header("x-device-id", device);
        assert_eq!(send(request).await.0, 200);
    }
    let mine = EnrolledUser::new(server, "admin").await;
    let token = challenge(server, "admin", "my-desk").await;
    assert!(submit_code(server, &token, &mine.recovery[0], "my-desk").await.is_ok());
    let attacker = challenge(server, "admin", "attacker-1").await;
    let all = join_all((0..20).map(|_| submit_code(server, &attacker, "000000", "attacker-1"))).await;
    let wrong = all.iter().filter(|result| **result == Err("wrong-mfa-code".into())).count();
    assert_eq!(wrong, 3, "{all:?}");
    let throttled = Err("too-many-failed-logins".to_owned());
    let code = totp(&mine.secret, 1);
    assert_eq!(submit_code(server, &attacker, &code, "attacker-1").await, throttled);
    // Neither another login of the attacker nor the id of another device allows more attempts.
    let again = challenge(server, "admin", "attacker-2").await;
    assert_eq!(submit_code(server, &again, &code, "my-desk").await, throttled);
    let own = challenge(server, "admin", "my-desk").await;
    assert!(submit_code(server, &own, &code, "my-desk").await.is_ok());
    // Attempts of the attacker do not block recovery codes from a new device of the user.
    for _ in 0..4 {
        submit_code(server, &again, &"x".repeat(24), "attacker-2").await.unwrap_err();
    }
    let new_phone = challenge(server, "admin", "a-new-phone").await;
    assert!(submit_code(server, &new_phone, &mine.recovery[1], "a-new-phone").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn seeds_are_sealed_and_resealed_after_a_key_rotation() {
    let app = App::with(&[KEYS]).await;
    let mine = EnrolledUser::new(&app.server, "admin").await;
    let owner = app.database.owner().await;
    let sealed = async || -> String {
        owner.query_one("SELECT sealed_seed FROM second_factors", &[]).await.unwrap().get(0)
    };
    let before = sealed().await;
    assert!(before.starts_with("first:") && !before.contains(&mine.secret));
    let both = format!("second=another-key-of-the-tests-0123456789abcdef {}", KEYS.1);
    let next = Server::start(&app.database.app_url(), &[("HAAT_MFA_KEYS", &both)]);
    let token = challenge(&next, "admin", "").await;
    assert!(submit_code(&next, &token, &totp(&mine.secret, 1), "").await.is_ok());
    assert!(sealed().await.starts_with("second:"), "resealed with the new key on use");
    // Without a key, enrollment is unavailable, but recovery codes still work.
    let without_key = Server::start(&app.database.app_url(), &[]);
    let rep = without_key.token("default", "sr00001").await;
    let (status, problem) = post(&without_key, &rep, "/auth/mfa/enroll", json!({"password": PASSWORD})).await;
    assert_eq!((status, text(&problem, "code")), (409, "mfa-not-configured"));
    let token = challenge(&without_key, "admin", "").await;
    let result = submit_code(&without_key, &token, &totp(&mine.secret, 1), "").await;
    assert_eq!(result, Err("mfa-not-configured".into()));
    assert!(submit_code(&without_key, &token, &mine.recovery[0], "").await.is_ok());
}
