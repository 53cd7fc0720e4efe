//! Secrets must not be logged.

use haat_test_support::{PASSWORD, redis_url};
use reqwest::Method;
use serde_json::{Value, json};

use crate::mfa;
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn no_password_token_or_phone_is_logged_at_trace_level() {
    let redis = redis_url();
    let mut app = App::with(&[("HAAT_LOG", "trace"), ("REDIS_URL", &redis), mfa::KEYS]).await;
    let post = async |path: &str, token: &str, body: Value| -> Value {
        let request = app.server.request(Method::POST, path).bearer_auth(token).json(&body);
        request.send().await.unwrap().json().await.unwrap_or_default()
    };
    let by_phone = json!({"phone": "01811-000001", "password": PASSWORD});
    let first = post("/auth/login", "", by_phone).await;
    let (access, refresh) = (first["accessToken"].as_str().unwrap(), first["refreshToken"].as_str().unwrap());
    let second = post("/auth/refresh", "", json!({"refreshToken": refresh})).await;
    post("/auth/refresh", "", json!({"refreshToken": "hrt_madeup"})).await;
    post("/auth/login", "", json!({"identifier": "+8801811000002", "password": "Wrong@98765"})).await;
    // A password typed in place of the username, a common mistake.
    post("/auth/login", "", json!({"username": "Slip@98765", "password": "sr00001"})).await;
    for path in
        ["/retailers?q=01711223301", "/retailers/RTL-0001", "/auth/me", "/retailers?phone=01711223301"]
    {
        app.server.get(path).bearer_auth(access).send().await.unwrap();
    }
    let admin = app.server.token("default", "admin").await;
    let rep =
        json!({"username": "karim", "name": "Karim", "phone": "01911-888777", "email": "karim@example.com"});
    let created = post("/admin/sales-reps", &admin, rep.clone()).await;
    let one_time_password = created["oneTimePassword"].as_str().unwrap();
    post("/admin/sales-reps", &admin, rep).await;
    post("/auth/change-password", access, json!({"currentPassword": PASSWORD, "newPassword": "Newer@98765"}))
        .await;
    let file = "uid,name,territory_id,phone\nL-1,Lal,1,01611-777666\nL-2,Lal,1,1.71E+09\n";
    let request = app.server.request(Method::POST, "/admin/retailers/import").bearer_auth(&admin);
    request.header("content-type", "text/csv").body(file).send().await.unwrap();
    let seed = post("/auth/mfa/enroll", &admin, json!({"password": PASSWORD})).await;
    let secret = seed["secret"].as_str().unwrap();
    let code = mfa::totp(secret, 0);
    let enrolled = post("/auth/mfa/verify", &admin, json!({"code": code})).await;
    let recovery = enrolled["recoveryCodes"][0].as_str().unwrap();
    let pending = post("/auth/login", "", json!({"username": "admin", "password": PASSWORD})).await;
    let mfa_token = pending["mfaToken"].as_str().unwrap();
    post("/auth/mfa/challenge", "", json!({"mfaToken": mfa_token, "code": recovery})).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    app.server.signal("TERM");
    let (_, log) = app.server.wait();
    assert!(log.contains("TRACE") && log.contains("/auth/login"), "the log is there");
    let signature = access.rsplit('.').next().unwrap();
    let next = second["refreshToken"].as_str().unwrap();
    let secrets = [
        PASSWORD,
        "Wrong@98765",
        "Slip@98765",
        "Newer@98765",
        one_time_password,
        signature,
        refresh,
        next,
        "hrt_",
        secret,
        recovery,
        mfa_token.rsplit('.').next().unwrap(),
        "$2b$",
    ];
    let phones =
        ["1811000001", "1811000002", "1711223301", "1911888777", "1911-888777", "1611777666", "1611-777666"];
    for secret in secrets.into_iter().chain(phones) {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}
