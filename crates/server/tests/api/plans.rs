//! Moves, transfers, plans and undo of assignments, and their history.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, code, problem};

const ASSIGN: &str = "/admin/assignments/bulk";
const UNASSIGN: &str = "/admin/assignments/bulk-unassign";
const TRANSFER: &str = "/admin/assignments/transfer";
const PLANS: &str = "/admin/assignments/plans";

async fn post(app: &App, path: &str, body: &Value) -> Value {
    let response = app.send_as("admin", Method::POST, path, body).await;
    let status = response.status();
    let result: Value = response.json().await.unwrap();
    assert!(status == 200 || status == 201, "{path} {body} {result}");
    result
}

async fn get(app: &App, path: &str) -> Value {
    let response = app.get_as("admin", path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
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

fn group(rep: &str, uids: &[&str]) -> Value {
    json!({"assignments": [{"salesRep": rep, "retailers": uids}]})
}

fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

async fn capacity(app: &App, username: &str, capacity: i32) {
    let statement =
        "UPDATE sales_reps AS s SET capacity = $2 FROM users AS u WHERE u.id = s.id AND u.username = $1";
    app.database.owner().await.execute(statement, &[&username, &capacity]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn assigned_retailers_are_shared_skipped_or_moved() {
    let app = App::new().await;
    let requested = group("sr00002", &["RTL-0001", "RTL-0004", "RTL-0006"]);
    let numbers = |result: &Value| {
        ["assigned", "alreadyAssigned", "moved", "skipped"].map(|name| result[name].as_i64().unwrap())
    };
    let skipped = post(&app, ASSIGN, &with(requested.clone(), "ifAssigned", "skip")).await;
    assert_eq!(numbers(&skipped), [1, 1, 0, 1]);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005", "RTL-0006"]);

    let moved = post(&app, ASSIGN, &with(requested.clone(), "ifAssigned", "move")).await;
    assert_eq!(numbers(&moved), [0, 1, 2, 0], "one from sr00001, one that both served");
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0002", "RTL-0003"]);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0004", "RTL-0005", "RTL-0006"]);
    let assigned_counts: Vec<[i64; 2]> = moved["salesReps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rep| [rep["before"].as_i64().unwrap(), rep["after"].as_i64().unwrap()])
        .collect();
    assert_eq!(assigned_counts, [[4, 2], [3, 4]]);
    let patch = app.send_as("sr00001", Method::PATCH, "/retailers/RTL-0001", &json!({"points": 1})).await;
    assert_eq!(patch.status(), 404, "immediately");
    let patch = app.send_as("sr00002", Method::PATCH, "/retailers/RTL-0001", &json!({"points": 1})).await;
    assert_eq!(patch.status(), 200);
    let again = post(&app, ASSIGN, &with(requested, "ifAssigned", "move")).await;
    assert_eq!((numbers(&again), &again["batchId"]), ([0, 3, 0, 0], &Value::Null));

    let shared = post(&app, ASSIGN, &group("sr00001", &["RTL-0001"])).await;
    assert_eq!((numbers(&shared), uids(&app, "sr00001").await.len()), ([1, 0, 0, 0], 3));
    // Both are requested: no assignment ends, because exactly these two are to serve the retailer.
    let both = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00001", "retailers": ["RTL-0001"]}, {"salesRep": "sr00002", "retailers": ["RTL-0001"]}]});
    assert_eq!(numbers(&post(&app, ASSIGN, &both).await), [0, 2, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_over_capacity_leave_the_retailers_in_place() {
    let app = App::new().await;
    capacity(&app, "sr00001", 4).await;
    capacity(&app, "sr00002", 2).await;
    // sr00001 has 4 retailers, sr00002 has 2: a swap fits, because each loses as many as it gains.
    let swap = json!({"ifAssigned": "move", "validateOnly": true, "assignments": [
        {"salesRep": "sr00001", "retailers": ["RTL-0005"]}, {"salesRep": "sr00002", "retailers": ["RTL-0001"]}]});
    let result = post(&app, ASSIGN, &swap).await;
    assert_eq!((&result["moved"], &result["overCapacity"]), (&json!(2), &json!([])));
    // One more is too many for sr00002; so sr00001 keeps both and has no capacity either.
    let more = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00001", "retailers": ["RTL-0005"]}, {"salesRep": "sr00002", "retailers": ["RTL-0001", "RTL-0002"]}]});
    let result = post(&app, ASSIGN, &more).await;
    assert_eq!(
        (&result["moved"], &result["batchId"], &result["overCapacity"]),
        (
            &json!(0),
            &Value::Null,
            &json!([{"salesRep": "sr00001", "assignedCount": 5, "effectiveCapacity": 4, "refused": 1},
                    {"salesRep": "sr00002", "assignedCount": 3, "effectiveCapacity": 2, "refused": 2}])
        )
    );
    assert_eq!((uids(&app, "sr00001").await.len(), uids(&app, "sr00002").await.len()), (4, 2));
    let forced = with(with(more, "force", true), "reason", "eid");
    let result = post(&app, ASSIGN, &forced).await;
    assert_eq!((&result["moved"], &result["overCapacity"][0]["refused"]), (&json!(3), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_spread_retailers_to_the_recipients_with_the_fewest() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role) \
             SELECT 1, 'sr0000' || n, 'New', 'x', 'sales_rep' FROM generate_series(3, 4) AS n; \
             INSERT INTO sales_reps (tenant_id, id) SELECT tenant_id, id FROM users WHERE username IN ('sr00003', 'sr00004');",
        )
        .await
        .unwrap();
    capacity(&app, "sr00003", 1).await;
    let body = json!({"from": "sr00001", "to": ["sr00002", "sr00003", "SR00003", "sr00004"]});
    let dry_run = post(&app, &format!("{TRANSFER}?validateOnly=true"), &body).await;
    assert_eq!((&dry_run["moved"], &dry_run["batchId"]), (&json!(4), &Value::Null));
    assert_eq!(uids(&app, "sr00001").await.len(), 4);
    let result = post(&app, TRANSFER, &body).await;
    let assigned_counts: Vec<_> =
        result["salesReps"].as_array().unwrap().iter().map(|rep| &rep["after"]).collect();
    assert_eq!(assigned_counts, [0, 1, 2].map(|n| json!(n)).iter().collect::<Vec<_>>(), "{result}");
    assert_eq!(
        (&result["moved"], &result["unplaced"]),
        (&json!(4), &json!(0)),
        "sr00002 already served one of them"
    );
    assert_eq!(uids(&app, "sr00001").await, Vec::<String>::new());
    let batch = get(&app, &format!("/admin/assignments/batches/{}", result["batchId"])).await;
    assert_eq!(
        (&batch["kind"], &batch["state"], &batch["counts"]["moved"]),
        (&json!("transfer"), &json!("applied"), &json!(4))
    );

    // A partial transfer: one retailer is not assigned to the source, and there is no capacity for the other.
    capacity(&app, "sr00004", 0).await;
    let mine = uids(&app, "sr00002").await;
    let body = json!({"from": "sr00002", "to": ["sr00004"], "retailers": [mine[0], "RTL-9999"]});
    let result = post(&app, TRANSFER, &body).await;
    assert_eq!(
        (&result["moved"], &result["unplaced"], &result["notAssignedRetailers"]),
        (&json!(0), &json!(1), &json!(["RTL-9999"]))
    );
    let result = post(&app, TRANSFER, &with(with(body, "force", true), "reason", "leave")).await;
    assert_eq!((&result["moved"], &result["overCapacity"][0]["refused"]), (&json!(1), &json!(0)));

    for (body, field, expected) in [
        (json!({}), "from", "required"),
        (json!({"from": "sr00001", "to": []}), "to", "required"),
        (json!({"from": "sr00001", "to": ["sr00002", "sr00001"]}), "to[1]", "invalid"),
        (json!({"from": "unknown", "to": ["sr00002"]}), "from", "not-found"),
        (json!({"from": "sr00001", "to": ["admin"]}), "to[0]", "not-found"),
        (json!({"from": "sr00001", "to": [app.fixture.theirs.rep.id]}), "to[0]", "not-found"),
        (json!({"from": "sr00001", "to": ["sr00002"], "retailers": []}), "retailers", "required"),
    ] {
        let response = app.send_as("admin", Method::POST, TRANSFER, &body).await;
        assert_eq!(response.status(), 422, "{body}");
        let error = problem(response).await["errors"][0].clone();
        assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(expected)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn applied_plan_matches_its_preview() {
    let app = App::new().await;
    let body =
        with(group("sr00002", &["RTL-0001", "RTL-0002", "RTL-0005", "RTL-9999"]), "ifAssigned", "move");
    let response = app.send_as("admin", Method::POST, PLANS, &body).await;
    assert_eq!(response.status(), 201);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let plan: Value = response.json().await.unwrap();
    assert_eq!(location, format!("{PLANS}/{}", plan["batchId"]));
    assert_eq!(
        (&plan["moved"], &plan["alreadyAssigned"], &plan["notFound"]),
        (&json!(2), &json!(1), &json!(["RTL-9999"]))
    );
    assert_eq!(uids(&app, "sr00001").await.len(), 4, "a plan changes nothing");
    let stored = get(&app, &location).await;
    assert_eq!(
        (&stored["state"], &stored["appliedAt"], &stored["counts"]["moved"]),
        (&json!("planned"), &Value::Null, &json!(2))
    );
    let id = &plan["batchId"];
    let changes = get(&app, &format!("/admin/assignments/batches/{id}/changes?limit=2")).await;
    assert_eq!(changes["page"]["hasMore"], true);
    let cursor = changes["page"]["nextCursor"].as_str().unwrap();
    let more = get(&app, &format!("/admin/assignments/batches/{id}/changes?cursor={cursor}")).await;
    let mut outcomes: Vec<(String, String, String)> = Vec::new();
    for change in changes["data"].as_array().unwrap().iter().chain(more["data"].as_array().unwrap()) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        outcomes.push((
            text(&change["retailer"]["uid"]),
            text(&change["salesRep"]["username"]),
            text(&change["outcome"]),
        ));
    }
    let expected =
        [("1", "1", "end"), ("1", "2", "start"), ("2", "1", "end"), ("2", "2", "start"), ("5", "2", "keep")]
            .map(|(retailer, rep, outcome)| {
                (format!("RTL-000{retailer}"), format!("sr0000{rep}"), outcome.to_owned())
            });
    assert_eq!(outcomes, expected);

    let other_cursor = format!("/admin/assignments/batches?cursor={cursor}");
    assert_eq!(code(app.get_as("admin", &other_cursor).await).await, "invalid-cursor");

    let dry_run = post(&app, &format!("{location}/apply?validateOnly=true"), &Value::Null).await;
    assert_eq!(dry_run["moved"], 2);
    assert_eq!(uids(&app, "sr00001").await.len(), 4);
    let applied = post(&app, &format!("{location}/apply"), &Value::Null).await;
    assert_eq!((&applied["moved"], &applied["batchId"]), (&json!(2), id));
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0002", "RTL-0004", "RTL-0005"]);
    let again = post(&app, &format!("{location}/apply"), &Value::Null).await;
    assert_eq!((&applied["repeated"], &again["repeated"]), (&json!(false), &json!(true)));
    assert_eq!(
        (&again["moved"], uids(&app, "sr00002").await.len()),
        (&json!(2), 4),
        "the result is returned again, not applied again"
    );
    let stored = get(&app, &location).await;
    assert_eq!((&stored["state"], stored["appliedAt"].is_string()), (&json!("applied"), true));
    let changes = get(&app, &format!("/admin/assignments/batches/{id}/changes")).await;
    assert_eq!(changes["data"].as_array().unwrap().len(), 4, "kept assignments are not changes");
    let batches = get(&app, "/admin/assignments/batches?state=applied&kind=assign").await;
    assert_eq!(batches["data"].as_array().unwrap().len(), 1);
    assert_eq!(batches["data"][0]["actor"]["username"], "admin");
    assert_eq!(get(&app, "/admin/assignments/batches?state=planned").await["data"], json!([]));

    for (method, path) in [
        (Method::GET, "/admin/assignments/plans/999999".to_owned()),
        (Method::GET, "/admin/assignments/batches/x".to_owned()),
        (Method::GET, "/admin/assignments/batches/999999/changes".to_owned()),
        (Method::POST, "/admin/assignments/plans/999999/apply".to_owned()),
        (Method::POST, "/admin/assignments/batches/999999/undo".to_owned()),
    ] {
        assert_eq!(app.send_as("admin", method.clone(), &path, &Value::Null).await.status(), 404, "{path}");
        assert_eq!(app.send_as("sr00001", method, &path, &Value::Null).await.status(), 403, "{path}");
    }
    // An admin of another tenant does not find it.
    let token = app.server.token("other", "admin").await;
    for path in [location.clone(), format!("/admin/assignments/batches/{id}/changes")] {
        assert_eq!(app.server.get(&path).bearer_auth(&token).send().await.unwrap().status(), 404, "{path}");
    }
    let path = format!("/admin/assignments/batches/{id}/undo");
    let undo = app.server.request(Method::POST, &path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(undo.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_plan_is_refused_with_its_conflicts() {
    let app = App::new().await;
    let (rep, retailer) = (app.fixture.ours.rep.id, app.fixture.ours.retailers[0].id);
    let restore = format!("UPDATE retailers SET deleted_at = NULL WHERE id = {retailer}");
    for (change, revert, kind, changed) in [
        (
            format!("UPDATE retailers SET deleted_at = now() WHERE id = {retailer}"),
            restore,
            "retailer",
            "deleted",
        ),
        (
            "UPDATE sales_reps SET capacity = 50".to_owned(),
            "UPDATE sales_reps SET capacity = NULL".to_owned(),
            "sales-rep",
            "capacity",
        ),
        (
            "UPDATE users SET state = 'disabled' WHERE username = 'sr00002'".to_owned(),
            "UPDATE users SET state = 'active' WHERE username = 'sr00002'".to_owned(),
            "sales-rep",
            "disabled",
        ),
        (
            format!(
                "DELETE FROM sales_rep_retailers WHERE sales_rep_id = {rep} AND retailer_id = {retailer}"
            ),
            String::new(),
            "retailer",
            "served-by",
        ),
    ] {
        let body = with(group("sr00002", &["RTL-0001"]), "ifAssigned", "move");
        let plan = post(&app, PLANS, &body).await;
        let path = format!("{PLANS}/{}/apply", plan["batchId"]);
        let owner = app.database.owner().await;
        owner.batch_execute(&change).await.unwrap();
        let response = app.send_as("admin", Method::POST, &path, &Value::Null).await;
        assert_eq!(response.status(), 409, "{changed}");
        let problem = problem(response).await;
        assert_eq!(problem["code"], "plan-stale");
        let first = problem["conflicts"]["first"].as_array().unwrap();
        assert!(
            first.iter().any(|conflict| conflict["kind"] == kind && conflict["changed"] == changed),
            "{problem}"
        );
        owner.batch_execute(&revert).await.unwrap();
        assert!(!uids(&app, "sr00002").await.contains(&"RTL-0001".to_owned()));
    }
    let undo = "/admin/assignments/batches/1/undo";
    assert_eq!(code(app.send_as("admin", Method::POST, undo, &Value::Null).await).await, "not-applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_a_batch_skips_retailers_changed_since() {
    let app = App::new().await;
    let body =
        with(group("sr00002", &["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0006"]), "ifAssigned", "move");
    let batch = post(&app, ASSIGN, &body).await;
    assert_eq!((&batch["moved"], &batch["assigned"]), (&json!(3), &json!(1)));
    // One of the assignments changes afterwards.
    post(&app, UNASSIGN, &group("sr00002", &["RTL-0002"])).await;
    let path = format!("/admin/assignments/batches/{}/undo", batch["batchId"]);
    let preview = post(&app, &format!("{path}?validateOnly=true"), &Value::Null).await;
    assert_eq!((&preview["changed"], &preview["changedRetailers"]), (&json!(1), &json!(["RTL-0002"])));
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0004"], "a dry run changes nothing");
    let undo = post(&app, &path, &Value::Null).await;
    assert_eq!(
        (&undo["moved"], &undo["unassigned"], &undo["changed"], &undo["changedRetailers"]),
        (&json!(2), &json!(1), &json!(1), &json!(["RTL-0002"]))
    );
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0001", "RTL-0003", "RTL-0004"]);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005"]);
    let undone = get(&app, &format!("/admin/assignments/batches/{}", batch["batchId"])).await;
    assert_eq!((&undone["state"], &undone["undoneBy"]), (&json!("undone"), &undo["batchId"]));

    let twice = post(&app, &path, &Value::Null).await;
    assert_eq!((&twice["batchId"], &twice["moved"]), (&Value::Null, &json!(0)));

    // An undo can be undone.
    let path = format!("/admin/assignments/batches/{}/undo", undo["batchId"]);
    let redo = post(&app, &path, &Value::Null).await;
    assert_eq!((&redo["moved"], &redo["assigned"], &redo["changed"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0004"]);
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0003", "RTL-0004", "RTL-0005", "RTL-0006"]);
    let path = format!("/admin/assignments/batches/{}/undo", redo["batchId"]);
    post(&app, &path, &Value::Null).await;
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0001", "RTL-0003", "RTL-0004"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_of_a_retailer_is_known_for_every_day() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    let (tenant, rep, other, retailer) = (
        app.fixture.ours.tenant,
        app.fixture.ours.rep.id,
        app.fixture.ours.other_rep.id,
        app.fixture.ours.retailers[5].id,
    );
    // In Dhaka (six hours before UTC): sr00001 until the 10th at 10, sr00002 from then until the 12th at midnight.
    owner
        .execute(
            "INSERT INTO assignment_history (tenant_id, sales_rep_id, retailer_id, valid, end_reason) VALUES \
             ($1, $2, $4, '[2026-01-01T00:00:00+06,2026-01-10T10:00:00+06)', 'moved'), \
             ($1, $3, $4, '[2026-01-10T10:00:00+06,2026-01-12T00:00:00+06)', 'unassigned')",
            &[&tenant, &rep, &other, &retailer],
        )
        .await
        .unwrap();
    let served = async |query: &str| -> Vec<String> {
        let page = get(&app, &format!("/admin/retailers/RTL-0006/assignments{query}")).await;
        let username = |period: &Value| period["salesRep"]["username"].as_str().unwrap().to_owned();
        page["data"].as_array().unwrap().iter().map(username).collect()
    };
    let none = Vec::<String>::new();
    assert_eq!(served("").await, ["sr00002", "sr00001"]);
    assert_eq!(served("?asOf=2025-12-31").await, none);
    assert_eq!(served("?asOf=2026-01-01").await, ["sr00001"], "from its first moment");
    assert_eq!(served("?asOf=2026-01-10").await, ["sr00001"], "at the start of the day");
    assert_eq!(served("?on=2026-01-10").await, ["sr00002", "sr00001"]);
    assert_eq!(served("?on=2026-01-11").await, ["sr00002"]);
    assert_eq!(served("?on=2026-01-12").await, none, "it ended at the start of that day");
    assert_eq!(served("?asOf=2026-01-11T17:59:59Z").await, ["sr00002"]);
    assert_eq!(served("?asOf=2026-01-11T18:00:00Z").await, none);
    post(&app, ASSIGN, &group("sr00001", &["RTL-0006"])).await;
    assert_eq!(served("").await, ["sr00001", "sr00002", "sr00001"]);
    let page = get(&app, "/admin/retailers/RTL-0006/assignments?limit=1").await;
    assert_eq!((&page["data"][0]["until"], page["data"][0]["batchId"].is_number()), (&Value::Null, true));
    let cursor = page["page"]["nextCursor"].as_str().unwrap();
    assert_eq!(served(&format!("?limit=5&cursor={cursor}")).await, ["sr00002", "sr00001"]);
    for (query, status) in [
        ("?asOf=yesterday", 422),
        ("?on=2026-01-10T00:00:00Z", 422),
        ("?asOf=2026-01-10&on=2026-01-10", 422),
        ("?x=1", 422),
        ("?cursor=x", 400),
    ] {
        let path = format!("/admin/retailers/RTL-0006/assignments{query}");
        assert_eq!(app.get_as("admin", &path).await.status(), status, "{query}");
    }
    assert_eq!(app.get_as("admin", "/admin/retailers/RTL-9999/assignments").await.status(), 404);
    assert_eq!(app.get_as("sr00001", "/admin/retailers/RTL-0006/assignments").await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_can_be_created_from_a_filter() {
    let app = App::new().await;
    let body = json!({"filter": {"assigned": false}, "to": ["sr00001", "sr00002"]});
    let plan = post(&app, PLANS, &body).await;
    assert_eq!((&plan["assigned"], &plan["salesReps"][0]["username"]), (&json!(1), &json!("sr00002")));
    assert_eq!(uids(&app, "sr00002").await.len(), 2);
    let body =
        json!({"filter": {"salesRep": "sr00001", "q": "মা স্টোর"}, "to": ["sr00002"], "ifAssigned": "move"});
    let plan = post(&app, PLANS, &body).await;
    assert_eq!(plan["moved"], 3);
    post(&app, &format!("{PLANS}/{}/apply", plan["batchId"]), &Value::Null).await;
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0004"]);
    for (body, field) in [
        (json!({"filter": {}}), "to"),
        (json!({"filter": [], "to": ["sr00001"]}), "filter"),
        (json!({"filter": {"colour": "red"}, "to": ["sr00001"]}), "filter.colour"),
        (json!({"filter": {"assigned": "maybe"}, "to": ["sr00001"]}), "filter.assigned"),
        (json!({"filter": {"q": "x"}, "to": ["sr00001"]}), "filter.q"),
        (json!({"filter": {}, "to": ["unknown"]}), "to[0]"),
        (json!({"filter": {}, "to": ["sr00001"], "assignments": []}), "assignments"),
        (json!({"filter": {}, "to": ["sr00001"], "action": "unassign"}), "action"),
    ] {
        let response = app.send_as("admin", Method::POST, PLANS, &body).await;
        assert_eq!(response.status(), 422, "{body}");
        assert_eq!(problem(response).await["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(app.send_as("sr00001", Method::POST, PLANS, &json!({"filter": {}})).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_is_stale_if_a_recipient_is_disabled_even_without_net_gain() {
    let app = App::new().await;
    let swap = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00001", "retailers": ["RTL-0005"]}, {"salesRep": "sr00002", "retailers": ["RTL-0001"]}]});
    let plan = post(&app, PLANS, &swap).await;
    assert_eq!(plan["moved"], 2);
    let owner = app.database.owner().await;
    owner.batch_execute("UPDATE users SET state = 'disabled' WHERE username = 'sr00002'").await.unwrap();
    let path = format!("{PLANS}/{}/apply", plan["batchId"]);
    let problem = problem(app.send_as("admin", Method::POST, &path, &Value::Null).await).await;
    assert_eq!(
        (&problem["code"], &problem["conflicts"]["first"]),
        (&json!("plan-stale"), &json!([{"kind": "sales-rep", "name": "sr00002", "changed": "disabled"}]))
    );
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004"]);
}

/// A reproducible sequence of numbers below a bound.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn uids(&mut self) -> Vec<String> {
        let uid = |number| match number {
            7 => "RTL-9999".to_owned(),
            8 => "no uid\u{0}".to_owned(),
            _ => format!("RTL-{:04}", number % 7),
        };
        (0..=self.roll(6)).map(|_| uid(self.roll(9) + u64::from(self.roll(2) == 0))).collect()
    }

    fn request(&mut self) -> Value {
        let reps = ["sr00001", "sr00002"];
        let rep = usize::try_from(self.roll(2)).unwrap();
        let mut body = match self.roll(4) {
            0 => with(group(reps[rep], &[]), "action", "unassign"),
            1 => {
                let mut body = json!({"action": "transfer", "from": reps[rep], "to": [reps[1 - rep]]});
                if self.roll(2) == 0 {
                    body["retailers"] = json!(self.uids());
                }
                return body;
            }
            _ => with(
                group(reps[rep], &[]),
                "ifAssigned",
                ["share", "skip", "move"][usize::try_from(self.roll(3)).unwrap()],
            ),
        };
        body["assignments"][0]["retailers"] = json!(self.uids());
        if self.roll(2) == 0 {
            body["assignments"]
                .as_array_mut()
                .unwrap()
                .push(json!({"salesRep": reps[1 - rep], "retailers": self.uids()}));
        }
        if body["action"].is_null() && self.roll(4) == 0 {
            body["force"] = json!(true);
            body["reason"] = json!("random");
        }
        body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_its_get_and_its_application_give_the_same_result() {
    let app = App::new().await;
    let mut dice = Dice(20_261_129);
    let mut outcomes = std::collections::BTreeSet::new();
    for round in 0..60 {
        if round % 10 == 0 {
            capacity(&app, "sr00001", i32::try_from(dice.roll(6)).unwrap() + 1).await;
            capacity(&app, "sr00002", i32::try_from(dice.roll(6)).unwrap() + 1).await;
        }
        let body = dice.request();
        let without = |mut result: Value, names: &[&str]| {
            for name in names {
                result.as_object_mut().unwrap().remove(*name);
            }
            result
        };
        let dry_run = post(&app, &format!("{PLANS}?validateOnly=true"), &body).await;
        let plan = post(&app, PLANS, &body).await;
        let id = plan["batchId"].as_i64().unwrap();
        assert_eq!(without(dry_run, &["batchId"]), without(plan.clone(), &["batchId"]), "{body}");
        let stored = get(&app, &format!("{PLANS}/{id}")).await;
        let applied = post(&app, &format!("{PLANS}/{id}/apply"), &Value::Null).await;
        assert_eq!(applied, plan, "{body}");
        let again = post(&app, &format!("{PLANS}/{id}/apply"), &Value::Null).await;
        assert_eq!(again, with(plan.clone(), "repeated", true), "{body}");
        let batch = get(&app, &format!("/admin/assignments/batches/{id}")).await;
        for (name, value) in without(plan.clone(), &["batchId", "repeated"]).as_object().unwrap() {
            assert_eq!((&stored[name], &batch[name]), (value, value), "{name} of {body}");
        }
        for (name, count) in stored["counts"].as_object().unwrap() {
            let listed = if name == "notFound" {
                json!(plan[name].as_array().unwrap().len())
            } else {
                plan[name].clone()
            };
            assert!(listed.is_null() || listed == *count, "{name} of {body}");
        }
        outcomes.insert(plan["outcome"].as_str().unwrap().to_owned());
    }
    assert_eq!(outcomes.len(), 4, "{outcomes:?}");
}
