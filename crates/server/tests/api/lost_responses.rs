//! Requests of the authentication that a client repeats because it has lost the response.

use haat_test_support::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::mfa::{EnrolledUser, KEYS, challenge, post, send, text, totp};
use crate::sessions::{Phone, refresh};
use crate::support::{App, Server};

/// The number of audit entries of this action.
async fn audited(app: &App, action: &str) -> i64 {
    let count = "SELECT count(*) FROM audit_logs WHERE action = $1";
    app.database.owner().await.query_one(count, &[&action]).await.unwrap().get(0)
}

/// Moves all sessions into the past, as if this number of seconds had passed since their last use.
async fn age_sessions(app: &App, seconds: i64) {
    let update = "UPDATE sessions SET last_used_at = last_used_at - make_interval(secs => $1)";
    #[expect(clippy::cast_precision_loss, reason = "a few minutes")]
    app.database.owner().await.execute(update, &[&(seconds as f64)]).await.unwrap();
}

fn new_password(new: &str) -> Value {
    json!({"currentPassword": PASSWORD, "newPassword": new})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_change_returns_the_same_refresh_token_again() {
    let app = App::new().await;
    let server = &app.server;
    let phone = Phone::log_in(server, "sr00001", "phone-1").await;
    let change =
        async |token: &str, new: &str| post(server, token, "/auth/change-password", new_password(new)).await;
    let (_, lost) = change(&phone.access, "a much better one").await;
    let (status, again) = change(&phone.access, "a much better one").await;
    assert_eq!((status, text(&again, "refreshToken")), (200, text(&lost, "refreshToken")), "{again}");
    assert_eq!(Phone::of(&again).read_status(server).await, 200);
    let (status, other) = change(&phone.access, "another password").await;
    assert_eq!((status, text(&other, "code")), (401, "token-revoked"), "{other}");
    assert_eq!(phone.read_status(server).await, 401, "the old token repeats this request only");
    assert_eq!(audited(&app, "user.change-password").await, 1);
    // Once the new refresh token has been used, the response has arrived.
    let next = refresh(server, text(&again, "refreshToken")).await.unwrap();
    let (status, late) = change(&phone.access, "a much better one").await;
    assert_eq!((status, text(&late, "code")), (401, "token-revoked"));
    assert_eq!(refresh(server, &phone.refresh).await.err().unwrap(), "session-ended", "a stolen token");
    assert_eq!(next.read_status(server).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_repeat_the_password_change_can_refresh() {
    let app = App::new().await;
    let server = &app.server;
    let phone = Phone::log_in(server, "sr00001", "phone-1").await;
    let body = new_password("a much better one");
    let (_, lost) = post(server, &phone.access, "/auth/change-password", body).await;
    let next = refresh(server, &phone.refresh).await.unwrap();
    assert_eq!(refresh(server, &phone.refresh).await.unwrap().refresh, next.refresh);
    let next = refresh(server, &next.refresh).await.unwrap();
    assert_eq!(next.read_status(server).await, 200);
    let other_holder = refresh(server, text(&lost, "refreshToken")).await;
    assert_eq!(other_holder.err().unwrap(), "session-ended", "two parties hold the tokens");
    assert_eq!(next.read_status(server).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cannot_be_repeated_later() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let phone = Phone::log_in(server, "sr00001", "phone-1").await;
    let body = new_password("a much better one");
    let change = async || post(server, &phone.access, "/auth/change-password", body.clone()).await;
    assert_eq!(change().await.0, 200);
    let mine = EnrolledUser::new(server, "admin").await;
    let token = challenge(server, "admin", "desk").await;
    let code = totp(&mine.secret, 1);
    assert_eq!(answer(server, &token, &code, "desk").await.0, 200);
    age_sessions(&app, 121).await;
    let (status, problem) = change().await;
    assert_eq!((status, text(&problem, "code")), (401, "token-revoked"));
    let (status, problem) = answer(server, &token, &code, "desk").await;
    assert_eq!((status, text(&problem, "code")), (401, "wrong-mfa-code"));
}

/// Answers a challenge from a device.
async fn answer(server: &Server, token: &str, code: &str, device: &str) -> (u16, Value) {
    let request = server.request(Method::POST, "/auth/mfa/challenge").header("x-device-id", device);
    send(request.json(&json!({"mfaToken": token, "code": code}))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_can_be_answered_again_with_the_same_code_on_the_same_device() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let mine = EnrolledUser::new(server, "admin").await;
    let logins = audited(&app, "session.log-in").await;
    let codes = [totp(&mine.secret, 1), mine.recovery[0].clone()];
    for (number, code) in (1..).zip(&codes) {
        let token = challenge(server, "admin", "desk").await;
        let (_, lost) = answer(server, &token, code, "desk").await;
        let (status, again) = answer(server, &token, code, "desk").await;
        assert_eq!((status, text(&again, "refreshToken")), (200, text(&lost, "refreshToken")), "{again}");
        let wrong = json!("wrong-mfa-code");
        let other_challenge = challenge(server, "admin", "desk").await;
        for (token, device) in [(&other_challenge, "desk"), (&token, "another"), (&token, "")] {
            let (status, problem) = answer(server, token, code, device).await;
            assert_eq!((status, &problem["code"]), (401, &wrong), "{code} {device}");
        }
        assert_eq!(audited(&app, "session.log-in").await, logins + number);
        refresh(server, text(&again, "refreshToken")).await.unwrap();
        let (status, problem) = answer(server, &token, code, "desk").await;
        assert_eq!((status, &problem["code"]), (401, &wrong), "the response has arrived");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_shown_again_after_a_lost_response() {
    let app = App::with(&[KEYS]).await;
    let server = &app.server;
    let phone = Phone::log_in(server, "sr00001", "phone-1").await;
    let password = json!({"password": PASSWORD});
    let (_, seed) = post(server, &phone.access, "/auth/mfa/enroll", password).await;
    let secret = text(&seed, "secret");
    let body = json!({"code": totp(secret, 0)});
    let (_, lost) = post(server, &phone.access, "/auth/mfa/verify", body.clone()).await;
    let (status, again) = post(server, &phone.access, "/auth/mfa/verify", body).await;
    assert_eq!((status, text(&again, "refreshToken")), (200, text(&lost, "refreshToken")), "{again}");
    let body = json!({"code": totp(secret, 1)});
    let (status, problem) = post(server, &phone.access, "/auth/mfa/verify", body).await;
    assert_eq!((status, text(&problem, "code")), (401, "token-revoked"), "another code is no repetition");
    assert_eq!(audited(&app, "user.enable-mfa").await, 1);
    assert_eq!(audited(&app, "user.renew-recovery-codes").await, 1);
    let token = challenge(server, "sr00001", "phone-2").await;
    let first = |body: &Value| body["recoveryCodes"][0].as_str().unwrap().to_owned();
    assert_eq!(answer(server, &token, &first(&lost), "phone-2").await.0, 401, "replaced");
    assert_eq!(answer(server, &token, &first(&again), "phone-2").await.0, 200);
    // Disabling it can be repeated too.
    let access = text(&again, "accessToken");
    let body = json!({"password": PASSWORD, "code": again["recoveryCodes"][1]});
    let (_, lost) = post(server, access, "/auth/mfa/disable", body.clone()).await;
    let (status, again) = post(server, access, "/auth/mfa/disable", body).await;
    assert_eq!((status, text(&again, "refreshToken")), (200, text(&lost, "refreshToken")), "{again}");
    assert_eq!(audited(&app, "user.disable-mfa").await, 1);
}
