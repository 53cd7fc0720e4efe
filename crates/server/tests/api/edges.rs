//! Spellings of one meaning that real clients, files and keyboards send.

use reqwest::Method;
use serde_json::{Value, json};

use crate::map::User;
use crate::support::{App, code, problem};

/// Sends a body as written.
async fn post_text(app: &App, path: &str, text: &str) -> reqwest::Response {
    let token = app.server.token("default", "admin").await;
    let request = app.server.request(Method::POST, path).bearer_auth(token);
    request.header("content-type", "application/json").body(text.to_owned()).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_numbers_may_be_written_as_floats() {
    let app = App::new().await;
    let region = User::new(&app, "admin").await.only("/admin/regions").await;
    for (name, number) in
        [("A", format!("{region}.0")), ("B", format!("{region}e0")), ("C", region.to_string())]
    {
        let body = format!(r#"{{"name": "{name}", "region": {number}}}"#);
        let created = post_text(&app, "/admin/areas", &body).await;
        assert_eq!(created.status(), 201, "{body}");
        assert_eq!(created.json::<Value>().await.unwrap()["region"]["id"], region);
    }
    let fraction =
        post_text(&app, "/admin/areas", &format!(r#"{{"name": "D", "region": {region}.5}}"#)).await;
    assert_eq!(problem(fraction).await["errors"][0]["code"], "wrong-type");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_given_twice_is_ambiguous() {
    let app = App::new().await;
    let response = post_text(&app, "/admin/regions", r#"{"name": "Khulna", "name": "Sylhet"}"#).await;
    assert_eq!(response.status(), 400);
    let problem = problem(response).await;
    assert!(problem["detail"].as_str().unwrap().contains("\"name\" is given twice"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_in_other_codings_are_decoded_or_refused() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let send = async |coding: &str, body: Vec<u8>| {
        let request = app.server.request(Method::POST, "/admin/regions").bearer_auth(&token);
        let request = request.header("content-type", "application/json").header("content-encoding", coding);
        request.body(body).send().await.unwrap()
    };
    let gzip = |text: &str| {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    assert_eq!(send("gzip", gzip(r#"{"name": "Khulna"}"#)).await.status(), 201);
    assert_eq!(send("X-GZIP", gzip(r#"{"name": "Sylhet"}"#)).await.status(), 201);
    let unknown = send("compress", b"{}".to_vec()).await;
    assert_eq!(unknown.status(), 415);
    assert!(problem(unknown).await["detail"].as_str().unwrap().contains("gzip, br or zstd"));
    let large = send("identity", vec![b' '; 3_000_000]).await;
    assert_eq!(large.status(), 413);
    assert!(problem(large).await["detail"].as_str().unwrap().contains("bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn places_may_be_named_as_in_similar_interfaces() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let (region, territory) = (admin.only("/admin/regions").await, admin.only("/admin/territories").await);
    let area = admin.create("/admin/areas", json!({"name": "Savar", "regionId": region})).await;
    admin.create("/admin/territories", json!({"name": "Hemayetpur", "areaId": area})).await;
    let body = json!({"uid": "NEW-1", "name": "Mita Store", "territoryId": territory, "routes": "R1; R2|R3"});
    let created = admin.post("/admin/retailers", body).await;
    assert_eq!(created.status(), 201);
    assert_eq!(created.json::<Value>().await.unwrap()["routes"], json!(["R1", "R2", "R3"]));
    let found =
        admin.names(&format!("/admin/retailers?regionId={region}&territoryId={territory}&q=mita")).await;
    assert_eq!(found, ["Mita Store"]);
    let both = admin.post("/admin/areas", json!({"name": "x", "region": region, "regionId": region})).await;
    assert_eq!(both.status(), 422, "both names at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bangla_password_is_accepted_from_every_keyboard() {
    let app = App::new().await;
    // ড় as one code point and as two.
    let (one, two) = ("\u{9DC}\u{9DC}\u{9DC}-আমার", "\u{9A1}\u{9BC}\u{9A1}\u{9BC}\u{9A1}\u{9BC}-আমার");
    let rep = User::new(&app, "sr00001").await;
    let log_in = async |password: &str| {
        let body = json!({"username": "sr00001", "password": password});
        app.server.log_in_request(&body).send().await.unwrap()
    };
    let change = async |current: &str, new: &str| {
        rep.post("/auth/change-password", json!({"currentPassword": current, "newPassword": new})).await
    };
    let blank = change(haat_test_support::PASSWORD, "        ").await;
    assert_eq!(problem(blank).await["errors"][0]["code"], "too-short");
    assert_eq!(change(haat_test_support::PASSWORD, one).await.status(), 200);
    for typed in [one, two] {
        assert_eq!(log_in(typed).await.status(), 200, "{typed:?}");
    }
    assert_eq!(code(log_in("another one").await).await, "invalid-credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_username_is_refused_as_a_password() {
    let app = App::new().await;
    app.database
        .owner()
        .await
        .batch_execute("UPDATE users SET username = 'rahim.uddin' WHERE username = 'sr00001'")
        .await
        .unwrap();
    let rep = User::new(&app, "rahim.uddin").await;
    let body = json!({"currentPassword": haat_test_support::PASSWORD, "newPassword": "Rahim.Uddin"});
    let refused = problem(rep.post("/auth/change-password", body).await).await;
    assert_eq!(
        (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
        (&json!("newPassword"), &json!("too-common"))
    );
}
