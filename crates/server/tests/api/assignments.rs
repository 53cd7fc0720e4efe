//! Admins assign retailers to sales reps and end assignments.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, code, problem};

async fn post(app: &App, username: &str, path: &str, body: &Value, key: Option<&str>) -> Response {
    let token = app.server.token("default", username).await;
    let mut request = app.server.request(Method::POST, path).bearer_auth(token).json(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.send().await.unwrap()
}

const ASSIGN: &str = "/admin/assignments/bulk";
const UNASSIGN: &str = "/admin/assignments/bulk-unassign";

async fn apply(app: &App, path: &str, body: &Value) -> Value {
    let response = post(app, "admin", path, body, None).await;
    assert_eq!(response.status(), 200, "{body}");
    response.json().await.unwrap()
}

fn group(rep: &str, uids: &[&str]) -> Value {
    json!({"assignments": [{"salesRep": rep, "retailers": uids}]})
}

async fn uids(app: &App, username: &str) -> Vec<String> {
    let page: Value = app.get_as(username, "/retailers?sort=uid&limit=100").await.json().await.unwrap();
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|retailer| retailer["uid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_changes_are_visible_to_the_sales_rep_immediately() {
    let app = App::new().await;
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005"]);
    let body = group("sr00002", &["RTL-0006", "RTL-0001", "RTL-0005", "RTL-0006", "RTL-9999", "no uid\u{0}"]);
    let result = apply(&app, ASSIGN, &body).await;
    let batch = result["batchId"].as_i64().unwrap();
    let expected = json!({
        "batchId": batch, "assigned": 2, "alreadyAssigned": 1, "moved": 0, "skipped": 0, "unassigned": 0,
        "notAssigned": 0, "notAssignedRetailers": [], "notFound": ["RTL-9999", "no uid\u{0}"],
        "invalidUids": ["no uid\u{0}"], "outcome": "partial", "repeated": false, "overCapacity": [],
        "unplaced": 0, "changed": 0, "changedRetailers": [], "unserved": 0, "unservedRetailers": [],
        "crossTerritory": 0, "crossTerritoryRetailers": [],
        "salesReps": [{"id": app.fixture.ours.other_rep.id, "username": "sr00002", "before": 2, "after": 4, "effectiveCapacity": 120}],
    });
    assert_eq!(result, expected);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0004", "RTL-0005", "RTL-0006"]);
    assert_eq!(uids(&app, "sr00001").await.len(), 4, "the retailer is shared");
    let again = apply(&app, ASSIGN, &body).await;
    assert_eq!(
        (&again["batchId"], &again["assigned"], &again["alreadyAssigned"], &again["outcome"]),
        (&Value::Null, &json!(0), &json!(3), &json!("refused"))
    );

    let body = group("sr00002", &["RTL-0001", "RTL-0006", "RTL-0002", "RTL-9999"]);
    let result = apply(&app, UNASSIGN, &body).await;
    assert!(result["batchId"].as_i64().unwrap() > batch);
    assert_eq!(
        (&result["unassigned"], &result["notAssigned"], &result["notAssignedRetailers"], &result["notFound"]),
        (&json!(2), &json!(1), &json!(["RTL-0002"]), &json!(["RTL-9999"]))
    );
    assert_eq!((&result["unserved"], &result["unservedRetailers"]), (&json!(1), &json!(["RTL-0006"])));
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005"]);
    assert_eq!(app.get_as("sr00002", "/retailers/RTL-0001").await.status(), 404);
    let again = apply(&app, UNASSIGN, &body).await;
    assert_eq!(
        (&again["batchId"], &again["unassigned"], &again["notAssigned"]),
        (&Value::Null, &json!(0), &json!(3))
    );
    // The same pair can be assigned again after it ended.
    apply(&app, ASSIGN, &group("sr00002", &["RTL-0006"])).await;
    assert_eq!(uids(&app, "sr00002").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_changes_are_in_history_audit_log_and_feed() {
    let app = App::new().await;
    let body = json!({"assignments": [{"salesRep": app.fixture.ours.other_rep.id, "retailers": ["RTL-0006", "RTL-0001"]}],
                      "reason": "new route"});
    let assign_batch = apply(&app, ASSIGN, &body).await["batchId"].as_i64().unwrap();
    let unassign_batch =
        apply(&app, UNASSIGN, &group("sr00002", &["RTL-0006"])).await["batchId"].as_i64().unwrap();
    let owner = app.database.owner().await;
    let (tenant, admin, rep) =
        (app.fixture.ours.tenant, app.fixture.ours.admin.id, app.fixture.ours.other_rep.id);
    let history = owner
        .query(
            "SELECT retailer_id, batch_id, end_batch_id, assigned_by, ended_by, end_reason FROM assignment_history",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(history.len(), 1);
    let numbers: Vec<i64> = (0..5).map(|column| history[0].get(column)).collect();
    assert_eq!(numbers, [app.fixture.ours.retailers[5].id, assign_batch, unassign_batch, admin, admin]);
    assert_eq!(history[0].get::<_, &str>(5), "unassigned");
    let audit = owner
        .query("SELECT action, entity_id, after, batch_id, actor_id FROM audit_logs WHERE entity <> 'session' ORDER BY id", &[])
        .await
        .unwrap();
    let words: Vec<&str> = audit.iter().map(|row| row.get(0)).collect();
    assert_eq!(words, ["assignment.assign", "assignment.unassign"]);
    let after = json!({
        "assigned": 2, "alreadyAssigned": 0, "moved": 0, "skipped": 0, "unassigned": 0, "notAssigned": 0, "changed": 0,
        "unserved": 0, "crossTerritory": 0, "notFound": 0, "refused": 0, "unplaced": 0, "notServed": 0, "failedRows": 0,
        "ifAssigned": "share", "force": false, "reason": "new route",
        "undoes": null, "salesReps": 1,
    });
    assert_eq!(audit[0].get::<_, Value>(2), after);
    assert_eq!((audit[0].get::<_, i64>(3), audit[0].get::<_, i64>(4)), (assign_batch, admin));
    let feed = owner
        .query("SELECT kind, sales_rep_id, batch_id, tenant_id FROM changes ORDER BY tx_id", &[])
        .await
        .unwrap();
    let entries: Vec<(&str, i64, i64, i64)> =
        feed.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    assert_eq!(
        entries,
        [("assigned", rep, assign_batch, tenant), ("unassigned", rep, unassign_batch, tenant)]
    );
    let batches =
        owner.query("SELECT kind, state, reason, counts FROM batches ORDER BY id", &[]).await.unwrap();
    assert_eq!((batches[0].get::<_, &str>(0), batches[0].get::<_, &str>(1)), ("assign", "applied"));
    assert_eq!(batches[0].get::<_, Value>(3)["assigned"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn assignments_over_capacity_are_refused_unless_forced() {
    let app = App::new().await;
    app.database.owner().await.batch_execute("UPDATE sales_reps SET capacity = 3").await.unwrap();
    let body = json!({"assignments": [
        {"salesRep": "sr00002", "retailers": ["RTL-0001", "RTL-0002"]},
        {"salesRep": "SR00001", "retailers": ["RTL-0004"]},
    ]});
    let result = apply(&app, ASSIGN, &body).await;
    let over = |refused| json!([{"salesRep": "sr00002", "assignedCount": 4, "effectiveCapacity": 3, "refused": refused}]);
    assert_eq!(
        (&result["assigned"], &result["alreadyAssigned"], &result["overCapacity"]),
        (&json!(0), &json!(1), &over(2))
    );
    let mut forced = body.clone();
    forced["force"] = json!(true);
    let response = post(&app, "admin", ASSIGN, &forced, None).await;
    assert_eq!(response.status(), 422);
    assert_eq!(problem(response).await["errors"][0]["field"], "reason");
    forced["reason"] = json!("two on leave");
    let result = apply(&app, ASSIGN, &forced).await;
    assert_eq!(
        (&result["assigned"], &result["overCapacity"]),
        (&json!(2), &over(0)),
        "reported although forced"
    );
    assert_eq!(uids(&app, "sr00002").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn dry_run_returns_the_result_and_changes_nothing() {
    let app = App::new().await;
    let mut body = group("sr00002", &["RTL-0006", "RTL-9999"]);
    for (path, in_body) in [(ASSIGN, true), ("/admin/assignments/bulk?validateOnly=true", false)] {
        body["validateOnly"] = json!(in_body);
        let result = apply(&app, path, &body).await;
        assert_eq!(
            (&result["batchId"], &result["assigned"], &result["notFound"]),
            (&Value::Null, &json!(1), &json!(["RTL-9999"]))
        );
    }
    let mut body = group("sr00002", &["RTL-0004"]);
    body["validateOnly"] = json!(true);
    assert_eq!(apply(&app, UNASSIGN, &body).await["unassigned"], 1);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005"]);
    let owner = app.database.owner().await;
    for table in
        ["batches", "audit_logs", "changes", "assignment_history", "assignment_steps", "assignment_rows"]
    {
        let count = format!(
            "SELECT count(*) FROM {table} AS t WHERE to_jsonb(t) ->> 'entity' IS DISTINCT FROM 'session'"
        );
        let count: i64 = owner.query_one(&count, &[]).await.unwrap().get(0);
        assert_eq!(count, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_invalid_assignments_by_field() {
    let app = App::new().await;
    app.database
        .owner()
        .await
        .batch_execute("UPDATE users SET state = 'disabled' WHERE username = 'sr00001'")
        .await
        .unwrap();
    let many: Vec<String> = vec!["RTL-0001".into(); 5_001];
    for (body, field, fault) in [
        (json!({}), "assignments", "required"),
        (json!({"assignments": []}), "assignments", "required"),
        (json!({"assignments": "x"}), "assignments", "wrong-type"),
        (json!({"assignments": [7]}), "assignments[0]", "wrong-type"),
        (json!({"assignments": [{"retailers": ["RTL-0001"]}]}), "assignments[0].salesRep", "required"),
        (json!({"assignments": [{"salesRep": "sr00002"}]}), "assignments[0].retailers", "required"),
        (
            json!({"assignments": [{"salesRep": "sr00002", "retailers": []}]}),
            "assignments[0].retailers",
            "required",
        ),
        (
            json!({"assignments": [{"salesRep": "sr00002", "retailers": [1]}]}),
            "assignments[0].retailers",
            "wrong-type",
        ),
        (
            json!({"assignments": [{"salesRep": 1.5, "retailers": ["A"]}]}),
            "assignments[0].salesRep",
            "wrong-type",
        ),
        (
            json!({"assignments": [{"salesRep": "a b", "retailers": ["A"]}]}),
            "assignments[0].salesRep",
            "invalid",
        ),
        (
            json!({"assignments": [{"salesRep": "sr00002", "retailers": ["A"], "x": 1}]}),
            "assignments[0].x",
            "unknown-field",
        ),
        (group("unknown", &["RTL-0001"]), "assignments[0].salesRep", "not-found"),
        (group("admin", &["RTL-0001"]), "assignments[0].salesRep", "not-found"),
        (group("999999", &["RTL-0001"]), "assignments[0].salesRep", "not-found"),
        (
            group(&app.fixture.theirs.rep.id.to_string(), &["RTL-0001"]),
            "assignments[0].salesRep",
            "not-found",
        ),
        (group("sr00001", &["RTL-0006"]), "assignments[0].salesRep", "disabled"),
        (
            json!({"assignments": [{"salesRep": "sr00002", "retailers": many}, {"salesRep": "sr00002", "retailers": many}]}),
            "assignments",
            "too-many",
        ),
        (
            json!({"assignments": [{"salesRep": "sr00002", "retailers": ["A"]}], "ifAssigned": "steal"}),
            "ifAssigned",
            "invalid",
        ),
        (
            json!({"assignments": [{"salesRep": "sr00002", "retailers": ["A"]}], "validateOnly": "yes"}),
            "validateOnly",
            "wrong-type",
        ),
    ] {
        let response = post(&app, "admin", ASSIGN, &body, None).await;
        assert_eq!(response.status(), 422, "{body}");
        let errors = problem(response).await["errors"].clone();
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(field), &json!(fault)), "{body}");
    }
    let count = "SELECT count(*) FROM batches";
    assert_eq!(app.database.owner().await.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 0);
    // Assignments of a disabled sales rep can be ended.
    assert_eq!(apply(&app, UNASSIGN, &group("sr00001", &["RTL-0001"])).await["unassigned"], 1);
    // Sales reps lack the permission.
    for path in [ASSIGN, UNASSIGN] {
        let response = post(&app, "sr00002", path, &group("sr00002", &["RTL-0001"]), None).await;
        assert_eq!(response.status(), 403);
        assert_eq!(code(response).await, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_the_stored_response_for_the_same_key() {
    let app = App::new().await;
    let body = group("sr00002", &["RTL-0006"]);
    let first: Value = post(&app, "admin", ASSIGN, &body, Some("k")).await.json().await.unwrap();
    assert_eq!(first["assigned"], 1);
    apply(&app, UNASSIGN, &body).await;
    let again: Value = post(&app, "admin", ASSIGN, &body, Some("k")).await.json().await.unwrap();
    assert_eq!(again, first);
    assert_eq!(uids(&app, "sr00002").await.len(), 2, "the replay changes nothing");
    let other = post(&app, "admin", ASSIGN, &group("sr00002", &["RTL-0001"]), Some("k")).await;
    assert_eq!(code(other).await, "idempotency-key-reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_assignments_and_edits_neither_deadlock_nor_diverge() {
    let app = App::with(&[("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")]).await;
    let token = app.server.token("default", "admin").await;
    let retailers = ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005", "RTL-0006"];
    for round in 0..8 {
        let requests = (0..10).map(|number| {
            let mut mine = retailers.to_vec();
            mine.rotate_left(number % 6);
            let (one, other) = if number % 2 == 0 { ("sr00001", "sr00002") } else { ("sr00002", "sr00001") };
            let body = json!({"assignments": [{"salesRep": one, "retailers": mine}, {"salesRep": other, "retailers": mine}]});
            let path = if (number + round) % 3 == 0 { UNASSIGN } else { ASSIGN };
            app.server.request(Method::POST, path).bearer_auth(&token).json(&body).send()
        });
        let updates = (0..10).map(|number| {
            let body = json!({"points": number});
            let path = format!("/retailers/{}", retailers[number % 6]);
            app.server.request(Method::PATCH, &path).bearer_auth(&token).json(&body).send()
        });
        let (assigned, patched) =
            tokio::join!(futures_util::future::join_all(requests), futures_util::future::join_all(updates));
        for response in assigned.into_iter().chain(patched) {
            assert_eq!(response.unwrap().status(), 200);
        }
    }
    let owner = app.database.owner().await;
    let diverged = "SELECT count(*) FROM sales_rep_retailers s JOIN retailers r ON r.id = s.retailer_id \
                 WHERE (s.name, s.uid) IS DISTINCT FROM (r.name, r.uid)";
    assert_eq!(owner.query_one(diverged, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_10_000_retailers_and_reports_at_most_100_errors() {
    let app = App::new().await;
    let uids: Vec<String> = (0..10_000).map(|number| format!("NONE-{number:05}")).collect();
    let body = json!({"assignments": [{"salesRep": "sr00002", "retailers": uids}]});
    let result = apply(&app, ASSIGN, &body).await;
    assert_eq!((result["notFound"].as_array().unwrap().len(), &result["batchId"]), (10_000, &Value::Null));
    let groups: Vec<Value> =
        uids.iter().map(|uid| json!({"salesRep": "sr00002", "retailers": [uid]})).collect();
    assert_eq!(apply(&app, ASSIGN, &json!({"assignments": groups})).await["notFound"], result["notFound"]);
    let response = post(&app, "admin", ASSIGN, &json!({"assignments": vec![7; 200_000]}), None).await;
    assert_eq!(response.status(), 422);
    assert_eq!(problem(response).await["errors"].as_array().unwrap().len(), 100);
    // The permission is checked before the body.
    assert_eq!(post(&app, "sr00001", ASSIGN, &json!({}), None).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_with_only_malformed_uids_has_invalid_uids() {
    let app = App::new().await;
    for path in [ASSIGN, UNASSIGN] {
        let result = apply(&app, path, &group("sr00002", &["no uid", "?", "no uid"])).await;
        let expected = json!(["?", "no uid"]);
        assert_eq!((&result["invalidUids"], &result["notFound"]), (&expected, &expected));
        assert_eq!((&result["batchId"], &result["outcome"]), (&Value::Null, &json!("refused")));
    }
    // The sales rep of such a group is still checked.
    let response = post(&app, "admin", ASSIGN, &group("sr99999", &["no uid"]), None).await;
    assert_eq!(response.status(), 422);
    let errors = problem(response).await["errors"].clone();
    assert_eq!(
        (&errors[0]["field"], &errors[0]["code"]),
        (&json!("assignments[0].salesRep"), &json!("not-found"))
    );
    // Other groups are applied.
    let body = json!({"assignments": [
        {"salesRep": "sr00002", "retailers": ["no uid"]}, {"salesRep": "sr00001", "retailers": ["RTL-0006"]},
    ]});
    let result = apply(&app, ASSIGN, &body).await;
    assert_eq!((&result["assigned"], &result["outcome"]), (&json!(1), &json!("partial")));
    let batch: Value = app
        .get_as("admin", &format!("/admin/assignments/batches/{}", result["batchId"]))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&batch["invalidUids"], &batch["outcome"]), (&json!(["no uid"]), &json!("partial")));
    let batches: Value = app.get_as("admin", "/admin/assignments/batches").await.json().await.unwrap();
    let listed = &batches["data"][0];
    assert_eq!((&listed["outcome"], &listed["counts"]["notFound"]), (&json!("partial"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_result_has_an_outcome() {
    let app = App::new().await;
    let outcome = async |path, body| apply(&app, path, &body).await["outcome"].clone();
    assert_eq!(outcome(ASSIGN, group("sr00002", &["RTL-0006"])).await, "complete");
    assert_eq!(outcome(ASSIGN, group("sr00002", &["RTL-0006"])).await, "unchanged");
    assert_eq!(outcome(ASSIGN, group("sr00002", &["RTL-9999"])).await, "refused");
    assert_eq!(outcome(UNASSIGN, group("sr00002", &["RTL-0006", "RTL-9999"])).await, "partial");
    assert_eq!(outcome(UNASSIGN, group("sr00002", &["RTL-0006"])).await, "unchanged");
    // A full sales rep.
    let full = "UPDATE sales_reps SET capacity = 1";
    app.database.owner().await.batch_execute(full).await.unwrap();
    assert_eq!(outcome(ASSIGN, group("sr00002", &["RTL-0006"])).await, "refused");
    let transfer = json!({"from": "sr00001", "to": ["sr00002"]});
    assert_eq!(outcome("/admin/assignments/transfer", transfer).await, "refused");
}
