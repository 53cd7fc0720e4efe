//! Sales reps change retailers.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{App, Server, code, problem};

struct Rep<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Rep<'a> {
    async fn new(app: &'a App, username: &str) -> Self {
        Self { app, token: app.server.token("default", username).await }
    }

    async fn patch_with(&self, uid: &str, body: &Value, headers: &[(&str, &str)]) -> Response {
        let mut request = self.app.server.request(Method::PATCH, &format!("/retailers/{uid}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.bearer_auth(&self.token).json(body).send().await.unwrap()
    }

    async fn patch(&self, uid: &str, body: &Value) -> Response {
        self.patch_with(uid, body, &[]).await
    }

    async fn get(&self, path: &str) -> Response {
        self.app.server.get(path).bearer_auth(&self.token).send().await.unwrap()
    }

    async fn retailer(&self, uid: &str) -> Value {
        let response = self.get(&format!("/retailers/{uid}")).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }
}

fn etag(response: &Response) -> String {
    response.headers()["etag"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_points_routes_and_notes_are_visible_immediately() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let before = rep.retailer("RTL-0001").await;
    let body =
        json!({"points": 250, "routes": ["কলেজ রোড", " Bazar "], "notes": "শুক্রবার বন্ধ\r\nasks for credit"});
    let response = rep.patch("RTL-0001", &body).await;
    assert_eq!(response.status(), 200);
    let tag = etag(&response);
    let changed: Value = response.json().await.unwrap();
    let mut expected = before.clone();
    expected["points"] = json!(250);
    expected["routes"] = json!(["কলেজ রোড", "Bazar"]);
    expected["notes"] = json!("শুক্রবার বন্ধ\nasks for credit");
    expected["version"] = json!(2);
    expected["updatedAt"] = changed["updatedAt"].clone();
    assert_eq!(changed, expected);
    assert!(changed["updatedAt"].as_str() > before["updatedAt"].as_str());
    let response = rep.get("/retailers/RTL-0001").await;
    assert_eq!(etag(&response), tag, "the response of a change equals that of a read");
    assert_eq!(response.json::<Value>().await.unwrap(), changed);
    let list: Value = rep.get("/retailers?q=0001").await.json().await.unwrap();
    assert_eq!(list["data"], json!([changed]));
    // Absent members are unchanged, null clears, and equal values are not a change.
    for (body, points, routes, notes, version) in [
        (json!({"notes": null}), 250, json!(["কলেজ রোড", "Bazar"]), Value::Null, 3),
        (json!({"routes": null, "points": 0}), 0, json!([]), Value::Null, 4),
        (json!({"routes": [], "points": 0, "notes": "  "}), 0, json!([]), Value::Null, 4),
        (json!({}), 0, json!([]), Value::Null, 4),
    ] {
        let response = rep.patch("RTL-0001", &body).await;
        assert_eq!(response.status(), 200, "{body}");
        let retailer: Value = response.json().await.unwrap();
        assert_eq!(
            (&retailer["points"], &retailer["routes"], &retailer["notes"]),
            (&json!(points), &routes, &notes),
            "{body}"
        );
        assert_eq!(retailer["version"], version, "{body}");
        assert_eq!(rep.retailer("RTL-0001").await, retailer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_real_changes_are_in_the_audit_log_and_feed() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let body = json!({"points": 5, "notes": "x"});
    let id = [("x-request-id", "the-request")];
    assert_eq!(rep.patch_with("RTL-0001", &body, &id).await.status(), 200);
    assert_eq!(rep.patch_with("RTL-0001", &body, &id).await.status(), 200, "no change");
    assert_eq!(rep.patch("RTL-0001", &json!({"points": -1})).await.status(), 422);
    assert_eq!(rep.patch("RTL-0005", &json!({"points": 1})).await.status(), 404);
    assert_eq!(
        rep.patch_with("RTL-0001", &json!({"points": 9}), &[("if-match", "\"1\"")]).await.status(),
        412
    );
    let owner = app.database.owner().await;
    let rows = owner
        .query(
            "SELECT tenant_id, actor_id, actor_role, action, entity, entity_id, before, after, request_id, \
             occurred_at > now() - interval '1 minute' FROM audit_logs WHERE entity <> 'session'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    let (row, ours) = (&rows[0], &app.fixture.ours);
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (ours.tenant, ours.rep.id));
    let words: Vec<&str> = (2..6).map(|column| row.get(column)).collect();
    assert_eq!(words, ["sales_rep", "retailer.update", "retailer", "RTL-0001"]);
    let before = json!({"points": 1, "routes": ["Bazar"], "notes": null, "version": 1});
    let after = json!({"points": 5, "routes": ["Bazar"], "notes": "x", "version": 2});
    assert_eq!((row.get::<_, Value>(6), row.get::<_, Value>(7)), (before, after));
    assert_eq!(row.get::<_, &str>(8), "the-request");
    assert!(row.get::<_, bool>(9));
    let feed = owner.query("SELECT entity, entity_id, kind FROM changes", &[]).await.unwrap();
    assert_eq!(feed.len(), 1);
    assert_eq!((feed[0].get::<_, &str>(0), feed[0].get::<_, i64>(1)), ("retailer", ours.retailers[0].id));
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_unknown_and_invalid_members_by_name() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let before = rep.retailer("RTL-0001").await;
    for (body, field, expected) in [
        (json!({"points": 9, "name": "Mine"}), "name", "unknown-field"),
        (json!({"points": 9, "uid": "RTL-9"}), "uid", "unknown-field"),
        (json!({"points": 9, "version": 1}), "version", "unknown-field"),
        (json!({"points": 9, "phone": null}), "phone", "unknown-field"),
        (json!({"points": -1}), "points", "out-of-range"),
        (json!({"points": 1_000_000_001}), "points", "out-of-range"),
        (json!({"points": null}), "points", "required"),
        (json!({"points": "9"}), "points", "wrong-type"),
        (json!({"points": 9, "routes": [""]}), "routes", "required"),
        (json!({"points": 9, "routes": ["ক".repeat(101)]}), "routes", "too-long"),
        (json!({"points": 9, "notes": "ক".repeat(2_001)}), "notes", "too-long"),
        (json!({"points": 9, "notes": "\u{0}"}), "notes", "invalid-characters"),
    ] {
        let response = rep.patch("RTL-0001", &body).await;
        assert_eq!(response.status(), 422, "{body}");
        let errors = problem(response).await["errors"].clone();
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(field), &json!(expected)), "{body}");
    }
    assert_eq!(rep.retailer("RTL-0001").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_rep_cannot_change_unassigned_retailer() {
    let app = App::new().await;
    let (rep, admin) = (Rep::new(&app, "sr00001").await, Rep::new(&app, "admin").await);
    for uid in ["RTL-0005", "RTL-0006", "RTL-9999", "not%20a%20uid"] {
        let response = rep.patch(uid, &json!({"points": 9})).await;
        assert_eq!(response.status(), 404, "{uid}");
        assert_eq!(code(response).await, "not-found");
    }
    assert_eq!(admin.retailer("RTL-0005").await["version"], 1);
    assert_eq!(
        admin.patch("RTL-0006", &json!({"points": 9})).await.status(),
        200,
        "admins can change all retailers"
    );
    let theirs = app.server.token("other", "sr00001").await;
    let other = Rep { app: &app, token: theirs };
    assert_eq!(other.patch("RTL-0001", &json!({"points": 77})).await.status(), 200);
    assert_eq!(
        rep.retailer("RTL-0001").await["points"],
        1,
        "the retailer with the same uid in another tenant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_with_a_stale_if_match_are_rejected() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let seen = etag(&rep.get("/retailers/RTL-0001").await);
    let body = json!({"points": 10});
    let response = rep.patch_with("RTL-0001", &body, &[("if-match", &seen)]).await;
    assert_eq!(response.status(), 200);
    let now = etag(&response);
    let response = rep.patch_with("RTL-0001", &json!({"points": 11}), &[("if-match", &seen)]).await;
    assert_eq!(response.status(), 412);
    assert_eq!(code(response).await, "precondition-failed");
    // Only the version counts, not the selected fields or the compression.
    for (tag, status) in [
        (now.as_str(), 200),
        ("\"3-whatever-gzip\"", 200),
        ("\"4\"", 200),
        ("*", 200),
        ("\"1\", \"6\"", 200),
        ("\"1\"", 412),
        ("nonsense", 400),
        ("W/\"7\"", 412),
    ] {
        let points = rep.retailer("RTL-0001").await["points"].as_i64().unwrap() + 1;
        let response = rep.patch_with("RTL-0001", &json!({"points": points}), &[("if-match", tag)]).await;
        assert_eq!(response.status(), status, "{tag}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_two_sales_reps_lose_nothing() {
    let app = App::new().await;
    let (one, other) = (Rep::new(&app, "sr00001").await, Rep::new(&app, "sr00002").await);
    for round in 1..=30 {
        let (points, notes) = (json!({"points": 100 + round}), json!({"notes": format!("note {round}")}));
        let (a, b) = tokio::join!(one.patch("RTL-0004", &points), other.patch("RTL-0004", &notes));
        assert_eq!((a.status(), b.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
        for rep in [&one, &other] {
            let retailer = rep.retailer("RTL-0004").await;
            assert_eq!((&retailer["points"], &retailer["notes"]), (&points["points"], &notes["notes"]));
            assert_eq!(retailer["version"], 1 + 2 * round);
        }
    }
    // The same member: the later change wins, and the audit log has both in order.
    let (a, b) = (json!({"points": 1_000}), json!({"points": 2_000}));
    let (a, b) = tokio::join!(one.patch("RTL-0004", &a), other.patch("RTL-0004", &b));
    assert_eq!((a.status(), b.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
    let (a, b): (Value, Value) = (a.json().await.unwrap(), b.json().await.unwrap());
    let last = if a["version"].as_i64() > b["version"].as_i64() { a } else { b };
    assert_eq!(one.retailer("RTL-0004").await["points"], last["points"]);
    let rows = app
        .database
        .owner()
        .await
        .query(
            "SELECT (before->>'version')::bigint, (after->>'version')::bigint, before->'points', after->'points' \
             FROM audit_logs WHERE entity <> 'session' ORDER BY (after->>'version')::bigint",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(rows.len(), 62);
    for (pair, version) in rows.windows(2).zip(1_i64..) {
        assert_eq!((pair[0].get::<_, i64>(0), pair[0].get::<_, i64>(1)), (version, version + 1));
        assert_eq!(
            pair[0].get::<_, Value>(3),
            pair[1].get::<_, Value>(2),
            "each change starts from the result of the previous one"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_the_stored_response_of_a_change() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let key = [("idempotency-key", "0190b3f4-one")];
    let body = json!({"points": 41});
    let first = rep.patch_with("RTL-0001", &body, &key).await;
    assert_eq!(first.status(), 200);
    let (tag, first): (String, Value) = (etag(&first), first.json().await.unwrap());
    // After another change, the repetition still returns the stored response and changes nothing.
    rep.patch("RTL-0001", &json!({"points": 50})).await;
    let again = rep.patch_with("RTL-0001", &body, &key).await;
    assert_eq!((again.status().as_u16(), etag(&again)), (200, tag));
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    assert_eq!(rep.retailer("RTL-0001").await["points"], 50);
    // Another body or another path.
    for (uid, body) in [("RTL-0001", json!({"points": 42})), ("RTL-0002", body.clone())] {
        let response = rep.patch_with(uid, &body, &key).await;
        assert_eq!(response.status(), 422, "{uid} {body}");
        assert_eq!(code(response).await, "idempotency-key-reused");
    }
    // Keys are separate for each user.
    let admin = Rep::new(&app, "admin").await;
    assert_eq!(admin.patch_with("RTL-0001", &json!({"points": 60}), &key).await.status(), 200);
    // Rejections are not stored: the key can be used again for the same request.
    let other = [("idempotency-key", "two"), ("if-match", "\"1\"")];
    assert_eq!(rep.patch_with("RTL-0002", &json!({"points": 7, "notes": "n"}), &other).await.status(), 200);
    let stale = [("idempotency-key", "three"), ("if-match", "\"1\"")];
    assert_eq!(rep.patch_with("RTL-0002", &json!({"points": 8}), &stale).await.status(), 412);
    let fresh = [("idempotency-key", "three"), ("if-match", "\"2\"")];
    assert_eq!(rep.patch_with("RTL-0002", &json!({"points": 8}), &fresh).await.status(), 200);
    for bad in ["", " ", "a b", &"k".repeat(256)] {
        let response = rep.patch_with("RTL-0001", &body, &[("idempotency-key", bad)]).await;
        assert_eq!(response.status(), 422, "{bad:?}");
        assert_eq!(problem(response).await["errors"][0]["field"], "Idempotency-Key");
    }
    // Keys expire after a day.
    let owner = app.database.owner().await;
    owner
        .batch_execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
        .await
        .unwrap();
    assert_eq!(rep.patch_with("RTL-0001", &json!({"points": 43}), &key).await.status(), 200);
    assert_eq!(rep.retailer("RTL-0001").await["points"], 43);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_repetitions_change_once() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    for round in 0..10 {
        let (key, body) = (format!("round-{round}"), json!({"points": 100 + round}));
        let headers = [("idempotency-key", key.as_str())];
        let requests = (0..8).map(|_| rep.patch_with("RTL-0001", &body, &headers));
        let mut successes = 0;
        for response in futures_util::future::join_all(requests).await {
            match response.status().as_u16() {
                200 => successes += 1,
                409 => assert_eq!(code(response).await, "idempotency-key-in-use"),
                status => panic!("{status}"),
            }
        }
        assert!(successes > 0);
        assert_eq!(rep.retailer("RTL-0001").await["version"], 2 + round, "changed once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_requires_a_current_assignment() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let (key, body) = ([("idempotency-key", "k")], json!({"points": 9}));
    assert_eq!(rep.patch_with("RTL-0001", &body, &key).await.status(), 200);
    let (tenant, retailer) = (app.fixture.ours.tenant, app.fixture.ours.retailers[0].id);
    app.database
        .owner()
        .await
        .batch_execute(&format!(
            "BEGIN; DELETE FROM sales_rep_retailers WHERE tenant_id = {tenant} AND retailer_id = {retailer}; \
             INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id) \
             VALUES ({tenant}, 'retailer', {retailer}, 'unassigned', {}); COMMIT",
            app.fixture.ours.rep.id
        ))
        .await
        .unwrap();
    assert_eq!(rep.patch("RTL-0001", &body).await.status(), 404, "changes use the current state");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(rep.patch_with("RTL-0001", &body, &key).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_with_a_current_etag_return_304() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    for path in [
        "/retailers",
        "/retailers?limit=2&fields=uid",
        "/retailers/RTL-0001",
        "/retailers/RTL-0001?fields=uid,points",
    ] {
        for coding in ["identity", "gzip", "br", "zstd"] {
            let get = async |tag: &str| {
                let request = rep.app.server.get(path).bearer_auth(&rep.token);
                request.header("accept-encoding", coding).header("if-none-match", tag).send().await.unwrap()
            };
            let first = get("\"x\"").await;
            assert_eq!(first.status(), 200, "{path}");
            let tag = etag(&first);
            assert!(
                tag.starts_with('"') && first.headers()["vary"].to_str().unwrap().contains("accept-encoding")
            );
            let again = get(&tag).await;
            assert_eq!((again.status().as_u16(), etag(&again)), (304, tag), "{path} {coding}");
            assert_eq!(again.bytes().await.unwrap().len(), 0);
        }
    }
    let tag = etag(&rep.get("/retailers").await);
    rep.patch("RTL-0002", &json!({"points": 99})).await;
    assert_ne!(etag(&rep.get("/retailers").await), tag, "another response has another ETag");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_selects_the_returned_members() {
    let app = App::new().await;
    let rep = Rep::new(&app, "sr00001").await;
    let page: Value =
        rep.get("/retailers?sort=uid&limit=1&fields=uid,points,region").await.json().await.unwrap();
    let region = rep.retailer("RTL-0001").await["region"].clone();
    assert_eq!(page["data"], json!([{"uid": "RTL-0001", "points": 1, "region": region}]));
    let retailer: Value = rep.get("/retailers/RTL-0001?fields=name").await.json().await.unwrap();
    assert_eq!(retailer, json!({"name": "মা স্টোর"}));
    for path in
        ["/retailers?fields=colour", "/retailers/RTL-0001?fields=", "/retailers/RTL-0001?fields=uid,,name"]
    {
        let response = rep.get(path).await;
        assert_eq!(response.status(), 422, "{path}");
        assert_eq!(problem(response).await["errors"][0]["field"], "fields");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_and_reads_through_another_process_are_current() {
    let app = App::new().await;
    let other = Server::start(&app.database.app_url(), &[]);
    let rep = Rep::new(&app, "sr00001").await;
    let admin = app.server.token("default", "admin").await;
    let through_other = async |method: Method, path: &str, body: Option<&Value>, key: &str| {
        let request = other.request(method, path).bearer_auth(&rep.token).header("idempotency-key", key);
        match body {
            Some(body) => request.json(body),
            None => request,
        }
        .send()
        .await
        .unwrap()
    };
    for round in 1..=20 {
        // A phone that lost the response repeats the request through another process and reads there at once.
        let (key, body) = (format!("k{round}"), json!({"points": 100 + round}));
        through_other(Method::GET, "/retailers/RTL-0001", None, "").await;
        let first = rep.patch_with("RTL-0001", &body, &[("idempotency-key", &key)]).await;
        assert_eq!(first.status(), 200);
        let again = through_other(Method::PATCH, "/retailers/RTL-0001", Some(&body), &key).await;
        assert_eq!(again.status(), 200);
        let read: Value =
            through_other(Method::GET, "/retailers/RTL-0001", None, "").await.json().await.unwrap();
        assert_eq!(read["points"], body["points"], "round {round}");
        // A retailer just assigned is changed through the process that may not have polled the feed yet.
        let path =
            if round % 2 == 1 { "/admin/assignments/bulk" } else { "/admin/assignments/bulk-unassign" };
        let group = json!({"assignments": [{"salesRep": "sr00001", "retailers": ["RTL-0006"]}]});
        let response =
            app.server.request(Method::POST, path).bearer_auth(&admin).json(&group).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let changed =
            through_other(Method::PATCH, "/retailers/RTL-0006", Some(&body), &format!("six{round}")).await;
        assert_eq!(changed.status(), if round % 2 == 1 { 200 } else { 404 }, "round {round}");
    }
}
