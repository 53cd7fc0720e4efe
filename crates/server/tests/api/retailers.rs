use serde_json::{Value, json};

use crate::support::{App, code, problem};

async fn page(app: &App, username: &str, query: &str) -> Value {
    let response = app.get_as(username, &format!("/retailers{query}")).await;
    assert_eq!(response.status(), 200, "{query}");
    assert_eq!(response.headers()["content-type"], "application/json");
    response.json().await.unwrap()
}

fn uids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|shop| shop["uid"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_representative_lists_their_own_shops_and_an_admin_all() {
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
        let assigned = page["data"].as_array().unwrap().iter().all(|shop| shop.get("assignedAt").is_some());
        assert_eq!(assigned, username != "admin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_has_the_shape_of_the_contract() {
    let app = App::new().await;
    let listed = page(&app, "sr00001", "?sort=uid&limit=1").await["data"][0].clone();
    let response = app.get_as("sr00001", "/retailers/RTL-0001").await;
    assert_eq!(response.status(), 200);
    let shown: Value = response.json().await.unwrap();
    assert_eq!(shown, listed, "list and detail agree");
    let id = |name: &str| shown[name]["id"].clone();
    assert_eq!(
        shown,
        json!({
            "uid": "RTL-0001", "name": "মা স্টোর", "phone": "+8801711223301",
            "region": {"id": id("region"), "name": "Dhaka"},
            "area": {"id": id("area"), "name": "Gazipur"},
            "territory": {"id": id("territory"), "name": "Kaliganj"},
            "distributor": {"id": id("distributor"), "name": "Rahman Traders"},
            "points": 1, "routes": ["Bazar"], "notes": null,
            "updatedAt": shown["updatedAt"], "version": 1, "assignedAt": "2026-01-01T00:00:00.000000Z",
        })
    );
    assert!(id("region").is_i64());
    assert!(shown["updatedAt"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_walk_the_list_once() {
    let app = App::new().await;
    for (username, sort, count) in [("sr00001", "name", 4), ("admin", "-name", 6), ("admin", "uid", 6)] {
        let whole = page(&app, username, &format!("?sort={sort}")).await;
        let mut walked: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = page(&app, username, &format!("?sort={sort}&limit=2{cursor}")).await;
            walked.extend(uids(&page).into_iter().map(str::to_owned));
            assert_eq!(page["page"]["limit"], 2);
            assert_eq!(page["page"]["hasMore"], page["page"]["nextCursor"].is_string());
            match page["page"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(walked, uids(&whole));
        assert_eq!(walked.len(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_for_its_own_list_alone_and_grants_nothing() {
    let app = App::new().await;
    let first = page(&app, "admin", "?sort=name&limit=2").await;
    let cursor = first["page"]["nextCursor"].as_str().unwrap();
    for query in [
        format!("?sort=-name&cursor={cursor}"),
        format!("?sort=uid&cursor={cursor}"),
        "?cursor=nonsense".to_owned(),
        "?cursor=".to_owned(),
        "?cursor=%00%ff".to_owned(),
        // {"v":1,"l":"name","k":["\u0000","RTL-1"]}: of our form, with a text that Postgres cannot take.
        "?cursor=eyJ2IjoxLCJsIjoibmFtZSIsImsiOlsiXHUwMDAwIiwiUlRMLTEiXX0".to_owned(),
        format!("?cursor={}", &cursor[1..]),
    ] {
        let response = app.get_as("admin", &format!("/retailers{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        let code = code(response).await;
        assert!(["invalid-cursor", "malformed-request"].contains(&code.as_str()), "{query}: {code}");
    }
    // An admin's cursor in a representative's hands shows the representative's own shops.
    let mine = page(&app, "sr00002", &format!("?sort=name&cursor={cursor}")).await;
    assert_eq!(uids(&mine), Vec::<&str>::new(), "both of theirs stand before the cursor");
    let mine = page(&app, "sr00001", &format!("?sort=name&cursor={cursor}")).await;
    assert_eq!(uids(&mine), ["RTL-0001", "RTL-0002", "RTL-0003"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named() {
    let app = App::new().await;
    for (query, field, fault) in [
        ("limit=0", "limit", "out-of-range"),
        ("limit=101", "limit", "out-of-range"),
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
        assert_eq!(body["errors"][0]["code"], fault, "{query}");
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
async fn a_shop_of_somebody_else_is_not_there() {
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
            assert!(!body.to_string().contains("Shop"), "nothing of the shop leaks");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_companys_shops_are_not_there() {
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
async fn clients_written_for_a_prefix_find_the_routes() {
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
async fn shops_are_found_by_any_part_however_it_is_typed() {
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
        ("region=dhaka", vec![]),
        ("region=999999", vec![]),
        ("sort=-points&limit=2", vec!["RTL-0004", "RTL-0003"]),
        ("sort=updatedAt&limit=1&page=2", vec!["RTL-0002"]),
    ] {
        let page = page(&app, "sr00001", &format!("?{query}")).await;
        assert_eq!(uids(&page), expected, "{query}");
    }
    let found = page(&app, "admin", "?q=ষ্টোর").await;
    assert_eq!(uids(&found), all_three);
    let territory = found["data"][0]["territory"]["id"].as_i64().unwrap();
    let found = page(&app, "admin", &format!("?q=6&territory={territory}&sort=-points")).await;
    assert_eq!(uids(&found), ["RTL-0006"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_slow_among_all_shops_is_refused_with_a_reason() {
    let app = App::new().await;
    for (query, field, fault) in [
        ("q=ma", "q", "too-short"),
        ("q=মা", "q", "too-short"),
        ("q=m&region=Dhaka", "q", "too-short"),
        ("sort=points", "sort", "needs-territory"),
        ("sort=-updatedAt&area=Gazipur", "sort", "needs-territory"),
        ("page=2", "page", "not-here"),
    ] {
        let response = app.get_as("admin", &format!("/retailers?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let body = problem(response).await;
        assert_eq!((&body["errors"][0]["field"], &body["errors"][0]["code"]), (&json!(field), &json!(fault)));
        assert_eq!(app.get_as("sr00001", &format!("/retailers?{query}")).await.status(), 200, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_is_given_where_it_is_asked_for() {
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
    // A numbered page leads on by cursor too.
    let second = page(&app, "sr00001", "?page=2&limit=1").await;
    let cursor = second["page"]["nextCursor"].as_str().unwrap();
    let third = page(&app, "sr00001", &format!("?limit=1&cursor={cursor}")).await;
    assert_eq!((uids(&second), uids(&third)), (vec!["RTL-0001"], vec!["RTL-0002"]));
}
