//! Shared behaviour of routes. Each route lists its facets in the OpenAPI document (`x-facets`); each test here covers all routes
//! with a facet. A test reports every route that fails, not only the first.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::matrix::{OurIds, document, our_state};
use crate::samples::{World, resources, sample};

/// Routes with a facet but without a sample, and the test file that covers them instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("post /admin/retailers/import", "import_requests.rs: the body is a file"),
    ("post /admin/retailers/imports/{id}/apply", "import_requests.rs: a job has to end first"),
    ("post /admin/retailers/imports/{id}/cancel", "import_requests.rs: a job has to run"),
    ("post /admin/retailers/imports/{id}/undo", "import_requests.rs: a job has to end first"),
    ("post /admin/jobs/{id}/cancel", "admin_jobs.rs: a job has to run"),
    ("post /admin/jobs/{id}/retry", "admin_jobs.rs: a job has to fail first"),
    ("patch /admin/schedules/{context}/{action}", "schedules.rs: only the platform has schedules"),
    ("post /admin/schedules/{context}/{action}/run", "schedules.rs: only the platform has schedules"),
    ("post /admin/sales-reps/import", "sales_rep_files.rs: the body is a file"),
];

/// Routes that change data without the facet `idempotent`, each with the reason.
const NOT_IDEMPOTENT: &[(&str, &str)] = &[
    ("post /auth/login", "every login is a new session"),
    ("post /auth/refresh", "the chain of refresh tokens detects a repetition"),
    ("post /auth/logout", "a repetition finds the session ended"),
    ("post /auth/change-password", "a repetition with the same token returns the same tokens"),
    ("post /auth/mfa/challenge", "a repetition with the same code returns the same tokens"),
    ("post /auth/mfa/enroll", "a repetition starts again with a new seed"),
    ("post /auth/mfa/verify", "a repetition with the same token returns the same tokens"),
    ("post /auth/mfa/disable", "a repetition with the same token returns the same tokens"),
    ("delete /auth/sessions/{id}", "a repetition finds the session ended"),
    ("delete /users/{id}/sessions", "a repetition finds no session to end"),
    ("delete /users/{id}/mfa", "a repetition finds no second factor"),
    ("post /users/{id}/reset-password", "a password must not be stored"),
    ("post /admin/sales-reps/imports/{id}/passwords", "passwords must not be stored"),
    ("delete /tenants/{id}", "a repetition finds the tenant closed"),
    ("delete /users/{id}", "a repetition finds the user disabled"),
    ("delete /admin/sales-reps/{id}", "a repetition finds the sales rep disabled"),
    ("delete /admin/retailers/{uid}", "a repetition finds the retailer deleted"),
];

/// Returns the routes of the document, with their facets.
fn routes(document: &Value) -> Vec<(String, BTreeSet<String>)> {
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let facets = operation["x-facets"].as_array().cloned().unwrap_or_default();
            let facets = facets.iter().map(|facet| facet.as_str().unwrap().to_owned()).collect();
            routes.push((format!("{method} {path}"), facets));
        }
    }
    routes
}

/// Returns the routes with a facet.
fn with_facet(document: &Value, facet: &str) -> Vec<String> {
    let routes = routes(document).into_iter().filter(|(_, facets)| facets.contains(facet));
    routes.map(|(route, _)| route).filter(|route| ELSEWHERE.iter().all(|(other, _)| other != route)).collect()
}

/// Collects failures, so that one run reports all of them.
#[derive(Default)]
struct Failures(Vec<String>);

impl Failures {
    fn check(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        if !holds {
            self.0.push(failure());
        }
    }

    fn report(self) {
        assert!(self.0.is_empty(), "{} failures:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// Returns the number of audit entries, without those of logins, and of stored responses.
async fn traces(world: &World) -> i64 {
    let count = "SELECT (SELECT count(*) FROM audit_logs WHERE entity <> 'session') \
                 + (SELECT count(*) FROM idempotency_keys)";
    world.app.database.owner().await.query_one(count, &[]).await.unwrap().get(0)
}

/// A response, read to its end.
struct TestResponse {
    status: StatusCode,
    etag: Option<String>,
    is_replay: bool,
    body: String,
}

impl TestResponse {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status();
        let etag = response.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned());
        let is_replay = response.headers().contains_key("idempotency-replayed");
        Self { status, etag, is_replay, body: response.text().await.unwrap() }
    }

    fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_reads_are_not_sent_again() {
    let world = World::new().await;
    let ours = OurIds::new(&world).await;
    let document = document(&world.app).await;
    let mut failures = Failures::default();
    for facet in ["read", "list"] {
        for route in with_facet(&document, facet) {
            let path = ours.path(route.split_once(' ').unwrap().1);
            let first = TestResponse::of(world.request("get", &path, &Value::Null)).await;
            failures.check(first.status == 200, || format!("{route}: {} {}", first.status, first.body));
            let Some(etag) = first.etag else {
                failures.check(false, || format!("{route}: no ETag"));
                continue;
            };
            let request = world.request("get", &path, &Value::Null);
            let again = TestResponse::of(request.header("if-none-match", &etag)).await;
            failures
                .check(again.status == 304 && again.body.is_empty(), || format!("{route}: {}", again.status));
            let request = world.request("get", &path, &Value::Null).header("if-match", "\"other\"");
            let stale = TestResponse::of(request).await;
            failures.check(stale.code() == "precondition-failed", || format!("{route}: {}", stale.body));
        }
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_reject_foreign_cursors_and_unknown_parameters() {
    let world = World::new().await;
    let ours = OurIds::new(&world).await;
    let document = document(&world.app).await;
    let mut failures = Failures::default();
    let mut cursors = Vec::new();
    let lists = with_facet(&document, "list");
    for route in &lists {
        let path = ours.path(route.split_once(' ').unwrap().1);
        let page = TestResponse::of(world.request("get", &format!("{path}?limit=1"), &Value::Null)).await;
        let page: Value = serde_json::from_str(&page.body).unwrap_or_default();
        cursors.extend(page["page"]["nextCursor"].as_str().map(|cursor| (path, cursor.to_owned())));
    }
    assert!(cursors.len() >= 5, "{cursors:?}");
    for route in &lists {
        let path = ours.path(route.split_once(' ').unwrap().1);
        let foreign = cursors.iter().filter(|(other, _)| *other != path).map(|(_, cursor)| cursor.as_str());
        for cursor in foreign.chain(["x", "bm90IGpzb24"]) {
            let response =
                TestResponse::of(world.request("get", &format!("{path}?cursor={cursor}"), &Value::Null))
                    .await;
            failures.check(
                (response.status, response.code().as_str()) == (StatusCode::BAD_REQUEST, "invalid-cursor"),
                || format!("{route} ?cursor={cursor}: {} {}", response.status, response.body),
            );
        }
        for (query, field) in [("limit=0", "limit"), ("limit=201", "limit"), ("unknown=1", "unknown")] {
            let response =
                TestResponse::of(world.request("get", &format!("{path}?{query}"), &Value::Null)).await;
            let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
            failures.check(response.status == 422 && body["errors"][0]["field"] == field, || {
                format!("{route} ?{query}: {} {}", response.status, response.body)
            });
        }
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_list_contain_every_row_once() {
    let world = World::new().await;
    let ours = OurIds::new(&world).await;
    for resource in resources() {
        for _ in 0..3 {
            world.create(&resource.collection, &world.fill(&resource.create, "page").await).await;
        }
    }
    let page = async |path: &str| -> Value {
        let response = TestResponse::of(world.request("get", path, &Value::Null)).await;
        serde_json::from_str(&response.body).unwrap_or_default()
    };
    let mut failures = Failures::default();
    let mut walked = 0;
    for route in with_facet(&document(&world.app).await, "list") {
        let path = ours.path(route.split_once(' ').unwrap().1);
        let all = page(&format!("{path}?limit=100")).await["data"].as_array().cloned().unwrap_or_default();
        let mut rows = Vec::new();
        let mut next = Some(format!("{path}?limit=2"));
        while let Some(url) = next.take().filter(|_| rows.len() < all.len()) {
            let page = page(&url).await;
            rows.extend(page["data"].as_array().cloned().unwrap_or_default());
            let cursor = page["page"]["nextCursor"].as_str();
            next = cursor.map(|cursor| format!("{path}?limit=2&cursor={cursor}"));
        }
        walked += usize::from(all.len() > 2);
        failures.check(rows == all && next.is_none(), || format!("{route}: {} of {}", rows.len(), all.len()));
    }
    assert!(walked >= 10, "{walked} lists have several pages");
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_runs_change_nothing() {
    let world = World::new().await;
    let document = document(&world.app).await;
    let mut failures = Failures::default();
    for (number, route) in with_facet(&document, "dry-run").into_iter().enumerate() {
        let (method, _) = route.split_once(' ').unwrap();
        let Some((path, body)) = sample(&world, &route).await else {
            failures.check(false, || format!("{route}: no sample"));
            continue;
        };
        let before = (our_state(&world.app).await, traces(&world).await);
        let key = format!("dry-run-{number}");
        let send = |path: &str| world.request(method, path, &body).header("idempotency-key", &key);
        let response = TestResponse::of(send(&format!("{path}?validateOnly=true"))).await;
        failures.check(response.status.is_success(), || {
            format!("{route}: {} {}", response.status, response.body)
        });
        let after = (our_state(&world.app).await, traces(&world).await);
        failures.check(after == before, || format!("{route}: data was changed"));
        // The sample is valid and the key unused: without `validateOnly` the same request changes something.
        let response = TestResponse::of(send(&path)).await;
        failures.check(response.status.is_success(), || {
            format!("{route}: {} {}", response.status, response.body)
        });
        let changed = our_state(&world.app).await != before.0;
        failures.check(changed || route == "patch /admin/settings", || format!("{route}: changed nothing"));
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_requests_with_a_key_return_the_stored_response() {
    let world = World::new().await;
    let document = document(&world.app).await;
    let mut failures = Failures::default();
    for (number, route) in with_facet(&document, "idempotent").into_iter().enumerate() {
        let (method, _) = route.split_once(' ').unwrap();
        let Some((path, body)) = sample(&world, &route).await else {
            failures.check(false, || format!("{route}: no sample"));
            continue;
        };
        let key = format!("facet-{number}");
        let first =
            TestResponse::of(world.request(method, &path, &body).header("idempotency-key", &key)).await;
        failures.check(first.status.is_success(), || format!("{route}: {} {}", first.status, first.body));
        let after = our_state(&world.app).await;
        // The same meaning, written differently.
        let request = world.request(method, &path, &Value::Null).header("idempotency-key", &key);
        let request = if body.is_null() {
            request
        } else {
            let text = serde_json::to_string_pretty(&body).unwrap();
            request.header("content-type", "application/json").body(text)
        };
        let again = TestResponse::of(request).await;
        // A one-time password is shown once: it is not stored.
        let one_time = first.body.contains("oneTimePassword");
        let same = (again.status, &again.etag, &again.body) == (first.status, &first.etag, &first.body)
            || one_time && again.status == first.status;
        failures.check(same, || format!("{route}: {} {}", again.status, again.body));
        failures.check(again.is_replay && !first.is_replay, || format!("{route}: not marked as a replay"));
        failures.check(our_state(&world.app).await == after, || format!("{route}: executed twice"));
        let other = sample(&world, &route).await.unwrap();
        if other != (path, body) {
            let request = world.request(method, &other.0, &other.1).header("idempotency-key", &key);
            let response = TestResponse::of(request).await;
            failures
                .check(response.code() == "idempotency-key-reused", || format!("{route}: {}", response.body));
        }
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_versions_are_rejected() {
    let world = World::new().await;
    let document = document(&world.app).await;
    let mut failures = Failures::default();
    for route in with_facet(&document, "versioned") {
        let (method, _) = route.split_once(' ').unwrap();
        let Some((path, body)) = sample(&world, &route).await else {
            failures.check(false, || format!("{route}: no sample"));
            continue;
        };
        let before = our_state(&world.app).await;
        let request = world.request(method, &path, &body).header("if-match", "\"999-0\"");
        let response = TestResponse::of(request).await;
        failures.check(
            (response.status.as_u16(), response.code().as_str()) == (412, "precondition-failed")
                && response.etag.is_some(),
            || format!("{route}: {} {}", response.status, response.body),
        );
        let request = world.request(method, &path, &body).header("if-none-match", "*");
        let exists = TestResponse::of(request).await;
        let is_rejected = exists.code() == "precondition-failed" && exists.etag == response.etag;
        failures.check(is_rejected, || format!("{route}: {} {}", exists.status, exists.body));
        let request = world.request(method, &path, &body).header("if-match", "7");
        let response = TestResponse::of(request).await;
        failures.check(response.code() == "malformed-request", || format!("{route}: {}", response.body));
        failures.check(our_state(&world.app).await == before, || format!("{route}: data was changed"));
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_reject_unknown_members() {
    let world = World::new().await;
    let document = document(&world.app).await;
    let mut failures = Failures::default();
    for (route, facets) in routes(&document) {
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| *other == route);
        if facets.is_empty() || elsewhere || route.starts_with("get") {
            continue;
        }
        let (method, _) = route.split_once(' ').unwrap();
        let Some((path, mut body)) = sample(&world, &route).await else {
            failures.check(false, || format!("{route}: no sample"));
            continue;
        };
        if body.is_null() {
            continue;
        }
        body["surplus"] = json!(1);
        let response = TestResponse::of(world.request(method, &path, &body)).await;
        let problem: Value = serde_json::from_str(&response.body).unwrap_or_default();
        let error = &problem["errors"][0];
        failures.check(error["field"] == "surplus" && error["code"] == "unknown-field", || {
            format!("{route}: {} {}", response.status, response.body)
        });
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_ids_are_not_found() {
    let world = World::new().await;
    let ours = OurIds::new(&world).await;
    let mut failures = Failures::default();
    for (route, _) in routes(&document(&world.app).await) {
        let (method, template) = route.split_once(' ').unwrap();
        let body = if method == "delete" { Value::Null } else { ours.body(&route) };
        for id in ["0", "999999", "99999999999999999999", "x", "-1", "+1", "1.0", "%20", "1%00"] {
            let path = template.replace("{id}", id).replace("{uid}", id).replace("{grantId}", id);
            let path = path.replace("{userId}", id);
            if path == template || (route == "delete /auth/sessions/{id}" && id == "x") {
                continue;
            }
            let response = TestResponse::of(world.request(method, &path, &body)).await;
            failures
                .check((response.status.as_u16(), response.code().as_str()) == (404, "not-found"), || {
                    format!("{method} {path}: {} {}", response.status, response.body)
                });
        }
    }
    failures.report();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_idempotent_or_has_a_reason_not_to_be() {
    let world = World::new().await;
    let document = document(&world.app).await;
    let changes = routes(&document).into_iter().filter(|(route, _)| !route.starts_with("get"));
    let plain: BTreeSet<String> =
        changes.filter(|(_, facets)| !facets.contains("idempotent")).map(|(route, _)| route).collect();
    let reasons: BTreeSet<String> = NOT_IDEMPOTENT.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(plain, reasons);
    let known: BTreeSet<String> = routes(&document).into_iter().map(|(route, _)| route).collect();
    for (route, reason) in ELSEWHERE.iter().chain(NOT_IDEMPOTENT) {
        assert!(known.contains(*route) && !reason.is_empty(), "{route}");
    }
}
