//! Super admins in other tenants: the shadow user, the records in both audit logs, and how the access ends.

use std::time::{Duration, Instant};

use haat_test_support::{Fixture, TestDatabase};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::import_requests::NO_WORKERS;
use crate::support::{App, Server, code, eventually};

const TENANT: &str = "x-tenant-id";

/// A server, and a super admin.
struct Support {
    app: App,
    user: i64,
    token: String,
}

impl Support {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(overrides: &[(&str, &str)]) -> Self {
        let app = App::with(overrides).await;
        let (user, token) = app.super_admin("karim").await;
        Self { app, user, token }
    }

    /// A request in the tenant with this id or short name.
    fn request(&self, method: Method, path: &str, tenant: &str) -> RequestBuilder {
        self.app.server.request(method, path).bearer_auth(&self.token).header(TENANT, tenant)
    }

    async fn get(&self, path: &str, tenant: &str) -> Response {
        self.request(Method::GET, path, tenant).send().await.unwrap()
    }

    async fn number(&self, statement: &str) -> i64 {
        self.app.database.number(statement).await
    }

    async fn execute(&self, statement: &str) {
        self.app.database.owner().await.batch_execute(statement).await.unwrap();
    }

    /// The number of recorded accesses in the log of the tenant, and in the one of the platform.
    async fn recorded(&self, tenant: i64) -> (i64, i64) {
        let count = format!(
            "SELECT count(*) FROM audit_logs AS a JOIN users AS u ON u.tenant_id = a.tenant_id AND u.id = a.actor_id \
             WHERE a.action = 'support.access' AND a.entity_id = '{tenant}' AND a.actor_role = 'super_admin'"
        );
        let of_tenant = format!("{count} AND a.tenant_id = {tenant} AND u.home_user_id = {}", self.user);
        let of_platform = format!("{count} AND a.tenant_id <> {tenant} AND a.actor_id = {}", self.user);
        (self.number(&of_tenant).await, self.number(&of_platform).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_as_the_shadow_user_and_is_recorded_in_both_logs() {
    let support = Support::new().await;
    let ours = support.app.fixture.ours.tenant;
    let response = support.get("/admin/retailers?q=shop", "default").await;
    assert_eq!(response.status(), 200);
    assert_eq!(support.recorded(ours).await, (1, 1));
    let patch = support
        .request(Method::PATCH, "/admin/retailers/RTL-0001", &ours.to_string())
        .json(&json!({"name": "Renamed"}));
    assert_eq!(patch.send().await.unwrap().status(), 200, "digits are an id");
    assert_eq!(support.recorded(ours).await, (2, 2));
    let audit = support.app.get_as("admin", "/admin/audit?limit=20").await;
    let audit: Value = audit.json().await.unwrap();
    let entries = audit["data"].as_array().unwrap();
    let shadow = format!("support.karim.{}", support.user);
    let of = |action: &str| entries.iter().find(|entry| entry["action"] == action).unwrap().clone();
    let (access, change) = (of("support.access"), of("retailer.update"));
    assert_eq!(access["after"], json!({"method": "PATCH", "route": "/admin/retailers/{uid}"}), "{access}");
    for entry in [&access, &change] {
        assert!(entry["actor"].to_string().contains(&shadow), "{entry}");
    }
    assert_eq!(access["requestId"], change["requestId"]);

    // The shadow user is listed on request only, cannot log in, and cannot be changed by anyone.
    let users = async |query: &str| -> String {
        support.app.get_as("admin", &format!("/users?{query}")).await.text().await.unwrap()
    };
    assert!(!users("limit=100").await.contains("support."));
    let listed: Value = serde_json::from_str(&users("support=true").await).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(
        (&listed["data"][0]["username"], &listed["data"][0]["role"]),
        (&json!(shadow), &json!("super_admin"))
    );
    let id = listed["data"][0]["id"].as_i64().unwrap();
    for (method, path, body) in [
        (Method::PATCH, format!("/users/{id}"), json!({"name": "Other"})),
        (Method::DELETE, format!("/users/{id}"), Value::Null),
        (Method::POST, format!("/users/{id}/reset-password"), Value::Null),
        (Method::DELETE, format!("/users/{id}/sessions"), Value::Null),
        (Method::DELETE, format!("/users/{id}/mfa"), Value::Null),
        (Method::POST, format!("/users/{id}/roles"), json!({"roles": ["sales_rep"]})),
        (Method::PUT, format!("/users/{id}/roles"), json!({"roles": ["sales_rep"]})),
        (Method::PUT, format!("/users/{id}/status"), json!({"status": "suspended"})),
    ] {
        let by_admin = support.app.send_as("admin", method.clone(), &path, &body).await;
        assert!([403, 404].contains(&by_admin.status().as_u16()), "{method} {path}: {}", by_admin.status());
        let request = support.request(method.clone(), &path, "default");
        let request = if body.is_null() { request } else { request.json(&body) };
        let status = request.send().await.unwrap().status().as_u16();
        assert!([403, 404, 409].contains(&status), "{method} {path}: {status}");
    }
    let row = "SELECT count(*) FROM users WHERE home_user_id IS NOT NULL AND state = 'active' AND name = 'Karim Khan' AND version = 1";
    assert_eq!(support.number(row).await, 1, "unchanged");
    for password in
        ["", ".", haat_test_support::PASSWORD, "$2b$10$....................................................."]
    {
        let body = json!({"username": shadow, "password": password});
        let status = support.app.server.log_in_request(&body).send().await.unwrap().status().as_u16();
        assert!([401, 422].contains(&status), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_the_header_never_acts_in_the_previous_tenant() {
    let support = Support::new().await;
    let (ours, theirs) = (support.app.fixture.ours.tenant, support.app.fixture.theirs.tenant);
    // Warm caches, with the two tenants and no tenant in turn.
    for _ in 0..5 {
        for tenant in [ours, theirs] {
            let users: Value = support.get("/users?q=admin", &tenant.to_string()).await.json().await.unwrap();
            let id = users["data"][0]["id"].as_i64().unwrap();
            let expected = if tenant == ours {
                support.app.fixture.ours.admin.id
            } else {
                support.app.fixture.theirs.admin.id
            };
            assert_eq!(id, expected);
            let bare =
                support.app.server.get("/users?q=admin").bearer_auth(&support.token).send().await.unwrap();
            assert_eq!(code(bare).await, "tenant-required");
            let me = support.app.server.get("/auth/me").bearer_auth(&support.token).send().await.unwrap();
            let me: Value = me.json().await.unwrap();
            assert_eq!(me["user"]["id"].as_i64().or(me["id"].as_i64()), Some(support.user), "{me}");
        }
    }
    assert_eq!(support.recorded(ours).await, (5, 5));
    assert_eq!(support.recorded(theirs).await, (5, 5));
    assert_eq!(
        support.number("SELECT count(*) FROM users WHERE home_user_id IS NOT NULL").await,
        2,
        "one in each tenant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_requests_create_one_shadow_user() {
    let support = Support::new().await;
    let requests = (0..12).map(|_| support.get("/users", "default"));
    for response in futures_util::future::join_all(requests).await {
        assert_eq!(response.status(), 200);
    }
    assert_eq!(support.number("SELECT count(*) FROM users WHERE home_user_id IS NOT NULL").await, 1);
    assert_eq!(support.recorded(support.app.fixture.ours.tenant).await, (12, 12));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_closed_and_refusing_tenants_are_not_found() {
    let support = Support::new().await;
    let app = &support.app;
    let (ours, theirs) = (app.fixture.ours.tenant, app.fixture.theirs.tenant);
    let platform = support.number("SELECT id FROM tenants WHERE kind = 'platform'").await;
    let patch = json!({"supportAccess": false});
    let off = app.send_as("admin", Method::PATCH, &format!("/tenants/{ours}"), &patch).await;
    assert_eq!(off.status(), 200);
    support.execute(&format!("UPDATE tenants SET state = 'closed' WHERE id = {theirs}")).await;
    for tenant in [
        "default",
        "other",
        "haat-platform",
        "unknown",
        "A B",
        "9999999",
        "99999999999999999999",
        "-1",
        "",
        &ours.to_string(),
        &theirs.to_string(),
        &platform.to_string(),
    ] {
        let response = support.get("/users", tenant).await;
        assert_eq!(code(response).await, "not-found", "{tenant:?}");
    }
    let twice =
        support.request(Method::GET, "/users", "default").header(TENANT, "other").send().await.unwrap();
    assert_eq!(code(twice).await, "malformed-request");
    assert_eq!(support.number("SELECT count(*) FROM users WHERE home_user_id IS NOT NULL").await, 0);
    assert_eq!((support.recorded(ours).await, support.recorded(theirs).await), ((0, 0), (0, 0)));
    // No request of a super admin switches it on again.
    for request in [
        app.server.request(Method::PATCH, &format!("/tenants/{ours}")).bearer_auth(&support.token),
        app.server.request(Method::PUT, &format!("/tenants/{ours}")).bearer_auth(&support.token),
        support.request(Method::PATCH, &format!("/tenants/{ours}"), "default"),
        support.request(Method::PATCH, "/admin/settings", "default"),
    ] {
        let response = request.json(&json!({"supportAccess": true})).send().await.unwrap();
        assert!([403, 404, 422].contains(&response.status().as_u16()), "{}", response.status());
    }
    assert_eq!(code(support.get("/users", "default").await).await, "not-found");
    let patch = json!({"supportAccess": true});
    let on = app.send_as("admin", Method::PATCH, &format!("/tenants/{ours}"), &patch).await;
    assert_eq!(on.status(), 200);
    assert_eq!(support.get("/users", "default").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn losing_the_platform_account_ends_the_access_in_all_tenants() {
    for (change, undo, expected) in [
        (
            "UPDATE users SET state = 'disabled' WHERE id = $",
            "UPDATE users SET state = 'active' WHERE id = $",
            "token-revoked",
        ),
        (
            "UPDATE users SET token_version = token_version + 1 WHERE id = $",
            "UPDATE users SET token_version = token_version - 1 WHERE id = $",
            "token-revoked",
        ),
        (
            "UPDATE users SET must_change_password = TRUE WHERE id = $",
            "UPDATE users SET must_change_password = FALSE WHERE id = $",
            "password-change-required",
        ),
        (
            "UPDATE users SET mfa_enabled = FALSE, access_version = access_version + 1 WHERE id = $",
            "UPDATE users SET mfa_enabled = TRUE, access_version = access_version + 1 WHERE id = $",
            "mfa-enrollment-required",
        ),
        (
            "DELETE FROM user_roles WHERE user_id = $",
            "INSERT INTO user_roles (tenant_id, user_id, role) SELECT tenant_id, id, 'super_admin' FROM users WHERE id = $",
            "forbidden",
        ),
    ] {
        let support = Support::new().await;
        let second = Server::start(&support.app.database.app_url(), &[]);
        let on = |server: &Server, tenant: &str| {
            server.get("/users").bearer_auth(&support.token).header(TENANT, tenant).send()
        };
        for tenant in ["default", "other"] {
            assert_eq!(on(&support.app.server, tenant).await.unwrap().status(), 200);
            assert_eq!(on(&second, tenant).await.unwrap().status(), 200);
        }
        support.execute(&change.replace('$', &support.user.to_string())).await;
        // Twice the promised 100 ms, and more on a busy machine.
        tokio::time::sleep(Duration::from_millis(500)).await;
        for server in [&support.app.server, &second] {
            for tenant in ["default", "other"] {
                assert_eq!(code(on(server, tenant).await.unwrap()).await, expected, "{change}");
            }
        }
        support.execute(&undo.replace('$', &support.user.to_string())).await;
        eventually(async || on(&second, "default").await.unwrap().status() == 200).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_session_ends_the_access_in_all_tenants() {
    let support = Support::new().await;
    let second = Server::start(&support.app.database.app_url(), &[]);
    let status = async |server: &Server, tenant: &str| {
        let request = server.get("/users").bearer_auth(&support.token).header(TENANT, tenant);
        request.send().await.unwrap().status().as_u16()
    };
    for server in [&support.app.server, &second] {
        for tenant in ["default", "other"] {
            assert_eq!(status(server, tenant).await, 200);
        }
    }
    let log_out = support.app.server.request(Method::POST, "/auth/logout").bearer_auth(&support.token);
    assert!(log_out.send().await.unwrap().status().is_success());
    for tenant in ["default", "other"] {
        assert_eq!(status(&support.app.server, tenant).await, 401, "at once where the session ended");
        // Others within 100 ms, or more on a busy machine.
        eventually(async || status(&second, tenant).await == 401).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_shadow_user_cannot_act() {
    let support = Support::new().await;
    assert_eq!(support.get("/users", "default").await.status(), 200);
    support.execute("UPDATE users SET state = 'disabled' WHERE home_user_id IS NOT NULL").await;
    assert_eq!(code(support.get("/users", "default").await).await, "not-found");
}

/// A change waits for a lock while the platform account ends: the check inside the transaction of the change refuses it, or the end
/// of the account waits for the change.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_locks_the_platform_user_before_the_shadow_user() {
    let support = Support::new().await;
    assert_eq!(support.get("/users", "default").await.status(), 200);
    let owner = support.app.database.owner().await;
    // The retailer is locked after the caller, so the change holds both users while it waits.
    owner.batch_execute("BEGIN; SELECT FROM retailers WHERE uid = 'RTL-0001' FOR UPDATE").await.unwrap();
    let change =
        support.request(Method::PATCH, "/admin/retailers/RTL-0001", "default").json(&json!({"name": "A"}));
    let change = tokio::spawn(change.send());
    let watcher = support.app.database.owner().await;
    // A transaction that waits for a row holds a lock on its tuple.
    let waiting = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                   WHERE l.locktype = 'tuple' AND d.datname = current_database()";
    eventually(async || watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0).await;
    for statement in [
        format!("SELECT FROM users WHERE id = {} FOR UPDATE NOWAIT", support.user),
        "SELECT FROM users WHERE home_user_id IS NOT NULL FOR UPDATE NOWAIT".to_owned(),
    ] {
        let error = watcher.batch_execute(&statement).await.unwrap_err();
        // lock_not_available
        assert_eq!(error.code().unwrap().code(), "55P03", "{statement}");
    }
    owner.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(change.await.unwrap().unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_shadow_user_needs_both_accounts() {
    for (end, expected) in [
        ("UPDATE users SET name = name WHERE id = $", "succeeded"),
        ("UPDATE users SET state = 'disabled' WHERE id = $", "failed"),
        ("UPDATE users SET mfa_enabled = FALSE WHERE id = $", "failed"),
        ("DELETE FROM user_roles WHERE user_id = $", "failed"),
        ("UPDATE users SET state = 'disabled' WHERE home_user_id = $", "failed"),
        ("UPDATE tenants SET support_access = FALSE WHERE slug = 'default' AND $ > 0", "failed"),
    ] {
        let support = Support::with(&[NO_WORKERS]).await;
        let file = support.request(Method::POST, "/admin/assignments/bulk", "default");
        let file = file.header("content-type", "text/csv").body("uid,sales_rep\nRTL-0006,sr00002\n");
        let job: Value = file.send().await.unwrap().json().await.unwrap();
        support.execute(&end.replace('$', &support.user.to_string())).await;
        let _worker = Server::start(&support.app.database.app_url(), &[]);
        let state = format!("SELECT state FROM jobs WHERE id = {}", job["id"]);
        let watcher = support.app.database.owner().await;
        let state = async || -> String { watcher.query_one(&state, &[]).await.unwrap().get(0) };
        eventually(async || !["queued", "running"].contains(&state().await.as_str())).await;
        assert_eq!(state().await, expected, "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_cannot_be_recorded_is_refused() {
    let support = Support::new().await;
    support
        .execute(
            "ALTER TABLE audit_logs ADD CONSTRAINT full_disk CHECK (action <> 'support.access') NOT VALID",
        )
        .await;
    let change =
        support.request(Method::PATCH, "/admin/retailers/RTL-0001", "default").json(&json!({"name": "A"}));
    for request in [change, support.request(Method::GET, "/users", "default")] {
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), code(response).await.as_str()), (503, "unavailable"));
    }
    assert_eq!(support.number("SELECT count(*) FROM retailers WHERE name = 'A'").await, 0);
    assert_eq!(
        support.number("SELECT count(*) FROM users WHERE home_user_id IS NOT NULL").await,
        0,
        "rolled back"
    );
}

/// The process is killed while the change waits: the access is recorded, the effect is absent.
#[tokio::test(flavor = "multi_thread")]
async fn the_access_is_recorded_before_its_effect() {
    let database = TestDatabase::new().await;
    let fixture = Fixture::new(&database).await;
    let server = Server::start(&database.app_url(), &[]);
    let app = App { server, fixture, database };
    let (user, token) = app.super_admin("karim").await;
    let owner = app.database.owner().await;
    owner.batch_execute("BEGIN; SELECT FROM retailers WHERE uid = 'RTL-0001' FOR UPDATE").await.unwrap();
    let change = app.server.request(Method::PATCH, "/admin/retailers/RTL-0001").bearer_auth(&token);
    let change = tokio::spawn(change.header(TENANT, "default").json(&json!({"name": "Effect"})).send());
    let watcher = app.database.owner().await;
    // A transaction that waits for a row holds a lock on its tuple.
    let waiting = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database \
                   WHERE l.locktype = 'tuple' AND d.datname = current_database()";
    eventually(async || watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) > 0).await;
    app.server.signal("KILL");
    assert!(change.await.unwrap().is_err(), "no response");
    owner.batch_execute("ROLLBACK").await.unwrap();
    let started = Instant::now();
    eventually(async || watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0).await;
    assert!(started.elapsed() < Duration::from_secs(20));
    let counts = "SELECT (SELECT count(*) FROM audit_logs WHERE action = 'support.access' AND tenant_id = $1), \
                  (SELECT count(*) FROM audit_logs WHERE action = 'support.access' AND actor_id = $2), \
                  (SELECT count(*) FROM retailers WHERE name = 'Effect'), \
                  (SELECT count(*) FROM audit_logs WHERE action = 'retailer.update')";
    let row = watcher.query_one(counts, &[&app.fixture.ours.tenant, &user]).await.unwrap();
    let counts: [i64; 4] = [row.get(0), row.get(1), row.get(2), row.get(3)];
    assert_eq!(counts, [1, 1, 0, 0], "recorded in both logs, without the effect");
}
