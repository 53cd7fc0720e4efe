//! Every route, asked by everybody who should not be answered: with no token and all kinds of bad ones, by those who may not,
//! and by another company with our ids in the path, in the query, in the body and in cursors.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, claims_of, code, soon};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Anybody.
    All,
    /// Who has a token, even one that is only good to change the password.
    Token,
    /// Who has logged in.
    User,
    /// Administrators.
    Office,
}
use Who::{All, Office, Token, User};

/// Every route there is. One that is missing here, or is no more, fails the test.
const ROUTES: &[(&str, Who)] = &[
    ("delete /admin/areas/{id}", Office),
    ("delete /admin/distributors/{id}", Office),
    ("delete /admin/place-aliases/{id}", Office),
    ("delete /admin/regions/{id}", Office),
    ("delete /admin/retailers/{uid}", Office),
    ("delete /admin/sales-reps/{id}", Office),
    ("delete /admin/territories/{id}", Office),
    ("delete /admin/users/{id}", Office),
    ("delete /admin/users/{id}/mfa", Office),
    ("delete /admin/users/{id}/sessions", Office),
    ("delete /auth/sessions/{id}", User),
    ("get /admin/areas", Office),
    ("get /admin/areas/{id}", Office),
    ("get /admin/assignments/batches", Office),
    ("get /admin/assignments/batches/{id}", Office),
    ("get /admin/assignments/batches/{id}/changes", Office),
    ("get /admin/assignments/jobs/{id}", Office),
    ("get /admin/assignments/jobs/{id}/errors", Office),
    ("get /admin/assignments/plans/{id}", Office),
    ("get /admin/audit", Office),
    ("get /admin/distributors", Office),
    ("get /admin/distributors/{id}", Office),
    ("get /admin/place-aliases", Office),
    ("get /admin/regions", Office),
    ("get /admin/regions/{id}", Office),
    ("get /admin/retailers", Office),
    ("get /admin/retailers/export", Office),
    ("get /admin/retailers/imports", Office),
    ("get /admin/retailers/imports/{id}", Office),
    ("get /admin/retailers/imports/{id}/errors", Office),
    ("get /admin/retailers/imports/{id}/events", Office),
    ("get /admin/retailers/{uid}", Office),
    ("get /admin/retailers/{uid}/assignments", Office),
    ("get /admin/sales-reps", Office),
    ("get /admin/sales-reps/{id}", Office),
    ("get /admin/sales-reps/{id}/retailers", Office),
    ("get /admin/settings", Office),
    ("get /admin/territories", Office),
    ("get /admin/territories/{id}", Office),
    ("get /admin/users", Office),
    ("get /admin/users/{id}", Office),
    ("get /areas", User),
    ("get /auth/me", User),
    ("get /auth/sessions", User),
    ("get /distributors", User),
    ("get /health", All),
    ("get /health/live", All),
    ("get /health/ready", All),
    ("get /metrics", All),
    ("get /regions", User),
    ("get /retailers", User),
    ("get /retailers/{uid}", User),
    ("get /territories", User),
    ("patch /admin/areas/{id}", Office),
    ("patch /admin/distributors/{id}", Office),
    ("patch /admin/regions/{id}", Office),
    ("patch /admin/retailers/{uid}", Office),
    ("patch /admin/sales-reps/{id}", Office),
    ("patch /admin/settings", Office),
    ("patch /admin/territories/{id}", Office),
    ("patch /admin/users/{id}", Office),
    ("patch /retailers/{uid}", User),
    ("post /admin/areas", Office),
    ("post /admin/assignments/batches/{id}/undo", Office),
    ("post /admin/assignments/bulk", Office),
    ("post /admin/assignments/bulk-unassign", Office),
    ("post /admin/assignments/plans", Office),
    ("post /admin/assignments/plans/{id}/apply", Office),
    ("post /admin/assignments/transfer", Office),
    ("post /admin/distributors", Office),
    ("post /admin/place-aliases", Office),
    ("post /admin/regions", Office),
    ("post /admin/retailers", Office),
    ("post /admin/retailers/import", Office),
    ("post /admin/retailers/imports/{id}/apply", Office),
    ("post /admin/retailers/imports/{id}/cancel", Office),
    ("post /admin/retailers/imports/{id}/undo", Office),
    ("post /admin/retailers/{uid}/restore", Office),
    ("post /admin/sales-reps", Office),
    ("post /admin/territories", Office),
    ("post /admin/users", Office),
    ("post /admin/users/{id}/reset-password", Office),
    ("post /auth/change-password", Token),
    ("post /auth/login", All),
    ("post /auth/logout", Token),
    ("post /auth/mfa/challenge", All),
    ("post /auth/mfa/disable", User),
    ("post /auth/mfa/enroll", User),
    ("post /auth/mfa/verify", User),
    ("post /auth/refresh", All),
    ("put /admin/areas/{id}", Office),
    ("put /admin/distributors/{id}", Office),
    ("put /admin/regions/{id}", Office),
    ("put /admin/territories/{id}", Office),
];

/// Stands in every name of ours, and so in whatever leaks.
const MARK: &str = "Zzleak";

/// Our things, by the word that a path or parameter has for them.
struct Ours(BTreeMap<&'static str, String>);

impl Ours {
    async fn new(app: &App) -> Self {
        let owner = app.database.owner().await;
        let tenant = app.fixture.ours.tenant;
        for table in ["regions", "areas", "territories", "distributors", "retailers", "users"] {
            let rename = format!("UPDATE {table} SET name = '{MARK} ' || name WHERE tenant_id = $1");
            owner.execute(&rename, &[&tenant]).await.unwrap();
        }
        // Uids are told apart by company; this one is ours alone.
        let only_ours = "UPDATE retailers SET uid = 'OURS-1', routes = ARRAY['Zzleak'] WHERE tenant_id = $1 AND uid = 'RTL-0001'";
        owner.execute(only_ours, &[&tenant]).await.unwrap();
        owner
            .execute(
                "UPDATE sales_rep_retailers SET uid = 'OURS-1' WHERE tenant_id = $1 AND uid = 'RTL-0001'",
                &[&tenant],
            )
            .await
            .unwrap();
        let id = async |table: &str| {
            let first = format!("SELECT min(id)::text FROM {table} WHERE tenant_id = $1");
            owner.query_one(&first, &[&tenant]).await.unwrap().get::<_, Option<String>>(0).unwrap()
        };
        let post = async |path: &str, body: Value| {
            let response = app.send_as("admin", Method::POST, path, &body).await;
            assert!(response.status().is_success(), "{path}");
            response
        };
        let territory: i64 = id("territories").await.parse().unwrap();
        let alias = json!({"kind": "territory", "place": territory, "alias": format!("{MARK} alias")});
        post("/admin/place-aliases", alias).await;
        let groups = json!({"assignments": [{"salesRep": "sr00002", "retailers": ["RTL-0006"]}]});
        post("/admin/assignments/bulk", groups.clone()).await;
        let mut plan = groups;
        plan["assignments"][0]["retailers"] = json!(["RTL-0003"]);
        let plan =
            post("/admin/assignments/plans", plan).await.headers()["location"].to_str().unwrap().to_owned();
        let token = app.server.token("default", "admin").await;
        let csv = |path: &str, body: String| {
            app.server
                .request(Method::POST, path)
                .bearer_auth(&token)
                .header("content-type", "text/csv")
                .body(body)
                .send()
        };
        let import =
            csv("/admin/retailers/import?dryRun=true", format!("uid,name,territory_id\n{MARK}-9,{MARK},x\n"));
        assert_eq!(import.await.unwrap().status(), 202);
        let job =
            csv("/admin/assignments/bulk", "uid,sales_rep\nRTL-0002,sr00002\n".to_owned()).await.unwrap();
        assert_eq!(job.status(), 202);
        let working = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')";
        soon(async || owner.query_one(working, &[]).await.unwrap().get::<_, i64>(0) == 0).await;
        let session = claims_of(&token)["sid"].as_str().unwrap().to_owned();
        let mut things = BTreeMap::from([("uid", "OURS-1".to_owned()), ("sessions", session)]);
        things.insert("plans", plan.rsplit('/').next().unwrap().to_owned());
        for (word, table) in [
            ("regions", "regions"),
            ("areas", "areas"),
            ("territories", "territories"),
            ("distributors", "distributors"),
            ("place-aliases", "place_aliases"),
            ("sales-reps", "sales_reps"),
            ("users", "users"),
            ("batches", "batches"),
            ("jobs", "jobs"),
            ("imports", "imports"),
        ] {
            things.insert(word, id(table).await);
        }
        Self(things)
    }

    /// A path with our things in it.
    fn path(&self, route: &str) -> String {
        let before_id = route.split("/{id}").next().and_then(|path| path.rsplit('/').next());
        let known = |part: &&str| self.0.contains_key(part);
        let kind = before_id.filter(known).or_else(|| route.split('/').rev().find(known)).unwrap_or_default();
        let id = self.0.get(kind).cloned().unwrap_or_default();
        route.replace("{id}", &id).replace("{uid}", &self.0["uid"])
    }

    /// A value for a parameter that names one of our things.
    fn parameter(&self, name: &str) -> Option<&str> {
        let kind = match name {
            "region" => "regions",
            "area" => "areas",
            "territory" => "territories",
            "distributor" => "distributors",
            "salesRep" | "actor" => "sales-reps",
            "batch" => "batches",
            "entityId" => "uid",
            _ => return None,
        };
        Some(&self.0[kind])
    }

    /// A body that names our things.
    fn body(&self, route: &str) -> Value {
        let id = |kind: &str| self.0[kind].parse::<i64>().unwrap();
        let assignments = json!([{"salesRep": id("sales-reps"), "retailers": ["OURS-1"]}, {"salesRep": "sr00001", "retailers": ["OURS-1"]}]);
        match route {
            "post /admin/areas" => json!({"name": "Theirs", "region": id("regions")}),
            "post /admin/territories" => json!({"name": "Theirs", "area": id("areas")}),
            "post /admin/place-aliases" => {
                json!({"kind": "territory", "place": id("territories"), "alias": "theirs"})
            }
            "post /admin/retailers" => {
                json!({"uid": "T-1", "name": "Theirs", "territory": id("territories"), "distributor": id("distributors")})
            }
            "post /admin/assignments/bulk"
            | "post /admin/assignments/bulk-unassign"
            | "post /admin/assignments/plans" => {
                json!({"assignments": assignments})
            }
            "post /admin/assignments/transfer" => json!({"from": id("sales-reps"), "to": ["sr00001"]}),
            "patch /retailers/{uid}" => json!({"points": 9}),
            route if route.starts_with("patch") || route.starts_with("put") => json!({"name": "Theirs"}),
            _ => json!({}),
        }
    }
}

/// What is ours, but for who logged in and what was told of it.
async fn state_of_ours(app: &App) -> String {
    let owner = app.database.owner().await;
    let mut state = String::new();
    for table in [
        "regions",
        "areas",
        "territories",
        "distributors",
        "place_aliases",
        "retailers",
        "users",
        "sales_reps",
        "sales_rep_retailers",
        "batches",
        "imports",
        "jobs",
        "assignment_history",
    ] {
        let rows = format!(
            "SELECT coalesce(string_agg(md5((to_jsonb(t) - 'heartbeat_at' - 'progress')::text), ',' ORDER BY t::text), '') \
             FROM {table} AS t WHERE tenant_id = $1"
        );
        let digest: String = owner.query_one(&rows, &[&app.fixture.ours.tenant]).await.unwrap().get(0);
        state.push_str(&digest);
    }
    state
}

/// Sends a request with a JSON body.
async fn send(app: &App, token: Option<&str>, route: &str, path: &str, body: &Value) -> Response {
    let (method, _) = route.split_once(' ').unwrap();
    let mut request = app.server.request(method.to_uppercase().parse().unwrap(), path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if !["get", "delete"].contains(&method) {
        request = request.json(body);
    }
    request.send().await.unwrap()
}

async fn document(app: &App) -> Value {
    app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap()
}

fn path_of(route: &str) -> &str {
    route.split_once(' ').unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_its_row() {
    let app = App::new().await;
    let document = document(&app).await;
    let mut routes = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        routes.extend(methods.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    let rows: BTreeSet<String> = ROUTES.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(rows, routes);
    for (route, who) in ROUTES {
        let (method, path) = route.split_once(' ').unwrap();
        assert_eq!(document["paths"][path][method]["security"].is_array(), *who != All, "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_token_is_no_good_is_answered_nothing() {
    let app = App::new().await;
    let ours = Ours::new(&app).await;
    let expiring =
        crate::support::Server::start(&app.database.app_url(), &[("HAAT_ACCESS_TOKEN_SECONDS", "1")]);
    let expired = expiring.token("default", "admin").await;
    let disabled = app.server.token("default", "sr00002").await;
    let logged_out = app.server.token("default", "admin").await;
    send(&app, Some(&logged_out), "post /auth/logout", "/auth/logout", &json!({})).await;
    let must_change = app.server.token("default", "sr00001").await;
    let owner = app.database.owner().await;
    owner
        .batch_execute(
            "UPDATE users SET state = 'disabled' WHERE username = 'sr00002'; \
             UPDATE users SET must_change_password = TRUE WHERE username = 'sr00001'",
        )
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let before = state_of_ours(&app).await;
    for (route, who) in ROUTES.iter().filter(|(_, who)| *who != All) {
        let (path, body) = (ours.path(path_of(route)), ours.body(route));
        for (name, token, expected) in [
            ("none", None, "missing-token"),
            ("bad", Some("a.b.c"), "invalid-token"),
            ("expired", Some(&*expired), "expired-token"),
            ("disabled", Some(&*disabled), "ended-token"),
            ("logged out", Some(&*logged_out), "ended-token"),
        ] {
            let response = send(&app, token, route, &path, &body).await;
            assert_eq!(response.status(), 401, "{route} {name}");
            assert_eq!(code(response).await, expected, "{route} {name}");
        }
        if *who != Token {
            let response = send(&app, Some(&must_change), route, &path, &body).await;
            assert_eq!(response.status(), 403, "{route}");
            assert_eq!(code(response).await, "password-change-required", "{route}");
        }
    }
    assert_eq!(state_of_ours(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn representatives_are_kept_to_what_is_theirs() {
    let app = App::new().await;
    let ours = Ours::new(&app).await;
    let other = app.server.token("default", "sr00002").await;
    let before = state_of_ours(&app).await;
    for (route, who) in ROUTES.iter().filter(|(_, who)| matches!(who, Office | User)) {
        let (path, body) = (ours.path(path_of(route)), ours.body(route));
        let response = send(&app, Some(&other), route, &path, &body).await;
        if *who == Office {
            assert_eq!(response.status(), 403, "{route}");
            assert_eq!(code(response).await, "forbidden", "{route}");
        } else if route.starts_with("post /auth/mfa/") {
            assert_eq!(response.status(), 422, "{route}: who shows no password or code changes nothing");
        } else if path != path_of(route) {
            // A shop of another representative, and the session of an administrator.
            assert_eq!(response.status(), 404, "{route}");
        } else {
            assert_eq!(response.status(), 200, "{route}");
            let text = response.text().await.unwrap();
            assert!(!text.contains("OURS-1"), "{route}: {text}");
        }
    }
    assert_eq!(state_of_ours(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_company_meets_nothing_of_ours() {
    let app = App::new().await;
    let ours = Ours::new(&app).await;
    let document = document(&app).await;
    let (here, there) =
        (app.server.token("default", "admin").await, app.server.token("other", "admin").await);
    let before = state_of_ours(&app).await;
    let mut cursors = 0;
    for (route, _) in ROUTES.iter().filter(|(_, who)| matches!(who, Office | User)) {
        let (method, template) = route.split_once(' ').unwrap();
        let (path, body) = (ours.path(template), ours.body(route));
        let mut queries = vec![String::new()];
        let parameters =
            document["paths"][template][method]["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            queries.extend(ours.parameter(name).map(|value| format!("?{name}={value}")));
            if name == "cursor" {
                let page =
                    app.server.get(&format!("{path}?limit=1")).bearer_auth(&here).send().await.unwrap();
                let page: Value = page.json().await.unwrap();
                let cursor =
                    page["page"]["nextCursor"].as_str().map(|cursor| format!("?limit=1&cursor={cursor}"));
                cursors += usize::from(cursor.is_some());
                queries.extend(cursor);
            }
        }
        for query in queries {
            let response = send(&app, Some(&there), route, &format!("{path}{query}"), &body).await;
            let status = response.status().as_u16();
            let text = response.text().await.unwrap();
            assert!(status < 500, "{route} {query}: {status} {text}");
            assert!(!text.contains(MARK), "{route} {query}: {text}");
            if path != template {
                assert!([404, 415, 422].contains(&status), "{route}: {status} {text}");
            }
        }
    }
    assert!(cursors >= 5, "{cursors}");
    assert_eq!(state_of_ours(&app).await, before, "nothing of ours has changed");
}
