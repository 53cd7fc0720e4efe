use serde_json::{Value, json};

use crate::support::{App, code, problem};

async fn page(app: &App, username: &str, query: &str) -> Value {
    let response = app.get_as(username, &format!("/retailers{query}")).await;
    assert_eq!(response.status(), 200, "{query}");
    assert_eq!(response.headers()["content-type"], "application/json");
    response.json().await.unwrap()
}

fn uids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|retailer| retailer["uid"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_reps_list_their_own_retailers_and_admins_all() {
    let app = App::new().await;
    for (username, query, expected) in [
        ("sr00001", "", vec!["RTL-0004", "RTL-0001", "RTL-0002", "RTL-0003"]),
        ("sr00001", "?sort=-name", vec!["RTL-0003", "RTL-0002", "RTL-0001", "RTL-0004"]),
        ("sr00001", "?sort=uid", vec!["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004"]),
        ("sr00002", "?sort=-uid", vec!["RTL-0005", "RTL-0004"]),
        ("admin", "?sort=uid", vec!["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005", "RTL-0006"]),
    ] {
        let page = page(&app, username, query).await;
        assert_eq!(uids(&page), expected, "{username} {query}");
        assert_eq!(page["page"], json!({"limit": 20, "nextCursor": null, "hasMore": false}));
        let assigned =
            page["data"].as_array().unwrap().iter().all(|retailer| retailer.get("assignedAt").is_some());
        assert_eq!(assigned, username != "admin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retailer_has_exactly_the_documented_members() {
    let app = App::new().await;
    let listed = page(&app, "sr00001", "?sort=uid&limit=1").await["data"][0].clone();
    let response = app.get_as("sr00001", "/retailers/RTL-0001").await;
    assert_eq!(response.status(), 200);
    let detail: Value = response.json().await.unwrap();
    assert_eq!(detail, listed, "list and detail agree");
    let id = |name: &str| detail[name]["id"].clone();
    assert_eq!(
        detail,
        json!({
            "uid": "RTL-0001", "name": "মা স্টোর", "phone": "+8801711223301",
            "region": {"id": id("region"), "name": "Dhaka"},
            "area": {"id": id("area"), "name": "Gazipur"},
            "territory": {"id": id("territory"), "name": "Kaliganj"},
            "distributor": {"id": id("distributor"), "name": "Rahman Traders"},
            "points": 1, "routes": ["Bazar"], "notes": null,
            "updatedAt": detail["updatedAt"], "version": 1, "assignedAt": "2026-01-01T00:00:00.000000Z",
        })
    );
    assert!(id("region").is_i64());
    assert!(detail["updatedAt"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_paging_returns_each_retailer_once() {
    let app = App::new().await;
    for (username, sort, count) in [("sr00001", "name", 4), ("admin", "-name", 6), ("admin", "uid", 6)] {
        let whole = page(&app, username, &format!("?sort={sort}")).await;
        let mut paged: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = page(&app, username, &format!("?sort={sort}&limit=2{cursor}")).await;
            paged.extend(uids(&page).into_iter().map(str::to_owned));
            assert_eq!(page["page"]["limit"], 2);
            assert_eq!(page["page"]["hasMore"], page["page"]["nextCursor"].is_string());
            match page["page"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, uids(&whole));
        assert_eq!(paged.len(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_are_bound_to_their_list_and_grant_no_access() {
    let app = App::new().await;
    let first = page(&app, "admin", "?sort=name&limit=2").await;
    let cursor = first["page"]["nextCursor"].as_str().unwrap();
    for query in [
        format!("?sort=-name&cursor={cursor}"),
        format!("?sort=uid&cursor={cursor}"),
        "?cursor=nonsense".to_owned(),
        "?cursor=".to_owned(),
        "?cursor=%00%ff".to_owned(),
        // {"v":1,"l":"name","k":["\u0000","RTL-1"]}: well formed, with a text that Postgres rejects.
        "?cursor=eyJ2IjoxLCJsIjoibmFtZSIsImsiOlsiXHUwMDAwIiwiUlRMLTEiXX0".to_owned(),
        format!("?cursor={}", &cursor[1..]),
    ] {
        let response = app.get_as("admin", &format!("/retailers{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        let code = code(response).await;
        assert!(["invalid-cursor", "malformed-request"].contains(&code.as_str()), "{query}: {code}");
    }
    // With a cursor of an admin, sales reps still see only their own retailers.
    let mine = page(&app, "sr00002", &format!("?sort=name&cursor={cursor}")).await;
    assert_eq!(uids(&mine), Vec::<&str>::new(), "both of their retailers are before the cursor");
    let mine = page(&app, "sr00001", &format!("?sort=name&cursor={cursor}")).await;
    assert_eq!(uids(&mine), ["RTL-0001", "RTL-0002", "RTL-0003"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_parameters_are_rejected_by_name() {
    let app = App::new().await;
    for (query, field, expected) in [
        ("limit=0", "limit", "out-of-range"),
        ("limit=201", "limit", "out-of-range"),
        ("limit=-1", "limit", "out-of-range"),
        ("limit=1000000000", "limit", "out-of-range"),
        ("limit=1e9", "limit", "out-of-range"),
        ("limit=", "limit", "out-of-range"),
        ("limit=99999999999999999999", "limit", "out-of-range"),
        ("limit=5&limit=6", "limit", "repeated"),
        ("sort=colour", "sort", "invalid"),
        ("colour=red", "colour", "unknown-field"),
    ] {
        let response = app.get_as("sr00001", &format!("/retailers?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let body = problem(response).await;
        assert_eq!(body["code"], "invalid-fields");
        assert_eq!(body["errors"][0]["field"], field, "{query}");
        assert_eq!(body["errors"][0]["code"], expected, "{query}");
        assert!(!body["errors"][0]["message"].as_str().unwrap().is_empty());
    }
    for path in ["/retailers/RTL-0001?x=1", "/auth/me?x=1"] {
        let response = app.get_as("sr00001", path).await;
        assert_eq!(response.status(), 422, "{path}");
        assert_eq!(problem(response).await["errors"][0]["code"], "unknown-field", "{path}");
    }
    for limit in [1, 100] {
        assert_eq!(page(&app, "sr00001", &format!("?limit={limit}")).await["page"]["limit"], limit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_rep_cannot_read_unassigned_retailer() {
    let app = App::new().await;
    for (username, uid, status) in [
        ("sr00001", "RTL-0001", 200),
        ("sr00001", "RTL-0005", 404),
        ("sr00001", "RTL-0006", 404),
        ("sr00001", "RTL-9999", 404),
        ("sr00001", "not%20a%20uid", 404),
        ("sr00001", "%E0%A6%A6", 404),
        ("admin", "RTL-0006", 200),
        ("admin", "RTL-9999", 404),
    ] {
        let response = app.get_as(username, &format!("/retailers/{uid}")).await;
        assert_eq!(response.status(), status, "{username} {uid}");
        if status == 404 {
            let body = problem(response).await;
            assert_eq!(body["code"], "not-found");
            assert!(!body.to_string().contains("Shop"), "no data of the retailer in the problem");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retailers_of_other_tenants_are_not_found() {
    let app = App::new().await;
    let owner = app.database.owner().await;
    owner
        .execute(
            "UPDATE retailers SET uid = 'THEIRS-1' WHERE tenant_id = $1 AND uid = 'RTL-0001'",
            &[&app.fixture.theirs.tenant],
        )
        .await
        .unwrap();
    let ours = page(&app, "admin", "?sort=uid&limit=100").await;
    assert_eq!(uids(&ours).len(), 6);
    assert_eq!(app.get_as("admin", "/retailers/THEIRS-1").await.status(), 404);
    let token = app.server.token("other", "admin").await;
    let theirs = app.server.get("/retailers/THEIRS-1").bearer_auth(token).send().await.unwrap();
    assert_eq!(theirs.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_are_also_available_under_prefixes() {
    let app = App::new().await;
    for prefix in ["", "/api", "/api/v1"] {
        assert_eq!(
            app.get_as("sr00001", &format!("{prefix}/retailers?limit=1")).await.status(),
            200,
            "{prefix}"
        );
        assert_eq!(
            app.get_as("sr00001", &format!("{prefix}/retailers/RTL-0001")).await.status(),
            200,
            "{prefix}"
        );
    }
    for wrong in ["/api/v2/retailers", "/apiretailers", "/v1/retailers"] {
        assert_eq!(app.get_as("sr00001", wrong).await.status(), 404, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_matches_any_part_in_any_spelling() {
    let app = App::new().await;
    let all_three = vec!["RTL-0001", "RTL-0002", "RTL-0003"];
    for (query, expected) in [
        ("q=স্টোর", all_three.clone()),
        ("q=ষ্টোর", all_three.clone()),
        ("q=মা\u{200C} স্টো", all_three.clone()),
        ("q=SHOP", vec!["RTL-0004"]),
        ("q=rtl-0002", vec!["RTL-0002"]),
        ("q=০১৭১১-২২৩৩০৩", vec!["RTL-0003"]),
        ("q=%2B880 1711 223304", vec!["RTL-0004"]),
        ("q=0", vec!["RTL-0004", "RTL-0001", "RTL-0002", "RTL-0003"]),
        ("q=%25", vec![]),
        ("q=shop 5", vec![]),
        ("q=&region=Dhaka", vec!["RTL-0004", "RTL-0001", "RTL-0002", "RTL-0003"]),
        ("region=ঢাকা&area=Gazipur&territory=Kaliganj&distributor=Rahman Traders&q=shop", vec!["RTL-0004"]),
        ("region=Sylhet", vec![]),
        ("region=dhaka", vec!["RTL-0004", "RTL-0001", "RTL-0002", "RTL-0003"]),
        ("region=999999", vec![]),
        ("sort=-points&limit=2", vec!["RTL-0004", "RTL-0003"]),
        ("sort=updatedAt&limit=1&page=2", vec!["RTL-0002"]),
    ] {
        let page = page(&app, "sr00001", &format!("?{query}")).await;
        assert_eq!(uids(&page), expected, "{query}");
    }
    let matches = page(&app, "admin", "?q=ষ্টোর").await;
    assert_eq!(uids(&matches), all_three);
    let territory = matches["data"][0]["territory"]["id"].as_i64().unwrap();
    let matches = page(&app, "admin", &format!("?q=6&territory={territory}&sort=-points")).await;
    assert_eq!(uids(&matches), ["RTL-0006"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_queries_on_the_whole_pool_are_rejected_with_a_reason() {
    let app = App::new().await;
    for (query, field, expected) in [
        ("q=ma", "q", "too-short"),
        ("q=মা", "q", "too-short"),
        ("q=m&region=Dhaka", "q", "too-short"),
        ("sort=points", "sort", "requires-territory"),
        ("sort=-updatedAt&area=Gazipur", "sort", "requires-territory"),
        ("page=2", "page", "not-available"),
    ] {
        let response = app.get_as("admin", &format!("/retailers?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let body = problem(response).await;
        assert_eq!(
            (&body["errors"][0]["field"], &body["errors"][0]["code"]),
            (&json!(field), &json!(expected))
        );
        assert_eq!(app.get_as("sr00001", &format!("/retailers?{query}")).await.status(), 200, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn total_is_returned_on_request() {
    let app = App::new().await;
    for (username, query, total) in [
        ("sr00001", "?page=1&limit=3", json!(4)),
        ("sr00001", "?page=9", json!(4)),
        ("sr00001", "?includeTotal=true&q=স্টোর", json!(3)),
        ("admin", "?includeTotal=true&limit=1", json!(6)),
        ("admin", "?includeTotal=false", Value::Null),
        ("sr00001", "", Value::Null),
    ] {
        assert_eq!(page(&app, username, query).await["page"]["total"], total, "{username} {query}");
    }
    // Numbered pages have cursors too.
    let second = page(&app, "sr00001", "?page=2&limit=1").await;
    let cursor = second["page"]["nextCursor"].as_str().unwrap();
    let third = page(&app, "sr00001", &format!("?limit=1&cursor={cursor}")).await;
    assert_eq!((uids(&second), uids(&third)), (vec!["RTL-0001"], vec!["RTL-0002"]));
}
