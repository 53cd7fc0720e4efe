//! Spellings that clients were written for, beside those of the document.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::App;

/// The uids of a list.
async fn uids(app: &App, path: &str) -> Vec<String> {
    let token = app.server.token("default", "sr00001").await;
    let response = app.server.get(path).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let page: Value = response.json().await.unwrap();
    page["data"].as_array().unwrap().iter().map(|shop| shop["uid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_searched_and_paged_by_any_common_name() {
    let app = App::new().await;
    let all = uids(&app, "/retailers?limit=100&sort=uid").await;
    assert!(all.len() > 2);
    let one = &all[1];
    for path in [
        format!("/retailers?q={one}"),
        format!("/retailers?search={one}"),
        format!("/api/retailers?search={one}"),
        format!("/api/v1/retailers?search={one}"),
        "/api/v1/retailers?sort=uid&page=2&limit=1".to_owned(),
    ] {
        assert_eq!(uids(&app, &path).await, std::slice::from_ref(one), "{path}");
    }
    let both = format!("/retailers?q={one}&search={one}");
    let token = app.server.token("default", "sr00001").await;
    assert_eq!(
        app.server.get(&both).bearer_auth(token).send().await.unwrap().status(),
        422,
        "which of both?"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_found_by_the_name_of_oauth_too() {
    let app = App::new().await;
    let body = json!({"username": "sr00001", "password": haat_test_support::PASSWORD});
    let response = app.server.request(Method::POST, "/api/v1/auth/login").json(&body).send().await.unwrap();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["accessToken"], answer["access_token"]);
    assert!(answer["access_token"].as_str().unwrap().len() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn shops_are_assigned_by_any_common_name() {
    let app = App::new().await;
    let (rep, shop) = (app.fixture.ours.rep.id, "RTL-0006");
    let path = "/admin/assignments/bulk";
    for body in [
        json!({"assignments": [{"salesRep": rep, "retailers": [shop]}]}),
        json!({"assignments": [{"salesRepId": rep, "retailerIds": [shop]}]}),
        json!({"assignments": [{"salesRepId": rep, "retailerUids": [shop]}]}),
        json!({"salesRepId": rep, "retailerIds": [shop]}),
        json!({"salesRep": "sr00001", "retailerUids": [shop], "ifAssigned": "share"}),
    ] {
        let response = app.send_as("admin", Method::POST, path, &body).await;
        assert_eq!(response.status(), 200, "{body}");
        let told: Value = response.json().await.unwrap();
        let done = told["assigned"].as_i64().unwrap() + told["alreadyAssigned"].as_i64().unwrap();
        assert_eq!(done, 1, "{body} {told}");
    }
    for body in [
        json!({"salesRepId": rep, "salesRep": rep, "retailers": [shop]}),
        json!({"salesRepId": rep}),
        json!({"assignments": [{"salesRep": rep, "retailers": [shop]}], "salesRepId": rep}),
    ] {
        let response = app.send_as("admin", Method::POST, path, &body).await;
        assert_eq!(response.status(), 422, "{body}");
    }
    let unassign = json!({"salesRepId": rep, "retailerUids": [shop]});
    let response = app.send_as("admin", Method::POST, "/admin/assignments/bulk-unassign", &unassign).await;
    assert_eq!(response.json::<Value>().await.unwrap()["unassigned"], 1);
}
