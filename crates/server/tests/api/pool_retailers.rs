//! Admins read and change the master data of retailers.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, Server, code, problem};

const POOL: &str = "/admin/retailers";

fn retailer(uid: &str) -> String {
    format!("{POOL}/{uid}")
}

async fn send(app: &App, method: Method, path: &str, body: &Value, header: Option<(&str, &str)>) -> Response {
    let token = app.server.token("default", "admin").await;
    let mut request = app.server.request(method, path).bearer_auth(token);
    if !body.is_null() {
        request = request.json(body);
    }
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

async fn get(app: &App, path: &str) -> Value {
    let response = app.get_as("admin", path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

async fn uids(app: &App, query: &str) -> Vec<String> {
    let page = get(app, &format!("{POOL}?sort=uid&{query}")).await;
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|retailer| retailer["uid"].as_str().unwrap().to_owned())
        .collect()
}

async fn id(app: &App, statement: &str) -> i64 {
    app.database.owner().await.query_one(statement, &[]).await.unwrap().get(0)
}

/// The territory of the fixture's retailers in the tenant `default`.
async fn territory(app: &App) -> i64 {
    id(app, "SELECT t.id FROM territories t JOIN tenants n ON n.id = t.tenant_id AND n.slug = 'default'")
        .await
}

/// A number that grows with every change: audit entries plus feed entries plus retailer versions.
async fn trace_count(app: &App) -> i64 {
    id(app, "SELECT (SELECT count(*) FROM audit_logs WHERE entity <> 'session') + (SELECT count(*) FROM changes) + (SELECT sum(version)::bigint FROM retailers)")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn created_retailer_is_returned_replayed_and_searchable() {
    let app = App::new().await;
    let territory = territory(&app).await;
    let body = json!({"uid": "NEW-1", "name": "  নতুন দোকান ", "territory": territory, "phone": "০১৭১১-৯৯৯৯৯৯",
                      "points": 5, "routes": ["A", "B"], "notes": "x"});
    let dry_run = send(&app, Method::POST, &format!("{POOL}?validateOnly=true"), &body, None).await;
    assert_eq!((dry_run.status().as_u16(), dry_run.headers().get("location")), (200, None));
    assert_eq!(app.get_as("admin", &retailer("NEW-1")).await.status(), 404, "a dry run creates nothing");
    let key = Some(("idempotency-key", "k-1"));
    let response = send(&app, Method::POST, POOL, &body, key).await;
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["location"], "/admin/retailers/NEW-1");
    let etag = response.headers()["etag"].to_str().unwrap().to_owned();
    assert!(etag.starts_with("\"1-"), "{etag}");
    let created: Value = response.json().await.unwrap();
    assert_eq!(created["name"], "নতুন দোকান");
    assert_eq!((&created["phone"], &created["points"]), (&json!("+8801711999999"), &json!(5)));
    assert_eq!((&created["region"]["name"], &created["area"]["name"]), (&json!("Dhaka"), &json!("Gazipur")));
    assert_eq!((&created["distributor"], &created["deletedAt"]), (&Value::Null, &Value::Null));
    assert_eq!((&created["salesReps"], &created["createdAt"]), (&json!([]), &created["updatedAt"]));
    assert!(created.get("assignedAt").is_none());
    let again = send(&app, Method::POST, POOL, &body, key).await;
    assert_eq!(
        (again.status().as_u16(), again.headers()["location"].to_str().unwrap()),
        (201, "/admin/retailers/NEW-1")
    );
    assert_eq!(again.json::<Value>().await.unwrap(), created, "a repetition returns the stored response");
    assert_eq!(get(&app, &retailer("NEW-1")).await, created);
    assert_eq!(uids(&app, "q=নতুন").await, ["NEW-1"], "the search finds it");
    assert_eq!(
        id(&app, "SELECT count(*) FROM audit_logs WHERE action = 'retailer.create' AND entity_id = 'NEW-1'")
            .await,
        1
    );

    let conflict = problem(send(&app, Method::POST, POOL, &body, None).await).await;
    assert_eq!(
        (&conflict["code"], &conflict["errors"][0]["field"]),
        (&json!("already-exists"), &json!("uid"))
    );
    assert_eq!(conflict["errors"][0]["code"], "taken");
    assert_eq!(conflict["detail"], "uid: is already used by another retailer");
    assert_eq!(send(&app, Method::DELETE, &retailer("NEW-1"), &Value::Null, None).await.status(), 204);
    let conflict = problem(send(&app, Method::POST, POOL, &body, None).await).await;
    assert_eq!(conflict["status"], 409);
    assert!(conflict["detail"].as_str().unwrap().contains("restored"), "{conflict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_errors_of_a_retailer_are_reported_at_once() {
    let app = App::new().await;
    let mine = territory(&app).await;
    let others =
        id(&app, "SELECT t.id FROM territories t JOIN tenants n ON n.id = t.tenant_id AND n.slug = 'other'")
            .await;
    let distributor =
        id(&app, "SELECT d.id FROM distributors d JOIN tenants n ON n.id = d.tenant_id AND n.slug = 'other'")
            .await;
    let before = trace_count(&app).await;
    for (body, expected) in [
        (json!({}), vec![("name", "required"), ("territory", "required"), ("uid", "required")]),
        (
            json!({"uid": "a b", "name": " ", "territory": mine}),
            vec![("name", "required"), ("uid", "invalid-characters")],
        ),
        (json!({"uid": "N", "name": "a\u{0}b", "territory": mine}), vec![("name", "invalid-characters")]),
        (json!({"uid": "N", "name": "ক".repeat(300), "territory": mine}), vec![("name", "too-long")]),
        (
            json!({"uid": "N", "name": "a", "territory": mine, "colour": 1, "phone": "1"}),
            vec![("colour", "unknown-field"), ("phone", "invalid-phone")],
        ),
        (json!({"uid": "N", "name": "a", "territory": others}), vec![("territory", "not-found")]),
        (
            json!({"uid": "N", "name": "a", "territory": 999_999, "distributor": distributor}),
            vec![("distributor", "not-found"), ("territory", "not-found")],
        ),
    ] {
        let response = send(&app, Method::POST, POOL, &body, None).await;
        assert_eq!(response.status(), 422, "{body}");
        let problem = problem(response).await;
        let mut actual: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect();
        actual.sort_unstable();
        assert_eq!(actual, expected, "{body}");
    }
    for body in [
        json!({"territory": others}),
        json!({"distributor": distributor}),
        json!({"uid": "X"}),
        json!({"name": null}),
    ] {
        assert_eq!(
            send(&app, Method::PATCH, &retailer("RTL-0001"), &body, None).await.status(),
            422,
            "{body}"
        );
    }
    assert_eq!(trace_count(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_changes_only_the_given_members_for_all_users() {
    let app = App::new().await;
    let before = get(&app, &retailer("RTL-0003")).await;
    assert_eq!(before["salesReps"][0]["username"], "sr00001");
    assert_eq!(before["salesReps"][0]["assignedAt"], "2026-01-01T00:00:00.000000Z");
    let same =
        json!({"name": before["name"], "points": before["points"], "territory": before["territory"]["id"]});
    let count = trace_count(&app).await;
    let unchanged = send(&app, Method::PATCH, &retailer("RTL-0003"), &same, None).await;
    assert_eq!(unchanged.json::<Value>().await.unwrap(), before);
    assert_eq!(trace_count(&app).await, count, "setting the same values is not a change");
    let body = json!({"name": "Aalto", "phone": null, "distributor": null, "notes": "n"});
    let dry_run =
        send(&app, Method::PATCH, &format!("{}?validateOnly=true", retailer("RTL-0003")), &body, None).await;
    assert_eq!(dry_run.json::<Value>().await.unwrap()["name"], "Aalto");
    assert_eq!(trace_count(&app).await, count, "a dry run changes nothing");
    for (etag, status) in [("\"7\"", 412), ("\"1\"", 200), ("\"1\"", 412)] {
        let response =
            send(&app, Method::PATCH, &retailer("RTL-0003"), &body, Some(("if-match", etag))).await;
        assert_eq!(response.status(), status, "{etag}");
    }
    let after = get(&app, &retailer("RTL-0003")).await;
    assert_eq!((&after["name"], &after["version"]), (&json!("Aalto"), &json!(2)));
    assert_eq!(
        (&after["phone"], &after["distributor"], &after["points"]),
        (&Value::Null, &Value::Null, &before["points"])
    );
    let own: Value = app.get_as("sr00001", "/retailers?limit=1").await.json().await.unwrap();
    assert_eq!(own["data"][0]["name"], "Aalto", "sorted by the new name immediately");
    assert_eq!(uids(&app, "q=aalto").await, ["RTL-0003"], "found by the new name");
    let log = get(&app, "/admin/audit?entity=retailer&entityId=RTL-0003").await;
    let entry = &log["data"][0];
    assert_eq!(entry["before"]["name"], before["name"]);
    assert_eq!(
        entry["after"],
        json!({"name": "Aalto", "phone": null, "distributor": null, "notes": "n", "version": 2})
    );
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_retailer_takes_area_and_region_from_its_territory() {
    let app = App::new().await;
    let statement = "WITH n AS (SELECT id FROM tenants WHERE slug = 'default'), \
        r AS (INSERT INTO regions (tenant_id, name) SELECT id, 'Khulna' FROM n RETURNING tenant_id, id), \
        a AS (INSERT INTO areas (tenant_id, region_id, name) SELECT tenant_id, id, 'Jashore' FROM r RETURNING tenant_id, id), \
        t AS (INSERT INTO territories (tenant_id, area_id, name) SELECT tenant_id, id, 'Sharsha' FROM a RETURNING id) \
        SELECT id FROM t";
    let target = id(&app, statement).await;
    let response =
        send(&app, Method::PATCH, &retailer("RTL-0001"), &json!({"territory": target}), None).await;
    assert_eq!(response.status(), 200);
    for moved in [response.json::<Value>().await.unwrap(), get(&app, &retailer("RTL-0001")).await] {
        let names = ["region", "area", "territory"].map(|place| moved[place]["name"].clone());
        assert_eq!(names, ["Khulna", "Jashore", "Sharsha"]);
    }
    assert_eq!(uids(&app, "region=Khulna").await, ["RTL-0001"]);
    let log = get(&app, "/admin/audit?entityId=RTL-0001").await;
    assert_eq!(log["data"][0]["after"]["territory"], target);
    assert!(log["data"][0]["before"]["region"].is_i64() && log["data"][0]["before"]["area"].is_i64());
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_retailer_disappears_in_this_and_another_process() {
    let app = App::new().await;
    let other = Server::start(&app.database.app_url(), &[]);
    let token = other.token("default", "sr00002").await;
    let status =
        async || other.get("/retailers/RTL-0004").bearer_auth(&token).send().await.unwrap().status().as_u16();
    assert_eq!(status().await, 200, "the other process has cached it");
    assert_eq!(app.get_as("sr00001", "/retailers/RTL-0004").await.status(), 200);
    let dry_run = send(
        &app,
        Method::DELETE,
        &format!("{}?validateOnly=true", retailer("RTL-0004")),
        &Value::Null,
        None,
    )
    .await;
    assert_eq!(dry_run.status(), 200);
    assert!(dry_run.json::<Value>().await.unwrap()["deletedAt"].is_string());
    assert_eq!(app.get_as("sr00001", "/retailers/RTL-0004").await.status(), 200, "a dry run changes nothing");
    let stale =
        send(&app, Method::DELETE, &retailer("RTL-0004"), &Value::Null, Some(("if-match", "\"9\""))).await;
    assert_eq!(stale.status(), 412);
    let response =
        send(&app, Method::DELETE, &retailer("RTL-0004"), &Value::Null, Some(("if-match", "\"1\""))).await;
    assert_eq!(response.status(), 204);
    let deleted = Instant::now();
    for username in ["sr00001", "sr00002"] {
        let own: Value = app.get_as(username, "/retailers?limit=100").await.json().await.unwrap();
        assert!(
            own["data"].as_array().unwrap().iter().all(|retailer| retailer["uid"] != "RTL-0004"),
            "{username}"
        );
        let body = json!({"points": 1});
        assert_eq!(app.send_as(username, Method::PATCH, "/retailers/RTL-0004", &body).await.status(), 404);
    }
    while status().await == 200 {
        assert!(deleted.elapsed() < Duration::from_secs(20), "the other process still returns it");
    }
    let before = trace_count(&app).await;
    let again =
        send(&app, Method::DELETE, &retailer("RTL-0004"), &Value::Null, Some(("if-match", "\"1\""))).await;
    assert_eq!(again.status(), 204, "deletion is idempotent");
    assert_eq!(trace_count(&app).await, before, "a repetition writes nothing");
    let log = get(&app, "/admin/audit?action=retailer.delete").await;
    assert_eq!(log["data"][0]["after"]["assignmentsEnded"], 2);
    assert_eq!(log["data"].as_array().unwrap().len(), 1);

    let deleted = get(&app, &retailer("RTL-0004")).await;
    assert!(deleted["deletedAt"].is_string() && deleted["salesReps"] == json!([]) && deleted["version"] == 2);
    assert_eq!(uids(&app, "deleted=true").await, ["RTL-0004"]);
    assert!(!uids(&app, "").await.contains(&"RTL-0004".to_owned()));
    let edit = send(&app, Method::PATCH, &retailer("RTL-0004"), &json!({"points": 1}), None).await;
    assert_eq!((edit.status().as_u16(), code(edit).await.as_str()), (409, "deleted"));
    let assign = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0004"]}]});
    let assigned = app.send_as("admin", Method::POST, "/admin/assignments/bulk", &assign).await;
    assert_eq!(assigned.json::<Value>().await.unwrap()["notFound"], json!(["RTL-0004"]));

    let restore = format!("{}/restore", retailer("RTL-0004"));
    let dry_run = send(&app, Method::POST, &format!("{restore}?validateOnly=true"), &Value::Null, None).await;
    assert_eq!(dry_run.json::<Value>().await.unwrap()["deletedAt"], Value::Null);
    let stale = send(&app, Method::POST, &restore, &Value::Null, Some(("if-match", "\"1\""))).await;
    assert_eq!(stale.status(), 412);
    let key = Some(("idempotency-key", "restore-1"));
    let restored = send(&app, Method::POST, &restore, &Value::Null, key).await;
    assert_eq!(restored.status(), 200);
    let restored: Value = restored.json().await.unwrap();
    assert_eq!(
        (&restored["deletedAt"], &restored["version"], &restored["salesReps"]),
        (&Value::Null, &json!(3), &json!([]))
    );
    let before = trace_count(&app).await;
    for key in [key, None] {
        let again = send(&app, Method::POST, &restore, &Value::Null, key).await;
        assert_eq!((again.status().as_u16(), again.json::<Value>().await.unwrap()), (200, restored.clone()));
    }
    assert_eq!(trace_count(&app).await, before);
    assert_eq!(uids(&app, "assigned=false").await, ["RTL-0004", "RTL-0006"]);
    assert_eq!(
        app.get_as("sr00001", "/retailers/RTL-0004").await.status(),
        404,
        "ended assignments are not restored"
    );
    // It can be assigned and deleted again.
    let assigned = app.send_as("admin", Method::POST, "/admin/assignments/bulk", &assign).await;
    assert_eq!(assigned.json::<Value>().await.unwrap()["assigned"], 1);
    assert_eq!(send(&app, Method::DELETE, &retailer("RTL-0004"), &Value::Null, None).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_is_visible_in_another_process_within_500_ms() {
    let app = App::new().await;
    let other = Server::start(&app.database.app_url(), &[]);
    let token = other.token("default", "sr00001").await;
    let status =
        async || other.get("/retailers/RTL-0001").bearer_auth(&token).send().await.unwrap().status().as_u16();
    assert_eq!(status().await, 200);
    assert_eq!(send(&app, Method::DELETE, &retailer("RTL-0001"), &Value::Null, None).await.status(), 204);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(status().await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_list_supports_all_filters_and_cursor_paging() {
    let app = App::new().await;
    let rep = app.fixture.ours.other_rep.id;
    for (query, expected) in [
        ("", vec!["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005", "RTL-0006"]),
        ("assigned=true", vec!["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005"]),
        ("assigned=false", vec!["RTL-0006"]),
        ("salesRep=sr00002", vec!["RTL-0004", "RTL-0005"]),
        ("salesRep=SR00002&assigned=true", vec!["RTL-0004", "RTL-0005"]),
        ("salesRep=sr00002&assigned=false", vec![]),
        ("salesRep=sr00002&deleted=true", vec![]),
        ("salesRep=unknown", vec![]),
        ("salesRep=999999", vec![]),
        ("salesRep=sr00002&q=4", vec!["RTL-0004"]),
        ("assigned=false&q=shop", vec!["RTL-0006"]),
        ("assigned=true&q=shop&territory=Kaliganj", vec!["RTL-0004", "RTL-0005"]),
        ("deleted=true", vec![]),
        ("region=Dhaka&distributor=Rahman%20Traders&assigned=false", vec!["RTL-0006"]),
    ] {
        assert_eq!(uids(&app, query).await, expected, "{query}");
        let total = get(&app, &format!("{POOL}?includeTotal=true&{query}")).await["page"]["total"].clone();
        assert_eq!(total, expected.len(), "{query}");
    }
    assert_eq!(uids(&app, &format!("salesRep={rep}&page=2&limit=1")).await, ["RTL-0005"]);
    let fields = get(&app, &format!("{POOL}?sort=uid&fields=uid,salesReps&limit=1")).await;
    let rep = &app.fixture.ours.rep;
    assert_eq!(
        fields["data"],
        json!([{"uid": "RTL-0001", "salesReps": [{"id": rep.id, "username": "sr00001", "name": "Rahim Uddin",
                "assignedAt": "2026-01-01T00:00:00.000000Z"}]}])
    );
    let mut uids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(&app, &format!("{POOL}?assigned=true&sort=-uid&limit=2{cursor}")).await;
        uids.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|retailer| retailer["uid"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["page"]["nextCursor"].as_str() else { break };
        let mismatched = app.get_as("admin", &format!("{POOL}?sort=-uid&limit=2&cursor={next}")).await;
        assert_eq!((mismatched.status().as_u16(), code(mismatched).await.as_str()), (400, "invalid-cursor"));
        cursor = format!("&cursor={next}");
    }
    assert_eq!(uids, ["RTL-0005", "RTL-0004", "RTL-0003", "RTL-0002", "RTL-0001"]);
    for bad in ["assigned=1", "deleted=x", "salesRep=", "colour=red", "q=a", "page=2", "sort=points"] {
        assert_eq!(app.get_as("admin", &format!("{POOL}?{bad}")).await.status(), 422, "{bad}");
    }
    let own = app.get_as("sr00001", "/retailers?assigned=false").await;
    assert_eq!(own.status(), 422, "sales reps do not have this parameter");
}
