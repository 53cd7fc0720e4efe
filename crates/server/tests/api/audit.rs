//! The audit log over HTTP.

use haat_domain::audit::{AuditAction, AuditEntity};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, code};

/// Returns the audit entries that match a query, without those of sessions.
async fn entries(app: &App, query: &str) -> Vec<Value> {
    let response = app.get_as("admin", &format!("/admin/audit?limit=100&{query}")).await;
    assert_eq!(response.status(), 200, "{query}");
    let mut entries = response.json::<Value>().await.unwrap()["data"].as_array().unwrap().clone();
    entries.retain(|entry| entry["entity"] != "session");
    entries
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_entries_are_found_by_every_filter() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    for points in 1..=3 {
        let response = app
            .server
            .request(Method::PATCH, "/admin/retailers/RTL-0001")
            .bearer_auth(&token)
            .header("x-request-id", format!("req-{points}"))
            .json(&json!({"points": points * 10}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
    app.send_as("sr00001", Method::PATCH, "/retailers/RTL-0001", &json!({"notes": "x"})).await;
    let body = json!({"assignments": [{"salesRep": "sr00002", "retailers": ["RTL-0001"]}]});
    let assigned: Value =
        app.send_as("admin", Method::POST, "/admin/assignments/bulk", &body).await.json().await.unwrap();
    let batch = assigned["batchId"].as_i64().unwrap();
    app.database
        .owner()
        .await
        .batch_execute(
            "INSERT INTO audit_logs (tenant_id, occurred_at, action, entity, request_id) \
             SELECT id, now(), 'retailer.delete', 'retailer', 'req-1' FROM tenants WHERE slug = 'other'",
        )
        .await
        .unwrap();
    let admin = app.fixture.ours.admin.id;
    for (query, expected) in [
        (String::new(), 5),
        ("entity=retailer".into(), 4),
        ("entity=retailer&entityId=RTL-0001".into(), 4),
        ("entityId=RTL-0002".into(), 0),
        ("actor=admin".into(), 4),
        ("actor=ADMIN&entity=retailer".into(), 3),
        (format!("actor={admin}"), 4),
        ("actor=sr00001".into(), 1),
        ("actor=unknown".into(), 0),
        ("action=assignment.assign".into(), 1),
        ("action=retailer.delete".into(), 0),
        (format!("batch={batch}"), 1),
        ("requestId=req-1".into(), 1),
        ("from=2020-01-01".into(), 5),
        ("to=2020-01-01".into(), 0),
        ("from=2020-01-01T00:00:00%2B06:00&to=2100-01-01T00:00:00Z".into(), 5),
    ] {
        assert_eq!(entries(&app, &query).await.len(), expected, "{query}");
    }
    let found = entries(&app, "entity=retailer&actor=admin").await;
    let newest = &found[0];
    assert_eq!((&newest["requestId"], &newest["after"]["points"]), (&json!("req-3"), &json!(30)));
    assert_eq!(newest["before"]["points"], 20);
    assert_eq!(newest["actor"], json!({"id": admin, "username": "admin", "name": "Rahim Uddin"}));
    assert_eq!(newest["entityName"], "মা স্টোর");
    assert_eq!((&newest["role"], &newest["batchId"]), (&json!("admin"), &Value::Null));
    // `from` is inclusive, `to` is exclusive.
    let occurred_at = newest["occurredAt"].as_str().unwrap();
    assert_eq!(entries(&app, &format!("entity=retailer&actor=admin&from={occurred_at}")).await.len(), 1);
    assert_eq!(entries(&app, &format!("entity=retailer&actor=admin&to={occurred_at}")).await.len(), 2);

    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Value =
            app.get_as("admin", &format!("/admin/audit?limit=2{cursor}")).await.json().await.unwrap();
        let entries = page["data"].as_array().unwrap().iter().filter(|entry| entry["entity"] != "session");
        ids.extend(entries.map(|entry| entry["id"].as_i64().unwrap()));
        let Some(next) = page["page"]["nextCursor"].as_str() else { break };
        let mismatched = app.get_as("admin", &format!("/admin/audit?entity=retailer&cursor={next}")).await;
        assert_eq!(code(mismatched).await, "invalid-cursor");
        cursor = format!("&cursor={next}");
    }
    let all: Vec<i64> = entries(&app, "").await.iter().map(|entry| entry["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, all);
    for bad in ["from=x", "batch=x", "colour=red", "limit=0", "actor="] {
        assert_eq!(app.get_as("admin", &format!("/admin/audit?{bad}")).await.status(), 422, "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_unknown_entities_and_actions_with_the_known_ones() {
    let app = App::new().await;
    for (parameter, words) in [("entity", AuditEntity::WORDS), ("action", AuditAction::WORDS)] {
        let response = app.get_as("admin", &format!("/admin/audit?{parameter}=nonsense")).await;
        assert_eq!(response.status(), 422);
        let problem: Value = response.json().await.unwrap();
        let error = &problem["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(parameter), &json!("invalid")));
        let message = error["message"].as_str().unwrap();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
        for word in words {
            entries(&app, &format!("{parameter}={word}")).await;
        }
        let document: Value =
            app.server.request(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
        let parameters = document["paths"]["/admin/audit"]["get"]["parameters"].as_array().unwrap();
        let documented = parameters.iter().find(|documented| documented["name"] == parameter).unwrap();
        assert_eq!(documented["schema"]["enum"], json!(words));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_stand_beside_ids_and_outlive_what_they_name() {
    let app = App::new().await;
    let region: Value = app
        .send_as("admin", Method::POST, "/admin/regions", &json!({"name": "Old North"}))
        .await
        .json()
        .await
        .unwrap();
    let body = json!({"name": "Old Area", "region": region["id"]});
    let area: Value = app.send_as("admin", Method::POST, "/admin/areas", &body).await.json().await.unwrap();
    app.send_as(
        "admin",
        Method::PATCH,
        &format!("/admin/regions/{}", region["id"]),
        &json!({"name": "North"}),
    )
    .await;
    let created = &entries(&app, "action=area.create").await[0];
    assert_eq!(
        (&created["entityName"], &created["after"]["regionName"]),
        (&json!("Old Area"), &json!("North"))
    );
    for path in [format!("/admin/areas/{}", area["id"]), format!("/admin/regions/{}", region["id"])] {
        assert_eq!(app.send_as("admin", Method::DELETE, &path, &Value::Null).await.status(), 204);
    }
    let created = &entries(&app, "action=area.create").await[0];
    assert_eq!((&created["entityName"], &created["after"]["regionName"]), (&json!("Old Area"), &Value::Null));
    assert_eq!(created["after"]["region"], region["id"]);
    assert_eq!(entries(&app, "action=region.delete").await[0]["entityName"], "North");
    assert_eq!(entries(&app, "action=region.create").await[0]["entityName"], "Old North");
}
