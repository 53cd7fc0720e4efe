//! Tenants: creating, changing and closing them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::import_requests::NO_WORKERS;
use crate::support::{App, Server, code, eventually, problem};

/// A server, and a super admin without `X-Tenant-Id`.
struct Platform {
    app: App,
    token: String,
}

impl Platform {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(overrides: &[(&str, &str)]) -> Self {
        let app = App::with(overrides).await;
        let (_, token) = app.super_admin("karim").await;
        Self { app, token }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Response {
        let request = self.app.server.request(method, path).bearer_auth(&self.token);
        let request = if body.is_null() { request } else { request.json(&body) };
        request.send().await.unwrap()
    }

    async fn json(&self, method: Method, path: &str, body: Value, status: u16) -> Value {
        let response = self.send(method, path, body).await;
        let (actual, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(actual, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The audit entries of a tenant: action, whether a user is named, and the changed values.
    async fn audit(&self, tenant: i64) -> Vec<(String, bool, Value)> {
        let rows = "SELECT action, actor_id IS NOT NULL, coalesce(after, 'null')::text FROM audit_logs \
                    WHERE tenant_id = $1 AND entity IN ('tenant', 'user') ORDER BY id";
        let owner = self.app.database.owner().await;
        let rows = owner.query(rows, &[&tenant]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1), serde_json::from_str(row.get(2)).unwrap())).collect()
    }
}

/// The fields of a problem with their codes.
async fn fields(response: Response) -> (u64, Vec<(String, String)>) {
    let body = problem(response).await;
    let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let fields = errors.iter().map(|error| (text(error, "field"), text(error, "code"))).collect();
    (body["status"].as_u64().unwrap(), fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenant_has_an_administrator_who_can_log_in() {
    let platform = Platform::new().await;
    let server = &platform.app.server;
    let body = json!({
        "slug": "acme", "name": "Acme Ltd", "timeZone": "Asia/Kolkata",
        "admin": {"username": "karima", "name": "Karima Begum", "phone": "01711234567"},
    });
    let create = || {
        let request = server.request(Method::POST, "/tenants").bearer_auth(&platform.token);
        request.header("idempotency-key", "acme").json(&body).send()
    };
    let response = create().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["cache-control"]),
        (201, &"no-store".parse().unwrap())
    );
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let created: Value = response.json().await.unwrap();
    let id = created["id"].as_i64().unwrap();
    assert_eq!(location, format!("/tenants/{id}"));
    assert_eq!(created["timeZone"], "Asia/Kolkata");
    assert_eq!(created["admin"]["username"], "karima");
    let again: Value = create().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&again["id"], &again["oneTimePassword"]),
        (&json!(id), &Value::Null),
        "the password is shown once"
    );

    let password = created["oneTimePassword"].as_str().unwrap();
    let log_in = json!({"tenant": "acme", "username": "karima", "password": password});
    let first: Value = server.log_in_request(&log_in).send().await.unwrap().json().await.unwrap();
    assert_eq!(first["user"]["mustChangePassword"], true, "{first}");

    let own = platform.audit(id).await;
    let actions: Vec<(&str, bool)> = own.iter().map(|(action, actor, _)| (action.as_str(), *actor)).collect();
    assert_eq!(
        actions,
        [("tenant.create", false), ("user.create", false)],
        "users of the platform are none of the tenant"
    );
    let owner = platform.app.database.owner().await;
    let of_platform = "SELECT u.username FROM audit_logs AS a JOIN tenants AS t ON t.id = a.tenant_id AND t.kind = 'platform' \
                       JOIN users AS u ON u.tenant_id = t.id AND u.id = a.actor_id \
                       WHERE a.action = 'tenant.create' AND a.entity_id = $1::text";
    let actor: String = owner.query_one(of_platform, &[&id.to_string()]).await.unwrap().get(0);
    assert_eq!(actor, "karim");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_tenants_are_refused_with_all_fields() {
    let platform = Platform::new().await;
    let refused = async |body: Value| fields(platform.send(Method::POST, "/tenants", body).await).await;
    let field = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let digits = json!({"slug": "2026", "name": "Acme"});
    assert_eq!(refused(digits).await, (422, vec![field("slug", "invalid")]), "digits would be an id");
    let all =
        json!({"slug": "-", "name": " ", "timeZone": "Asia Dhaka", "admin": {"username": "1", "surplus": 1}});
    let errors = refused(all).await;
    let names: Vec<&str> = errors.1.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["slug", "name", "timeZone", "admin.username", "admin.name", "admin.surplus"],
        "{errors:?}"
    );
    let zone = json!({"slug": "acme", "name": "Acme", "timeZone": "Asia/Gotham"});
    assert_eq!(refused(zone).await, (422, vec![field("timeZone", "invalid")]));
    for slug in ["other", "haat-platform"] {
        assert_eq!(
            refused(json!({"slug": slug, "name": "A"})).await,
            (409, vec![field("slug", "taken")]),
            "{slug}"
        );
    }
    let reserved = json!({"slug": "acme", "name": "A", "admin": {"username": "support.me.1", "name": "B"}});
    assert_eq!(refused(reserved).await, (409, vec![field("admin.username", "taken")]));
    let list = platform.json(Method::GET, "/tenants?q=acme", Value::Null, 200).await;
    assert_eq!(list["data"], json!([]), "nothing was created");
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_listed_and_found_by_name_and_state() {
    let platform = Platform::new().await;
    for (slug, name) in [("acme", "Acme Ltd"), ("beta", "বেটা Traders"), ("gamma", "Beta Two")] {
        platform.json(Method::POST, "/tenants", json!({"slug": slug, "name": name}), 201).await;
    }
    let slugs = async |query: &str| -> Vec<String> {
        let page = platform.json(Method::GET, &format!("/tenants?{query}"), Value::Null, 200).await;
        let rows = page["data"].as_array().unwrap().clone();
        rows.iter().map(|tenant| tenant["slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs("").await, ["acme", "beta", "default", "gamma", "haat-platform", "other"]);
    assert_eq!(slugs("q=BETA").await, ["beta", "gamma"], "in the short name or the name");
    assert_eq!(slugs("q=%E0%A6%AC%E0%A7%87%E0%A6%9F%E0%A6%BE").await, ["beta"]);
    let acme = platform.json(Method::GET, "/tenants?q=acme", Value::Null, 200).await;
    platform.json(Method::DELETE, &format!("/tenants/{}", acme["data"][0]["id"]), Value::Null, 204).await;
    assert_eq!(slugs("state=closed").await, ["acme"]);
    assert!(!slugs("state=active").await.contains(&"acme".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_change_their_own_tenant_only() {
    let platform = Platform::new().await;
    let app = &platform.app;
    let (ours, theirs) = (app.fixture.ours.tenant, app.fixture.theirs.tenant);
    let as_admin =
        async |method: Method, path: &str, body: Value| app.send_as("admin", method, path, &body).await;
    let path = format!("/tenants/{ours}");
    let own: Value = as_admin(Method::GET, &path, Value::Null).await.json().await.unwrap();
    assert_eq!((&own["slug"], &own["supportAccess"]), (&json!("default"), &json!(true)));
    let values = json!({"name": "Our Shop", "timeZone": "UTC", "supportAccess": false});
    let changed: Value = as_admin(Method::PUT, &path, values.clone()).await.json().await.unwrap();
    assert_eq!(
        (&changed["name"], &changed["timeZone"], &changed["supportAccess"]),
        (&json!("Our Shop"), &json!("UTC"), &json!(false))
    );
    assert_eq!(changed["version"].as_i64(), own["version"].as_i64().map(|version| version + 1));
    let entry = platform.audit(ours).await.pop().unwrap();
    assert_eq!(entry, ("tenant.update".to_owned(), true, values));

    // Another tenant looks like an unknown one, in the body too.
    let unknown = async |id: i64, method: Method, body: Value| {
        let mut body = problem(as_admin(method, &format!("/tenants/{id}"), body).await).await;
        for member in ["requestId", "instance"] {
            body.as_object_mut().unwrap().remove(member);
        }
        body
    };
    for (method, body) in [
        (Method::GET, Value::Null),
        (Method::PATCH, json!({"name": "Mine"})),
        (Method::PUT, json!({"supportAccess": false})),
        (Method::PATCH, json!({"state": "closed"})),
    ] {
        let other = unknown(theirs, method.clone(), body.clone()).await;
        assert_eq!(other["status"], 404);
        assert_eq!(other, unknown(99_999, method, body).await);
    }
    for (method, path, body) in [
        (Method::PATCH, path.clone(), json!({"state": "closed"})),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::DELETE, format!("/tenants/{theirs}"), Value::Null),
        (Method::GET, "/tenants".to_owned(), Value::Null),
        (Method::POST, "/tenants".to_owned(), json!({"slug": "mine", "name": "Mine"})),
    ] {
        assert_eq!(code(as_admin(method.clone(), &path, body).await).await, "forbidden", "{method} {path}");
    }
    let rep = app.send_as("sr00001", Method::GET, &path, &Value::Null).await;
    assert_eq!(code(rep).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn super_admins_change_every_tenant_but_not_its_support_access() {
    let platform = Platform::new().await;
    let ours = platform.app.fixture.ours.tenant;
    let path = format!("/tenants/{ours}");
    let changed = platform.json(Method::PATCH, &path, json!({"name": "Renamed"}), 200).await;
    assert_eq!(changed["name"], "Renamed");
    let (action, has_actor, after) = platform.audit(ours).await.pop().unwrap();
    assert_eq!((action.as_str(), has_actor, after), ("tenant.update", false, json!({"name": "Renamed"})));
    for value in [true, false] {
        let response = platform.send(Method::PATCH, &path, json!({"supportAccess": value})).await;
        assert_eq!(code(response).await, "forbidden");
        let request = platform.app.server.request(Method::PATCH, &path).bearer_auth(&platform.token);
        let response = request.header("x-tenant-id", "default").json(&json!({"supportAccess": value})).send();
        assert_eq!(
            code(response.await.unwrap()).await,
            "forbidden",
            "a shadow user is no administrator either"
        );
    }
    let owner = platform.app.database.owner().await;
    let id: i64 =
        owner.query_one("SELECT id FROM tenants WHERE kind = 'platform'", &[]).await.unwrap().get(0);
    for (method, body) in [(Method::DELETE, Value::Null), (Method::PATCH, json!({"state": "closed"}))] {
        let response = platform.send(method, &format!("/tenants/{id}"), body).await;
        assert_eq!((response.status().as_u16(), code(response).await.as_str()), (409, "cannot-target-self"));
    }
    let by_hand = owner.execute("UPDATE tenants SET state = 'closed' WHERE kind = 'platform'", &[]).await;
    assert!(by_hand.is_err(), "not by SQL either");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_a_tenant_under_load_ends_everything_in_it() {
    let platform = Platform::new().await;
    let app = Arc::new(platform.app);
    let ours = app.fixture.ours.tenant;
    let log_in = json!({"username": "sr00001", "password": haat_test_support::PASSWORD});
    let first: Value = app.server.log_in_request(&log_in).send().await.unwrap().json().await.unwrap();
    let rep = first["accessToken"].as_str().unwrap().to_owned();
    let refresh = first["refreshToken"].as_str().unwrap().to_owned();
    let admin = app.server.token("default", "admin").await;
    let owner = app.database.owner().await;
    let second = Server::start(&app.database.app_url(), &[]);
    let on_second = async |token: &str, path: &str| {
        second.get(path).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(on_second(&rep, "/retailers").await, 200);
    assert_eq!(on_second(&admin, "/users").await, 200);
    let (stop, closed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> =
        [(&rep, "/retailers?limit=5"), (&admin, "/users"), (&admin, "/admin/retailers?q=shop")]
            .into_iter()
            .map(|(token, path)| {
                let (app, stop, closed, token) = (app.clone(), stop.clone(), closed.clone(), token.clone());
                tokio::spawn(async move {
                    let (mut before, mut after) = (0, 0);
                    while !stop.load(Ordering::SeqCst) {
                        let is_closed = closed.load(Ordering::SeqCst);
                        let status =
                            app.server.get(path).bearer_auth(&token).send().await.unwrap().status().as_u16();
                        if is_closed {
                            assert_eq!(status, 401, "{path}");
                            after += 1;
                        } else {
                            assert!([200, 401].contains(&status), "{path}: {status}");
                            before += usize::from(status == 200);
                        }
                    }
                    (before, after)
                })
            })
            .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let close = app.server.request(Method::DELETE, &format!("/tenants/{ours}")).bearer_auth(&platform.token);
    assert_eq!(close.send().await.unwrap().status(), 204);
    // The process that closed the tenant is right at once.
    closed.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::SeqCst);
    // Others within 100 ms; a busy machine had 300.
    assert_eq!(on_second(&rep, "/retailers").await, 401);
    assert_eq!(on_second(&admin, "/users").await, 401);
    for reader in readers {
        let (before, after) = reader.await.unwrap();
        assert!(before > 3 && after > 3, "{before} reads before, {after} after");
    }
    let refreshed = app.server.request(Method::POST, "/auth/refresh").json(&json!({"refreshToken": refresh}));
    assert_eq!(refreshed.send().await.unwrap().status(), 401);
    assert_eq!(app.server.log_in_request(&log_in).send().await.unwrap().status(), 401);
    let other = app.server.token("other", "sr00001").await;
    assert_eq!(app.server.get("/retailers").bearer_auth(&other).send().await.unwrap().status(), 200);
    let again = app.server.request(Method::DELETE, &format!("/tenants/{ours}")).bearer_auth(&platform.token);
    assert_eq!(again.send().await.unwrap().status(), 204, "it is closed already");

    // After reopening, a token works again unless the versions were raised.
    let reopen = app.server.request(Method::PATCH, &format!("/tenants/{ours}")).bearer_auth(&platform.token);
    assert_eq!(reopen.json(&json!({"state": "active"})).send().await.unwrap().status(), 200);
    assert_eq!(app.server.get("/retailers").bearer_auth(&rep).send().await.unwrap().status(), 200);
    let raise = "UPDATE users SET token_version = token_version + 1 WHERE tenant_id = $1";
    owner.execute(raise, &[&ours]).await.unwrap();
    eventually(async || app.server.get("/retailers").bearer_auth(&rep).send().await.unwrap().status() == 401)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_closed_tenant_waits() {
    let platform = Platform::with(&[NO_WORKERS]).await;
    let app = &platform.app;
    let admin = app.server.token("default", "admin").await;
    let file = app.server.request(Method::POST, "/admin/assignments/bulk").bearer_auth(&admin);
    let file = file.header("content-type", "text/csv").body("uid,sales_rep\nRTL-0006,sr00002\n");
    let job: Value = file.send().await.unwrap().json().await.unwrap();
    let close = format!("/tenants/{}", app.fixture.ours.tenant);
    platform.json(Method::DELETE, &close, Value::Null, 204).await;
    let _worker = Server::start(&app.database.app_url(), &[]);
    let owner = app.database.owner().await;
    let state = format!("SELECT state FROM jobs WHERE id = {}", job["id"]);
    let state = async || -> String { owner.query_one(&state, &[]).await.unwrap().get(0) };
    // The worker polls four times a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(state().await, "queued");
    platform.json(Method::PATCH, &close, json!({"state": "active"}), 200).await;
    eventually(async || state().await == "succeeded").await;
    let reps = "SELECT count(*) FROM sales_rep_retailers WHERE uid = 'RTL-0006' AND tenant_id = $1";
    let assigned: i64 = owner.query_one(reps, &[&app.fixture.ours.tenant]).await.unwrap().get(0);
    assert_eq!(assigned, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_tenants_empties_no_cache_of_another_tenant() {
    let platform = Platform::new().await;
    let app = &platform.app;
    let token = app.server.token("default", "sr00001").await;
    let points = async || -> Value {
        let response = app.server.get("/retailers?limit=10").bearer_auth(&token).send().await.unwrap();
        let body: Value = response.json().await.unwrap();
        let rows = body["data"].as_array().unwrap();
        rows.iter().find(|retailer| retailer["uid"] == "RTL-0001").unwrap()["points"].clone()
    };
    let before = points().await;
    // Without an entry in the feed, so only an emptied cache would show it.
    let owner = app.database.owner().await;
    owner
        .batch_execute("UPDATE retailers SET points = points + 7 WHERE tenant_id = 1 AND uid = 'RTL-0001'")
        .await
        .unwrap();
    for number in 0..20 {
        let admin = json!({"username": "karima", "name": "Karima"});
        let body = json!({"slug": format!("tenant-{number}"), "name": "Acme", "admin": admin});
        platform.json(Method::POST, "/tenants", body, 201).await;
        assert_eq!(points().await, before, "after {number} tenants");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(points().await, before);
}
