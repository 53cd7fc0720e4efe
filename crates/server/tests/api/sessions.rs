//! Logging in, going on, and being logged out.

use std::time::Duration;

use futures_util::future::join_all;
use haat_test_support::PASSWORD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{App, Server, code};

/// A phone that is logged in.
struct Phone {
    access: String,
    refresh: String,
}

impl Phone {
    async fn log_in(server: &Server, username: &str, device: &str) -> Self {
        let body = json!({"username": username, "password": PASSWORD});
        let response = server.log_in_request(&body).header("x-device-id", device).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self::of(&response.json().await.unwrap())
    }

    fn of(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self { access: text("accessToken"), refresh: text("refreshToken") }
    }

    /// What a read is answered.
    async fn read(&self, server: &Server) -> u16 {
        server.get("/retailers").bearer_auth(&self.access).send().await.unwrap().status().as_u16()
    }
}

/// The session after an exchange, or the code of the refusal.
async fn refresh(server: &Server, token: &str) -> Result<Phone, String> {
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
async fn a_session_goes_on_and_a_lost_answer_logs_nobody_out() {
    let app = App::new().await;
    let first = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let lost = refresh(&app.server, &first.refresh).await.unwrap();
    let again = refresh(&app.server, &first.refresh).await.unwrap();
    assert_eq!(lost.refresh, again.refresh, "the same exchange gives the same token");
    assert_ne!(first.refresh, again.refresh);
    for phone in [&first, &lost, &again] {
        assert_eq!(phone.read(&app.server).await, 200);
    }
    // Many tabs of one client at once.
    let together = join_all((0..20).map(|_| refresh(&app.server, &again.refresh))).await;
    let mut tokens: Vec<String> = together.into_iter().map(|phone| phone.unwrap().refresh).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert!(refresh(&app.server, &tokens[0]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_token_ends_the_session_for_everybody_who_has_it() {
    let app = App::new().await;
    let stolen = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let other = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    let second = refresh(&app.server, &stolen.refresh).await.unwrap();
    let third = refresh(&app.server, &second.refresh).await.unwrap();
    assert_eq!(refresh(&app.server, &stolen.refresh).await.err().unwrap(), "ended-session");
    for phone in [&stolen, &second, &third] {
        assert_eq!(phone.read(&app.server).await, 401);
        assert_eq!(refresh(&app.server, &phone.refresh).await.err().unwrap(), "ended-session");
    }
    assert_eq!(other.read(&app.server).await, 200, "the other phone is not concerned");
    assert!(refresh(&app.server, &other.refresh).await.is_ok());
    let owner = app.database.owner().await;
    let told = "SELECT count(*) FROM audit_logs WHERE action = 'session.end-stolen'";
    assert_eq!(owner.query_one(told, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_refresh_token_ends_nothing() {
    let app = App::new().await;
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    // The session's id alone, which is no secret, with a key that somebody made up.
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
    assert_eq!(phone.read(&app.server).await, 200);
    assert!(refresh(&app.server, &phone.refresh).await.is_ok());
    // Whoever knows what only its tokens have in common has had one.
    assert_eq!(refresh(&app.server, &forged).await.err().unwrap(), "ended-session");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_logs_out_is_out_at_once_and_elsewhere_within_a_moment() {
    let app = App::new().await;
    let other = Server::start(&app.database.app_url(), &[]);
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let kept = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    for server in [&app.server, &other] {
        assert_eq!(phone.read(server).await, 200);
        assert_eq!(kept.read(server).await, 200);
    }
    let log_out = async || {
        app.server.request(Method::POST, "/auth/logout").bearer_auth(&phone.access).send().await.unwrap()
    };
    assert_eq!(log_out().await.status(), 204);
    assert_eq!(phone.read(&app.server).await, 401);
    assert_eq!(code(log_out().await).await, "ended-token");
    assert_eq!(refresh(&other, &phone.refresh).await.err().unwrap(), "ended-session");
    // A write looks in its own statement, whatever a process remembers.
    let shop = &app.fixture.ours.shops[0].uid;
    let patch = other.request(Method::PATCH, &format!("/retailers/{shop}")).bearer_auth(&phone.access);
    assert_eq!(patch.json(&json!({"points": 9})).send().await.unwrap().status(), 401);
    // Promised within 100 ms.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(phone.read(&other).await, 401);
    assert_eq!((kept.read(&app.server).await, kept.read(&other).await), (200, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_sees_and_ends_their_own_sessions_and_nobody_elses() {
    let app = App::new().await;
    let here = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let there = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    let theirs = Phone::log_in(&app.server, "sr00002", "phone-3").await;
    let list = async |phone: &Phone| {
        let response = app.server.get("/auth/sessions").bearer_auth(&phone.access).send().await.unwrap();
        let list: Value = response.json().await.unwrap();
        list["data"].as_array().unwrap().clone()
    };
    let seen = list(&here).await;
    let devices: Vec<_> = seen.iter().map(|session| (&session["deviceId"], &session["current"])).collect();
    assert_eq!(devices, [(&json!("phone-2"), &json!(false)), (&json!("phone-1"), &json!(true))]);
    let end = async |phone: &Phone, id: &Value| {
        let path = format!("/auth/sessions/{}", id.as_str().unwrap());
        let request = app.server.request(Method::DELETE, &path).bearer_auth(&phone.access);
        request.send().await.unwrap().status()
    };
    assert_eq!(end(&theirs, &seen[0]["id"]).await, StatusCode::NOT_FOUND);
    assert_eq!(end(&here, &json!("nobody")).await, StatusCode::NOT_FOUND);
    assert_eq!(there.read(&app.server).await, 200);
    assert_eq!(end(&here, &seen[0]["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(end(&here, &seen[0]["id"]).await, StatusCode::NOT_FOUND, "it is over");
    assert_eq!(there.read(&app.server).await, 401);
    assert_eq!(list(&here).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions() {
    let app = App::new().await;
    let here = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let there = Phone::log_in(&app.server, "sr00001", "phone-2").await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "a much better one"});
    let request = app.server.request(Method::POST, "/auth/change-password").bearer_auth(&here.access);
    let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer.get("refreshToken"), None, "the one they have is still good");
    let now = Phone { access: answer["accessToken"].as_str().unwrap().into(), refresh: here.refresh.clone() };
    assert_eq!(now.read(&app.server).await, 200);
    assert!(refresh(&app.server, &now.refresh).await.is_ok());
    for phone in [&here, &there] {
        assert_eq!(phone.read(&app.server).await, 401);
    }
    assert_eq!(refresh(&app.server, &there.refresh).await.err().unwrap(), "ended-session");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_ends_sessions() {
    for (method, what) in
        [(Method::DELETE, "sessions"), (Method::POST, "reset-password"), (Method::DELETE, "")]
    {
        let app = App::new().await;
        let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
        let id = app.fixture.ours.rep.id;
        let path = if what.is_empty() {
            format!("/admin/sales-reps/{id}")
        } else {
            format!("/admin/users/{id}/{what}")
        };
        assert_eq!(phone.read(&app.server).await, 200);
        let by_rep = app.send_as("sr00002", method.clone(), &path, &Value::Null).await;
        assert_eq!(by_rep.status(), 403);
        assert!(app.send_as("admin", method, &path, &Value::Null).await.status().is_success(), "{path}");
        assert_eq!(phone.read(&app.server).await, 401, "{path}");
        assert_eq!(refresh(&app.server, &phone.refresh).await.err().unwrap(), "ended-session", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_keeps_no_token_and_the_log_who_came() {
    let app = App::new().await;
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let next = refresh(&app.server, &phone.refresh).await.unwrap();
    let wrong = json!({"username": "sr00001", "password": "my wrong password"});
    assert_eq!(app.server.log_in_request(&wrong).send().await.unwrap().status(), 401);
    let owner = app.database.owner().await;
    let kept = owner.query_one("SELECT string_agg(s::text, '') FROM sessions AS s", &[]).await.unwrap();
    let kept: String = kept.get(0);
    for token in [&phone.refresh, &next.refresh] {
        use base64::Engine as _;
        let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(&token[4..]).unwrap();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        assert!(!kept.contains(&hex(&bytes[24..40])) && !kept.contains(&hex(&bytes[40..])), "{kept}");
    }
    let told = owner
        .query(
            "SELECT action, actor_id, after::text FROM audit_logs WHERE entity = 'session' ORDER BY at, id",
            &[],
        )
        .await
        .unwrap();
    let actions: Vec<String> = told.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["session.log-in", "session.log-in-failed"]);
    for row in &told {
        // Who fails is nobody yet.
        let actor = (row.get::<_, &str>(0) == "session.log-in").then_some(app.fixture.ours.rep.id);
        assert_eq!(row.get::<_, Option<i64>>(1), actor);
        let after: String = row.get(2);
        assert!(after.contains("127.0.0.1") && !after.contains("wrong password"), "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_company_goes_on_with_nothing() {
    let app = App::new().await;
    let phone = Phone::log_in(&app.server, "sr00001", "phone-1").await;
    let owner = app.database.owner().await;
    owner.batch_execute("UPDATE tenants SET state = 'closed' WHERE slug = 'default'").await.unwrap();
    assert_eq!(refresh(&app.server, &phone.refresh).await.err().unwrap(), "invalid-refresh-token");
    owner.batch_execute("UPDATE tenants SET state = 'active' WHERE slug = 'default'").await.unwrap();
    assert!(refresh(&app.server, &phone.refresh).await.is_ok(), "it was only closed");
}
