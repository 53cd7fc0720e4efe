//! Alternative names of parameters and members that existing clients use.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::App;

/// The uids of a list.
async fn uids(app: &App, path: &str) -> Vec<String> {
    let token = app.server.token("default", "sr00001").await;
    let response = app.server.get(path).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let page: Value = response.json().await.unwrap();
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|retailer| retailer["uid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_accept_common_parameter_names() {
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
        "both names at once are ambiguous"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn login_returns_the_token_under_its_oauth_name_too() {
    let app = App::new().await;
    let body = json!({"username": "sr00001", "password": haat_test_support::PASSWORD});
    let response = app.server.request(Method::POST, "/api/v1/auth/login").json(&body).send().await.unwrap();
    let login: Value = response.json().await.unwrap();
    assert_eq!(login["accessToken"], login["access_token"]);
    assert!(login["access_token"].as_str().unwrap().len() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn assignments_accept_common_member_names() {
    let app = App::new().await;
    let (rep, retailer) = (app.fixture.ours.rep.id, "RTL-0006");
    let path = "/admin/assignments/bulk";
    for body in [
        json!({"assignments": [{"salesRep": rep, "retailers": [retailer]}]}),
        json!({"assignments": [{"salesRepId": rep, "retailerIds": [retailer]}]}),
        json!({"assignments": [{"salesRepId": rep, "retailerUids": [retailer]}]}),
        json!({"salesRepId": rep, "retailerIds": [retailer]}),
        json!({"salesRep": "sr00001", "retailerUids": [retailer], "ifAssigned": "share"}),
    ] {
        let response = app.send_as("admin", Method::POST, path, &body).await;
        assert_eq!(response.status(), 200, "{body}");
        let result: Value = response.json().await.unwrap();
        let assigned = result["assigned"].as_i64().unwrap() + result["alreadyAssigned"].as_i64().unwrap();
        assert_eq!(assigned, 1, "{body} {result}");
    }
    for body in [
        json!({"salesRepId": rep, "salesRep": rep, "retailers": [retailer]}),
        json!({"salesRepId": rep}),
        json!({"assignments": [{"salesRep": rep, "retailers": [retailer]}], "salesRepId": rep}),
    ] {
        let response = app.send_as("admin", Method::POST, path, &body).await;
        assert_eq!(response.status(), 422, "{body}");
    }
    let unassign = json!({"salesRepId": rep, "retailerUids": [retailer]});
    let response = app.send_as("admin", Method::POST, "/admin/assignments/bulk-unassign", &unassign).await;
    assert_eq!(response.json::<Value>().await.unwrap()["unassigned"], 1);
}
