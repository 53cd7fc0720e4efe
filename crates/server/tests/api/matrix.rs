//! Denied requests to every route of docs/ACCESS.md: without a token, with all kinds of unusable tokens, without the permission, and
//! from another tenant with our ids in the path, the query, the body and cursors.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::samples::{World, resources};
use crate::support::{App, claims_of, code, eventually, haat, run};

/// The routes and the roles that may use them, as reviewed.
const ACCESS: &str = include_str!("../../../../docs/ACCESS.md");

/// The callers that may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// All callers, with or without a token.
    Public,
    /// Callers with a token, even one that only allows changing the password.
    Token,
    /// Super admins without `X-Tenant-Id` only.
    Platform,
    /// Administrators, and sales reps if `sales_rep` is true.
    Role {
        /// Sales reps may use the route.
        sales_rep: bool,
    },
}
use Access::{Platform, Public, Role, Token};

/// The routes of docs/ACCESS.md.
fn access() -> Vec<(String, Access)> {
    let rows = ACCESS.lines().filter_map(|line| line.strip_prefix("| ")).skip(1);
    let routes = rows.map(|row| {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        let (method, path) = cells[0].split_once(' ').unwrap();
        let access = match (cells[1], cells[column("admin")], cells[column("sales_rep")]) {
            ("nothing", "yes", "yes") => Public,
            ("a login, even if a password change is pending", "yes", "yes") => Token,
            (_, "no", "no") if cells[column("super_admin")] == "platform" => Platform,
            (_, "yes" | "all", sales_rep) => Role { sales_rep: sales_rep != "no" },
            cells => panic!("{row}: {cells:?}"),
        };
        (format!("{} {path}", method.to_lowercase()), access)
    });
    routes.collect()
}

/// Returns the column of a role in docs/ACCESS.md.
fn column(role: &str) -> usize {
    let header = ACCESS.lines().find_map(|line| line.strip_prefix("| ")).unwrap();
    header.split('|').position(|cell| cell.trim() == role).unwrap()
}

/// Returns the routes of docs/ACCESS.md that require a permission, each with whether a role has it.
fn permitted(role: &str) -> Vec<(String, bool)> {
    permitted_with(role).into_iter().map(|(route, extent)| (route, extent != "no")).collect()
}

/// Returns the routes of docs/ACCESS.md that require a permission, each with the extent to which a role has it.
fn permitted_with(role: &str) -> Vec<(String, &'static str)> {
    let column = column(role);
    let rows = ACCESS.lines().filter_map(|line| line.strip_prefix("| ")).skip(1);
    let routes = rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        let (method, path) = cells[0].split_once(' ').unwrap();
        cells[1].starts_with('`').then(|| (format!("{} {path}", method.to_lowercase()), cells[column]))
    });
    routes.collect()
}

/// A marker in all our names, to detect leaks.
const MARK: &str = "Zzleak";

/// Files of sales reps; `imports` alone are those of retailers.
const REP_IMPORTS: &str = "sales-reps/imports";

/// Ids of the resources of our tenant.
pub(crate) struct OurIds {
    /// Ids by the path segment of the resource, such as `regions`.
    ids: BTreeMap<String, String>,
    /// Bodies that create another resource and refer to our ids, by the path of the collection.
    bodies: BTreeMap<String, Value>,
}

impl OurIds {
    pub(crate) async fn new(world: &World) -> Self {
        let app = &world.app;
        let owner = app.database.owner().await;
        let tenant = app.fixture.ours.tenant;
        for table in ["regions", "areas", "territories", "distributors", "retailers", "users"] {
            let rename = format!("UPDATE {table} SET name = '{MARK} ' || name WHERE tenant_id = $1");
            owner.execute(&rename, &[&tenant]).await.unwrap();
        }
        // Both tenants have the same uids; this one exists in our tenant only.
        let unique_uid = "UPDATE retailers SET uid = 'OURS-1', routes = ARRAY['Zzleak'] WHERE tenant_id = $1 AND uid = 'RTL-0001'";
        owner.execute(unique_uid, &[&tenant]).await.unwrap();
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
        post("/teams", json!({"name": format!("{MARK} team"), "members": [app.fixture.ours.rep.id]})).await;
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
        let reps = csv(
            "/admin/sales-reps/import",
            format!("username,name,phone\n{MARK}-7,{MARK},\n{MARK}-8,{MARK},x\n"),
        );
        assert_eq!(reps.await.unwrap().status(), 202);
        let unfinished = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')";
        eventually(async || owner.query_one(unfinished, &[]).await.unwrap().get::<_, i64>(0) == 0).await;
        let session = claims_of(&token)["sid"].as_str().unwrap().to_owned();
        let mut ids = BTreeMap::from([("uid", "OURS-1".to_owned()), ("sessions", session)]);
        ids.insert("tenants", tenant.to_string());
        ids.insert("plans", plan.rsplit('/').next().unwrap().to_owned());
        for (word, table) in [
            ("regions", "regions"),
            ("areas", "areas"),
            ("territories", "territories"),
            ("distributors", "distributors"),
            ("place-aliases", "place_aliases"),
            ("sales-reps", "sales_reps"),
            ("users", "users"),
            ("teams", "teams"),
            ("batches", "batches"),
            ("imports", "imports"),
            ("grants", "user_roles"),
        ] {
            ids.insert(word, id(table).await);
        }
        // The jobs of imports are shown with the import.
        let file_job = "SELECT min(id)::text FROM jobs WHERE tenant_id = $1 AND kind = $2";
        for (word, kind) in [("jobs", "assign-file"), (REP_IMPORTS, "create-sales-reps")] {
            ids.insert(word, owner.query_one(file_job, &[&tenant, &kind]).await.unwrap().get(0));
        }
        let mut ids: BTreeMap<String, String> =
            ids.into_iter().map(|(word, id)| (word.to_owned(), id)).collect();
        let mut bodies = BTreeMap::new();
        for resource in resources() {
            let name = resource.collection.rsplit('/').next().unwrap().to_owned();
            if let Entry::Vacant(entry) = ids.entry(name) {
                let body = world.fill(&resource.create, MARK).await;
                let (location, _) = world.create(&resource.collection, &body).await;
                entry.insert(location.rsplit('/').next().unwrap().to_owned());
            }
            let body = world.fill(&resource.create, "Theirs").await;
            bodies.insert(resource.collection, body);
        }
        Self { ids, bodies }
    }

    /// Returns the path of a route with our ids.
    pub(crate) fn path(&self, route: &str) -> String {
        let before_id = route.split("/{id}").next().and_then(|path| path.rsplit('/').next());
        let known = |part: &&str| self.ids.contains_key(*part);
        let before_id = before_id.map(|word| if route.contains(REP_IMPORTS) { REP_IMPORTS } else { word });
        let kind = before_id.filter(known).or_else(|| route.split('/').rev().find(known)).unwrap_or_default();
        let id = self.ids.get(kind).cloned().unwrap_or_default();
        route
            .replace("{id}", &id)
            .replace("{uid}", &self.ids["uid"])
            .replace("{grantId}", &self.ids["grants"])
    }

    /// Returns our id as the value of a query parameter, if the parameter takes one.
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
        Some(&self.ids[kind])
    }

    /// Returns a body with our ids.
    pub(crate) fn body(&self, route: &str) -> Value {
        let collection = match route.split_once(' ').unwrap() {
            // The only ones that take the members of a patch.
            ("put", "/users/{id}" | "/tenants/{id}") => "",
            ("post", path) => path,
            ("put", path) => path.trim_end_matches("/{id}"),
            _ => "",
        };
        if let Some(body) = self.bodies.get(collection) {
            return body.clone();
        }
        let id = |kind: &str| self.ids[kind].parse::<i64>().unwrap();
        let assignments = json!([{"salesRep": id("sales-reps"), "retailers": ["OURS-1"]}, {"salesRep": "sr00001", "retailers": ["OURS-1"]}]);
        match route {
            "post /admin/assignments/bulk"
            | "post /admin/assignments/bulk-unassign"
            | "post /admin/assignments/plans" => {
                json!({"assignments": assignments})
            }
            "post /admin/assignments/transfer" => json!({"from": id("sales-reps"), "to": ["sr00001"]}),
            "patch /retailers/{uid}" => json!({"points": 9}),
            "post /users/{id}/roles" | "put /users/{id}/roles" => json!({"roles": ["sales_rep"]}),
            "post /teams/{id}/members" => json!({"users": [id("users")], "move": true}),
            "put /users/{id}/status" => json!({"status": "suspended"}),
            route if route.starts_with("patch") || route.starts_with("put") => json!({"name": "Theirs"}),
            _ => json!({}),
        }
    }
}

/// Tables that requests without effect may write: sessions, audit entries of logins, the change feed, counts of requests.
const NOT_COMPARED: &[&str] =
    &["sessions", "spent_refresh_tokens", "audit_logs", "changes", "idempotency_keys", "user_activity"];

/// Returns a digest of our tenant's rows.
pub(crate) async fn our_state(app: &App) -> String {
    let owner = app.database.owner().await;
    let tables = "SELECT table_name::text FROM information_schema.columns
                    JOIN information_schema.tables USING (table_schema, table_name)
                   WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_type = 'BASE TABLE'
                     AND table_name NOT LIKE 'audit_logs_%' ORDER BY table_name";
    let mut state = String::new();
    for table in owner.query(tables, &[]).await.unwrap().iter().map(|row| row.get::<_, String>(0)) {
        if NOT_COMPARED.contains(&table.as_str()) {
            continue;
        }
        let rows = format!(
            "SELECT coalesce(string_agg(md5((to_jsonb(t) - 'heartbeat_at' - 'progress')::text), ',' ORDER BY t::text), '') \
             FROM {table} AS t WHERE tenant_id = $1"
        );
        let digest: String = owner.query_one(&rows, &[&app.fixture.ours.tenant]).await.unwrap().get(0);
        state.extend([table.as_str(), ": ", digest.as_str(), "\n"]);
    }
    let tenants = "SELECT string_agg(t::text, ',' ORDER BY id) FROM tenants AS t";
    state + &owner.query_one(tenants, &[]).await.unwrap().get::<_, String>(0)
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

pub(crate) async fn document(app: &App) -> Value {
    app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap()
}

fn path_of(route: &str) -> &str {
    route.split_once(' ').unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_access_is_up_to_date() {
    let output = run(haat(&["openapi", "--access"], &[]));
    assert!(output.success, "{}", output.stderr);
    assert!(output.stdout == ACCESS, "docs/ACCESS.md is out of date: run `make openapi`");
    let app = App::new().await;
    let document = document(&app).await;
    let mut routes = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        routes.extend(methods.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    assert_eq!(access().into_iter().map(|(route, _)| route).collect::<BTreeSet<_>>(), routes);
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_tokens_are_rejected_on_every_route() {
    let world = World::new().await;
    let app = &world.app;
    let ours = OurIds::new(&world).await;
    let expiring =
        crate::support::Server::start(&app.database.app_url(), &[("HAAT_ACCESS_TOKEN_SECONDS", "1")]);
    let expired = expiring.token("default", "admin").await;
    let disabled = app.server.token("default", "sr00002").await;
    let logged_out = app.server.token("default", "admin").await;
    send(app, Some(&logged_out), "post /auth/logout", "/auth/logout", &json!({})).await;
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
    let before = our_state(app).await;
    for (route, access) in &access().into_iter().filter(|(_, access)| *access != Public).collect::<Vec<_>>() {
        // The parameter is not checked before the token.
        let (path, body) = (format!("{}?unknown=1", ours.path(path_of(route))), ours.body(route));
        for (name, token, expected) in [
            ("none", None, "missing-token"),
            ("bad", Some("a.b.c"), "invalid-token"),
            ("expired", Some(&*expired), "expired-token"),
            ("disabled", Some(&*disabled), "token-revoked"),
            ("logged out", Some(&*logged_out), "token-revoked"),
        ] {
            let response = send(app, token, route, &path, &body).await;
            assert_eq!(response.status(), 401, "{route} {name}");
            assert_eq!(code(response).await, expected, "{route} {name}");
        }
        if *access != Token {
            let response = send(app, Some(&must_change), route, &path, &body).await;
            assert_eq!(response.status(), 403, "{route}");
            assert_eq!(code(response).await, "password-change-required", "{route}");
        }
    }
    assert_eq!(our_state(app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_reps_access_only_their_own_data() {
    let world = World::new().await;
    let app = &world.app;
    let ours = OurIds::new(&world).await;
    let rep = app.server.token("default", "sr00002").await;
    let before = our_state(app).await;
    for (route, access) in &access() {
        let sales_rep = match access {
            Role { sales_rep } => *sales_rep,
            Platform => false,
            Public | Token => continue,
        };
        let (path, body) = (ours.path(path_of(route)), ours.body(route));
        let response = send(app, Some(&rep), route, &path, &body).await;
        if !sales_rep {
            assert_eq!(response.status(), 403, "{route}");
            assert_eq!(code(response).await, "forbidden", "{route}");
            // The permission is checked before everything else.
            let path = path_of(route).replace("{id}", "x").replace("{uid}", "x");
            let response = send(app, Some(&rep), route, &path, &json!({"nonsense": 1})).await;
            assert_eq!(code(response).await, "forbidden", "{route}");
        } else if route.starts_with("post /auth/mfa/") {
            assert_eq!(response.status(), 422, "{route}: without a password or code");
        } else if path != path_of(route) {
            // A retailer of another sales rep, and a session of an administrator.
            assert_eq!(response.status(), 404, "{route}");
        } else {
            assert_eq!(response.status(), 200, "{route}");
            let text = response.text().await.unwrap();
            assert!(!text.contains("OURS-1"), "{route}: {text}");
        }
    }
    assert_eq!(our_state(app).await, before);
}

/// The other roles, each with the column and the table of its target.
const OTHER_ROLES: &[(&str, Option<(&str, &str)>)] = &[
    ("national_manager", None),
    ("regional_manager", Some(("region_id", "regions"))),
    ("area_manager", Some(("area_id", "areas"))),
    ("team_leader", Some(("team_id", "teams"))),
    ("distributor_user", Some(("distributor_id", "distributors"))),
    ("retailer_user", Some(("retailer_id", "retailers"))),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_role_gets_exactly_the_access_in_the_table() {
    let world = World::new().await;
    let app = &world.app;
    let ours = OurIds::new(&world).await;
    let owner = app.database.owner().await;
    let tenant = app.fixture.ours.tenant;
    let team = "INSERT INTO teams (tenant_id, name, name_key) VALUES ($1, 'East', 'east')";
    owner.execute(team, &[&tenant]).await.unwrap();
    for (role, target) in OTHER_ROLES {
        let insert = "INSERT INTO users (tenant_id, username, name, password_hash, role, scoped) \
                      VALUES ($1, $2, $2, $3, $2, TRUE) RETURNING id";
        let values = [role, &haat_test_support::PASSWORD_HASH];
        let user: i64 = owner.query_one(insert, &[&tenant, &values[0], &values[1]]).await.unwrap().get(0);
        let grant = match target {
            None => "INSERT INTO user_roles (tenant_id, user_id, role) VALUES ($1, $2, $3)".to_owned(),
            Some((column, table)) => format!(
                "INSERT INTO user_roles (tenant_id, user_id, role, {column}) \
                 SELECT $1, $2, $3, min(id) FROM {table} WHERE tenant_id = $1"
            ),
        };
        owner.execute(&grant, &[&tenant, &user, role]).await.unwrap();
        let token = app.server.token("default", role).await;
        let mut counts = (0, 0);
        for (route, permitted) in permitted(role) {
            // The permission is checked before everything else, so nothing of the request matters.
            let path = without_ids(&route);
            let response = send(app, Some(&token), &route, &path, &json!({"nonsense": 1})).await;
            let status = response.status().as_u16();
            let text = response.text().await.unwrap();
            assert_eq!(status == 403, !permitted, "{role} {route}: {status} {text}");
            assert!(status < 500, "{role} {route}: {status} {text}");
            if permitted {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
            if matches!(*role, "distributor_user" | "retailer_user") {
                let (path, body) = (ours.path(path_of(&route)), ours.body(&route));
                let response = send(app, Some(&token), &route, &path, &body).await;
                let is_success = response.status().is_success();
                let text = response.text().await.unwrap();
                // The retailer is theirs, but not its notes, nor its phone for a distributor.
                let hidden: &[&str] = match (path_of(&route).starts_with("/retailers"), *role) {
                    (false, _) => &["OURS-1"],
                    (true, "distributor_user") => &["\"notes\"", "\"phone\"", "\"points\""],
                    (true, _) => &["\"notes\"", "RTL-0002"],
                };
                let leaks = hidden.iter().any(|word| text.contains(word));
                assert!(!is_success || !leaks, "{role} {route}: {text}");
            }
        }
        assert!(counts.1 > 20, "{role}: {counts:?}");
    }
}

/// Returns the path of a route, with a text that is no id.
fn without_ids(route: &str) -> String {
    path_of(route)
        .replace("{id}", "x")
        .replace("{uid}", "x")
        .replace("{grantId}", "x")
        .replace("{userId}", "x")
}

#[tokio::test(flavor = "multi_thread")]
async fn super_admins_manage_tenants_without_the_header_and_everything_else_with_it() {
    let world = World::new().await;
    let app = &world.app;
    let (user, token) = app.super_admin("karim").await;
    let owner = app.database.owner().await;
    let recorded = async || -> i64 {
        let count = "SELECT count(*) FROM audit_logs WHERE action = 'support.access' \
                     AND (tenant_id = $1 OR (actor_id = $2 AND entity_id = $1::text))";
        owner.query_one(count, &[&app.fixture.ours.tenant, &user]).await.unwrap().get(0)
    };
    // A route that needs a login alone is about the caller's own account, except the list of roles.
    let logins = access().into_iter().filter(|(route, access)| {
        *access != Public && permitted("admin").iter().all(|(other, _)| other != route)
    });
    let routes: Vec<(String, &str)> = permitted_with("super_admin")
        .into_iter()
        .chain(logins.map(|(route, _)| {
            let is_roles = route == "get /roles";
            (route, if is_roles { "all" } else { "own account" })
        }))
        .collect();
    assert!(routes.len() > 100, "{}", routes.len());
    let document = document(app).await;
    for (route, extent) in &routes {
        let (method, path) = route.split_once(' ').unwrap();
        let parameters = document["paths"][path][method]["parameters"].as_array();
        let is_declared =
            parameters.into_iter().flatten().any(|parameter| parameter["name"] == "X-Tenant-Id");
        assert_eq!(is_declared, ["all", "any"].contains(extent), "{route}");
        let (method, _) = route.split_once(' ').unwrap();
        let method: Method = method.to_uppercase().parse().unwrap();
        let path = without_ids(route);
        if *extent == "own account" && method != Method::GET {
            continue;
        }
        let request = || {
            let request = app.server.request(method.clone(), &path).bearer_auth(&token);
            if [Method::GET, Method::DELETE].contains(&method) {
                request
            } else {
                request.json(&json!({"nonsense": 1}))
            }
        };
        let before = recorded().await;
        let bare = request().send().await.unwrap();
        let (status, text) = (bare.status().as_u16(), bare.text().await.unwrap());
        let is_refused = status == 403 && text.contains("\"tenant-required\"");
        assert_eq!(is_refused, *extent == "all", "{route} without the header: {status} {text}");
        assert_eq!(recorded().await, before, "{route}");
        let with = request().header("x-tenant-id", "default").send().await.unwrap();
        let (status, text) = (with.status().as_u16(), with.text().await.unwrap());
        assert_eq!(
            status == 403,
            !["all", "any"].contains(extent),
            "{route} with the header: {status} {text}"
        );
        assert!(status < 500, "{route}: {status} {text}");
        // Own accounts are never entered. A route of tenants is entered before the permission is checked.
        let entries = if *extent == "own account" { 0 } else { 2 };
        assert_eq!(recorded().await - before, entries, "{route}: one entry in each log");
    }
    // The header from any other user is refused, even with their own tenant.
    for (username, tenant) in
        [("admin", "default"), ("admin", "other"), ("sr00001", "default"), ("sr00001", "none")]
    {
        let other = app.server.token("default", username).await;
        for (route, _) in &routes {
            let (method, _) = route.split_once(' ').unwrap();
            let method: Method = method.to_uppercase().parse().unwrap();
            let request = app.server.request(method, &without_ids(route)).bearer_auth(&other);
            let response = request.header("x-tenant-id", tenant).send().await.unwrap();
            assert_eq!(code(response).await, "forbidden", "{username} {route}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_cannot_access_our_data() {
    let world = World::new().await;
    let app = &world.app;
    let ours = OurIds::new(&world).await;
    let document = document(app).await;
    let (our_token, their_token) =
        (app.server.token("default", "admin").await, app.server.token("other", "admin").await);
    let before = our_state(app).await;
    let mut cursors = 0;
    for (route, access) in &access()
        .into_iter()
        .filter(|(_, access)| matches!(access, Role { .. } | Platform))
        .collect::<Vec<_>>()
    {
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
                    app.server.get(&format!("{path}?limit=1")).bearer_auth(&our_token).send().await.unwrap();
                let page: Value = page.json().await.unwrap();
                let cursor =
                    page["page"]["nextCursor"].as_str().map(|cursor| format!("?limit=1&cursor={cursor}"));
                cursors += usize::from(cursor.is_some());
                queries.extend(cursor);
            }
        }
        for query in queries {
            let response = send(app, Some(&their_token), route, &format!("{path}{query}"), &body).await;
            let status = response.status().as_u16();
            let text = response.text().await.unwrap();
            assert!(status < 500, "{route} {query}: {status} {text}");
            assert!(!text.contains(MARK), "{route} {query}: {text}");
            if *access == Platform {
                assert_eq!(status, 403, "{route}: {text}");
            } else if path != template {
                assert!([404, 415, 422].contains(&status), "{route}: {status} {text}");
            }
        }
    }
    assert!(cursors >= 5, "{cursors}");
    assert_eq!(our_state(app).await, before, "nothing has changed");
}
