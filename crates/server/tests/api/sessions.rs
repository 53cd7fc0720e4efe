//! Login, refresh, logout, and the list of sessions.

use std::time::Duration;

use futures_util::future::join_all;
use haat_test_support::PASSWORD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{App, Server, code};

/// A phone with the tokens of a session.
pub(crate) struct Phone {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Phone {
    pub(crate) async fn log_in(server: &Server, username: &str, device: &str) -> Self {
        let body = json!({"username": username, "password": PASSWORD});
        let response = server.log_in_request(&body).header("x-device-id", device).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self::of(&response.json().await.unwrap())
    }

    pub(crate) fn of(body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { access: text("accessToken"), refresh: text("refreshToken") }
    }

    /// The status of a read.
    pub(crate) async fn read_status(&self, server: &Server) -> u16 {
        server.get("/retailers").bearer_auth(&self.access).send().await.unwrap().status().as_u16()
    }
}

/// Refreshes and returns the new tokens or the problem code.
pub(crate) async fn refresh(server: &Server, token: &str) -> Result<Phone, String> {
    let body = json!({"refreshToken": token});
    let response = server.request(Method::POST, "/auth/refresh").json(&body).send().await.unwrap();
    if response.status() == 200 {
        assert_eq!(response.headers()["cache-control"], "no-store");
        Ok(Phone::of(&response.json().await.unwrap()))
    } else {
        assert_eq!(response.status(), 401);
        Err(code(response).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_can_be_repeated_after_a_lost_response() {
    let app = App::new().await;
    let first = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let lost = refresh(&app.server, &first.refresh).await.unwrap();
    let again = refresh(&app.server, &first.refresh).await.unwrap();
    assert_eq!(lost.refresh, again.refresh, "the same refresh returns the same token");
    assert_ne!(first.refresh, again.refresh);
    for phone in [&first, &lost, &again] {
        assert_eq!(phone.read_status(&app.server).await, 200);
    }
    // Concurrent refreshes, for example of several browser tabs.
    let together = join_all((0..20).map(|_| refresh(&app.server, &again.refresh))).await;
    let mut tokens: Vec<String> = together.into_iter().map(|phone| phone.unwrap().refresh).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert!(refresh(&app.server, &tokens[0]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn reuse_of_an_old_refresh_token_ends_the_session() {
    let app = App::new().await;
    let stolen = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let other = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    let second = refresh(&app.server, &stolen.refresh).await.unwrap();
    let third = refresh(&app.server, &second.refresh).await.unwrap();
    assert_eq!(refresh(&app.server, &stolen.refresh).await.err().unwrap(), "session-ended");
    for phone in [&stolen, &second, &third] {
        assert_eq!(phone.read_status(&app.server).await, 401);
        assert_eq!(refresh(&app.server, &phone.refresh).await.err().unwrap(), "session-ended");
    }
    assert_eq!(other.read_status(&app.server).await, 200, "the other session is not affected");
    assert!(refresh(&app.server, &other.refresh).await.is_ok());
    let owner = app.database.owner().await;
    let entries = "SELECT count(*) FROM audit_logs WHERE action = 'session.end-stolen'";
    assert_eq!(owner.query_one(entries, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_refresh_tokens_end_no_session() {
    let app = App::new().await;
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    // Tokens with the id of the session, which is not secret, and forged secrets.
    let mut forged = phone.refresh.clone();
    forged.replace_range(60..64, if &forged[60..64] == "AAAA" { "BBBB" } else { "AAAA" });
    let mut guessed = phone.refresh.clone();
    guessed.replace_range(40..44, if &guessed[40..44] == "AAAA" { "BBBB" } else { "AAAA" });
    for token in ["", "x", "hrt_", &phone.access, &guessed] {
        let body = json!({"refreshToken": token});
        let response = app.server.request(Method::POST, "/auth/refresh").json(&body).send().await.unwrap();
        let expected = if token.is_empty() { "invalid-fields" } else { "invalid-refresh-token" };
        assert_eq!(code(response).await, expected);
    }
    assert_eq!(phone.read_status(&app.server).await, 200);
    assert!(refresh(&app.server, &phone.refresh).await.is_ok());
    // A token with the secret that all tokens of the session share can only come from a real token.
    assert_eq!(refresh(&app.server, &forged).await.err().unwrap(), "session-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_the_earlier_session_on_the_same_device() {
    let app = App::new().await;
    let device = "x".repeat(1_000);
    let old = Phone::log_in(&app.server, "sr00001", &device).await;
    let colleague = Phone::log_in(&app.server, "sr00002", &device).await;
    let tablet = Phone::log_in(&app.server, "sr00001", "tablet").await;
    let unnamed = Phone::log_in(&app.server, "sr00001", "").await;
    let wrong = json!({"username": "sr00001", "password": "wrong"});
    app.server.log_in_request(&wrong).header("x-device-id", &device).send().await.unwrap();
    assert_eq!(old.read_status(&app.server).await, 200, "a failed login ends no session");
    let new = Phone::log_in(&app.server, "sr00001", &device).await;
    assert_eq!(old.read_status(&app.server).await, 401);
    assert_eq!(refresh(&app.server, &old.refresh).await.err().unwrap(), "session-ended");
    for phone in [&new, &colleague, &tablet, &unnamed] {
        assert_eq!(phone.read_status(&app.server).await, 200);
    }
    let ended = "SELECT count(*) FROM audit_logs WHERE action = 'session.end'";
    assert_eq!(app.database.owner().await.query_one(ended, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_needs_only_the_refresh_token() {
    let app = App::with(&[("HAAT_ACCESS_TOKEN_SECONDS", "1")]).await;
    let log_out = async |body: Value, access: Option<&str>| {
        let request = app.server.request(Method::POST, "/auth/logout").json(&body);
        let request = access.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let response = request.send().await.unwrap();
        if response.status() == 204 { String::new() } else { code(response).await }
    };
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let lost = refresh(&app.server, &phone.refresh).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(log_out(json!({}), Some(&phone.access)).await, "expired-token");
    assert_eq!(log_out(json!({}), None).await, "missing-token");
    for token in ["x", &phone.access, ""] {
        assert_eq!(log_out(json!({"refreshToken": token}), None).await, "invalid-refresh-token", "{token}");
    }
    // A client that has lost the response to its last refresh has an older token.
    assert_eq!(log_out(json!({"refreshToken": phone.refresh}), Some(&phone.access)).await, "");
    assert_eq!(
        log_out(json!({"refreshToken": lost.refresh}), None).await,
        "",
        "a repetition changes nothing"
    );
    assert_eq!(refresh(&app.server, &lost.refresh).await.err().unwrap(), "session-ended");
    let entries = "SELECT count(*) FROM audit_logs WHERE action = 'session.log-out' AND actor_id IS NOT NULL";
    assert_eq!(app.database.owner().await.query_one(entries, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_applies_immediately_and_soon_in_other_processes() {
    let app = App::new().await;
    let other = Server::start(&app.database.app_url(), &[]);
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let other_phone = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    for server in [&app.server, &other] {
        assert_eq!(phone.read_status(server).await, 200);
        assert_eq!(other_phone.read_status(server).await, 200);
    }
    let log_out = async || {
        app.server.request(Method::POST, "/auth/logout").bearer_auth(&phone.access).send().await.unwrap()
    };
    assert_eq!(log_out().await.status(), 204);
    assert_eq!(phone.read_status(&app.server).await, 401);
    assert_eq!(code(log_out().await).await, "token-revoked");
    assert_eq!(refresh(&other, &phone.refresh).await.err().unwrap(), "session-ended");
    // A change checks the session in its own statement, regardless of the cache.
    let retailer = &app.fixture.ours.retailers[0].uid;
    let patch = other.request(Method::PATCH, &format!("/retailers/{retailer}")).bearer_auth(&phone.access);
    assert_eq!(patch.json(&json!({"points": 9})).send().await.unwrap().status(), 401);
    // Guaranteed within 100 ms.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(phone.read_status(&other).await, 401);
    assert_eq!(
        (other_phone.read_status(&app.server).await, other_phone.read_status(&other).await),
        (200, 200)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_list_and_end_only_their_own_sessions() {
    let app = App::new().await;
    let here = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let there = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    let theirs = Phone::log_in(&app.server, "sr00002", "phone-3").await;
    let list = async |phone: &Phone| {
        let response = app.server.get("/auth/sessions").bearer_auth(&phone.access).send().await.unwrap();
        let list: Value = response.json().await.unwrap();
        list["data"].as_array().unwrap().clone()
    };
    let sessions = list(&here).await;
    let devices: Vec<_> =
        sessions.iter().map(|session| (&session["deviceId"], &session["current"])).collect();
    assert_eq!(devices, [(&json!("phone-2"), &json!(false)), (&json!("phone-1"), &json!(true))]);
    let end = async |phone: &Phone, id: &Value| {
        let path = format!("/auth/sessions/{}", id.as_str().unwrap());
        let request = app.server.request(Method::DELETE, &path).bearer_auth(&phone.access);
        request.send().await.unwrap().status()
    };
    assert_eq!(end(&theirs, &sessions[0]["id"]).await, StatusCode::NOT_FOUND);
    assert_eq!(end(&here, &json!("unknown")).await, StatusCode::NOT_FOUND);
    assert_eq!(there.read_status(&app.server).await, 200);
    assert_eq!(end(&here, &sessions[0]["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(end(&here, &sessions[0]["id"]).await, StatusCode::NOT_FOUND, "it has ended already");
    assert_eq!(there.read_status(&app.server).await, 401);
    assert_eq!(list(&here).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_ends_the_other_sessions() {
    let app = App::new().await;
    let here = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let there = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "a much better one"});
    let request = app.server.request(Method::POST, "/auth/change-password").bearer_auth(&here.access);
    let changed: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    let now = Phone::of(&changed);
    assert_eq!(now.read_status(&app.server).await, 200);
    assert!(refresh(&app.server, &now.refresh).await.is_ok());
    for phone in [&here, &there] {
        assert_eq!(phone.read_status(&app.server).await, 401);
    }
    assert_eq!(refresh(&app.server, &there.refresh).await.err().unwrap(), "session-ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_end_sessions_of_users() {
    for (method, action) in
        [(Method::DELETE, "sessions"), (Method::POST, "reset-password"), (Method::DELETE, "")]
    {
        let app = App::new().await;
        let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
        let id = app.fixture.ours.rep.id;
        let path = if action.is_empty() {
            format!("/admin/sales-reps/{id}")
        } else {
            format!("/admin/users/{id}/{action}")
        };
        assert_eq!(phone.read_status(&app.server).await, 200);
        let by_rep = app.send_as("sr00002", method.clone(), &path, &Value::Null).await;
        assert_eq!(by_rep.status(), 403);
        assert!(app.send_as("admin", method, &path, &Value::Null).await.status().is_success(), "{path}");
        assert_eq!(phone.read_status(&app.server).await, 401, "{path}");
        assert_eq!(refresh(&app.server, &phone.refresh).await.err().unwrap(), "session-ended", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_are_not_stored_and_logins_are_audited() {
    let app = App::new().await;
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let next = refresh(&app.server, &phone.refresh).await.unwrap();
    let wrong = json!({"username": "sr00001", "password": "my wrong password"});
    assert_eq!(app.server.log_in_request(&wrong).send().await.unwrap().status(), 401);
    let owner = app.database.owner().await;
    let stored = owner.query_one("SELECT string_agg(s::text, '') FROM sessions AS s", &[]).await.unwrap();
    let stored: String = stored.get(0);
    for token in [&phone.refresh, &next.refresh] {
        use base64::Engine as _;
        let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(&token[4..]).unwrap();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        assert!(!stored.contains(&hex(&bytes[24..40])) && !stored.contains(&hex(&bytes[40..])), "{stored}");
    }
    let entries = owner
        .query(
            "SELECT action, actor_id, after::text FROM audit_logs WHERE entity = 'session' ORDER BY occurred_at, id",
            &[],
        )
        .await
        .unwrap();
    let actions: Vec<String> = entries.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["session.log-in", "session.log-in-failed"]);
    for row in &entries {
        // A failed login has no actor.
        let actor = (row.get::<_, &str>(0) == "session.log-in").then_some(app.fixture.ours.rep.id);
        assert_eq!(row.get::<_, Option<i64>>(1), actor);
        let after: String = row.get(2);
        assert!(after.contains("127.0.0.1") && !after.contains("wrong password"), "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_a_closed_tenant_cannot_be_refreshed() {
    let app = App::new().await;
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let owner = app.database.owner().await;
    owner.batch_execute("UPDATE tenants SET state = 'closed' WHERE slug = 'default'").await.unwrap();
    assert_eq!(refresh(&app.server, &phone.refresh).await.err().unwrap(), "invalid-refresh-token");
    owner.batch_execute("UPDATE tenants SET state = 'active' WHERE slug = 'default'").await.unwrap();
    assert!(refresh(&app.server, &phone.refresh).await.is_ok(), "the session itself was not ended");
}
