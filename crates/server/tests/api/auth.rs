use std::time::Duration;

use haat_test_support::PASSWORD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{App, SECRET, claims_of, code, problem};

#[tokio::test(flavor = "multi_thread")]
async fn users_log_in_with_username_email_or_phone() {
    let app = App::new().await;
    for body in [
        json!({"username": "sr00001", "password": PASSWORD}),
        json!({"username": "SR00001", "password": PASSWORD, "tenant": "default"}),
        json!({"email": "sr00001@example.com", "password": PASSWORD}),
        json!({"phone": "০১৮১১-০০০০০১", "password": PASSWORD}),
        json!({"identifier": "+8801811000001", "password": PASSWORD}),
        json!({"identifier": "sr00001@example.com", "password": PASSWORD}),
        json!({"identifier": "sr00001", "password": PASSWORD}),
    ] {
        let response = app.server.log_in_request(&body).send().await.unwrap();
        assert_eq!(response.status(), 200, "{body}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let login: Value = response.json().await.unwrap();
        assert_eq!(login["tokenType"], "Bearer");
        assert_eq!(login["expiresIn"], 15 * 60);
        assert_eq!(login["user"]["id"], app.fixture.ours.rep.id);
        assert_eq!(login["user"]["role"], "sales_rep");
        assert!(!login.to_string().contains("$2b$"), "no hash in the response");
        assert!(login["refreshToken"].as_str().unwrap().starts_with("hrt_"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn same_username_in_two_tenants_is_two_users() {
    let app = App::new().await;
    for tenant in [&app.fixture.ours, &app.fixture.theirs] {
        let token = app.server.token(tenant.slug, tenant.rep.username).await;
        let response = app.server.get("/auth/me").bearer_auth(token).send().await.unwrap();
        let me: Value = response.json().await.unwrap();
        assert_eq!(me["id"], tenant.rep.id);
        assert_eq!(me["username"], "sr00001");
        assert_eq!(me["phone"], "+8801811000001");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failed_login_returns_the_same_problem() {
    let app = App::new().await;
    app.database
        .owner()
        .await
        .batch_execute("UPDATE users SET state = 'disabled' WHERE username = 'sr00002'")
        .await
        .unwrap();
    let mut problems = Vec::new();
    for body in [
        json!({"username": "sr00001", "password": "wrong"}),
        json!({"username": "sr00002", "password": PASSWORD}),
        json!({"username": "unknown", "password": PASSWORD}),
        json!({"username": "not a name at all", "password": PASSWORD}),
        json!({"identifier": "12345", "password": PASSWORD}),
        json!({"phone": "not a phone", "password": PASSWORD}),
        json!({"username": "sr00001", "password": PASSWORD, "tenant": "nowhere"}),
        json!({"username": "sr00001", "password": format!("{PASSWORD}\0{PASSWORD}")}),
        json!({"username": "sr00001", "password": "x".repeat(10_000)}),
    ] {
        let response = app.server.log_in_request(&body).send().await.unwrap();
        assert_eq!(response.status(), 401, "{body}");
        let mut problem = problem(response).await;
        problem["requestId"] = Value::Null;
        problems.push(problem);
    }
    assert_eq!(problems[0]["code"], "invalid-credentials");
    assert!(problems.iter().all(|problem| *problem == problems[0]), "{problems:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_missing_invalid_and_expired_tokens() {
    let app = App::new().await;
    let good = app.server.token("default", "sr00001").await;
    let session = claims_of(&good)["sid"].clone();
    let claims = |tenant: i64, exp: i64| {
        json!({
            "iss": "haat", "aud": "haat-api", "sub": app.fixture.ours.rep.id.to_string(), "tid": tenant,
            "sid": session, "tv": 1, "iat": exp - 100, "exp": exp,
        })
    };
    let far = 4_000_000_000;
    let sign = |claims: &Value, algorithm, secret: &str| {
        let header = Header { kid: Some("1".into()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    let ours = claims(app.fixture.ours.tenant, far);
    let body = good.split('.').nth(1).unwrap();
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiMSIsInR5cCI6IkpXVCJ9";
    for (name, authorization, expected) in [
        ("none", None, "missing-token"),
        ("another scheme", Some("Basic c3I6c3I=".to_owned()), "missing-token"),
        ("no token", Some("Bearer".to_owned()), "invalid-token"),
        ("garbage", Some("Bearer abc".to_owned()), "invalid-token"),
        ("truncated", Some(format!("Bearer {}", &good[..good.len() - 2])), "invalid-token"),
        ("unsigned", Some(format!("Bearer {none}.{body}.")), "invalid-token"),
        (
            "another algorithm",
            Some(format!("Bearer {}", sign(&ours, Algorithm::HS512, SECRET))),
            "invalid-token",
        ),
        (
            "another key",
            Some(format!("Bearer {}", sign(&ours, Algorithm::HS256, &"x".repeat(40)))),
            "invalid-token",
        ),
        (
            "expired",
            Some(format!(
                "Bearer {}",
                sign(&claims(app.fixture.ours.tenant, 1_700_000_000), Algorithm::HS256, SECRET)
            )),
            "expired-token",
        ),
        (
            "a user of another tenant",
            Some(format!(
                "Bearer {}",
                sign(&claims(app.fixture.theirs.tenant, far), Algorithm::HS256, SECRET)
            )),
            "token-revoked",
        ),
    ] {
        for path in ["/auth/me", "/retailers", "/retailers/RTL-0001"] {
            let mut request = app.server.get(path);
            if let Some(authorization) = &authorization {
                request = request.header("authorization", authorization);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{name} {path}");
            assert_eq!(code(response).await, expected, "{name} {path}");
        }
    }
    let control = format!("bearer {}", sign(&ours, Algorithm::HS256, SECRET));
    let response = app.server.get("/auth/me").header("authorization", control).send().await.unwrap();
    assert_eq!(response.status(), 200, "the same claims with the correct key and algorithm");
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_users_and_closed_tenants_are_locked_out() {
    for (change, expected) in [
        ("UPDATE users SET state = 'disabled'", 401),
        ("UPDATE users SET token_version = token_version + 1", 401),
        ("UPDATE tenants SET state = 'closed' WHERE kind = 'company'", 401),
        ("UPDATE users SET name = 'Other'", 200),
    ] {
        let app = App::new().await;
        let token = app.server.token("default", "sr00001").await;
        let status = async || {
            let response = app.server.get("/retailers").bearer_auth(&token).send().await.unwrap();
            response.status().as_u16()
        };
        assert_eq!(status().await, 200);
        app.database.owner().await.batch_execute(change).await.unwrap();
        // Guaranteed within 100 ms.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(status().await, expected, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn role_changes_apply_to_issued_tokens() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    let retailers = async || {
        let response = app.server.get("/retailers?limit=100").bearer_auth(&token).send().await.unwrap();
        let page: Value = response.json().await.unwrap();
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(retailers().await, 4);
    let owner = app.database.owner().await;
    haat_test_support::set_role(&owner, app.fixture.ours.rep.id, "admin").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(retailers().await, 6);
}
