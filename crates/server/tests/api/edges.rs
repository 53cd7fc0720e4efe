//! Spellings of one meaning that real clients, files and keyboards send.

use reqwest::Method;
use serde_json::{Value, json};

use crate::map::User;
use crate::support::{App, code, problem};

/// Compresses a text to one member of gzip.
fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

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
    assert_eq!(send("gzip", gzip(r#"{"name": "Khulna"}"#)).await.status(), 201);
    assert_eq!(send("X-GZIP", gzip(r#"{"name": "Sylhet"}"#)).await.status(), 201);
    let members = [gzip(r#"{"name": "#), gzip(r#""Rangpur"}"#)].concat();
    let created = send("gzip", members).await;
    assert_eq!(created.status(), 201, "a body of two members");
    assert_eq!(created.json::<Value>().await.unwrap()["name"], "Rangpur");
    let cut = send("gzip", gzip(r#"{"name": "Barishal"}"#)[..20].to_vec()).await;
    assert_eq!(cut.status(), 400);
    let unknown = send("compress", b"{}".to_vec()).await;
    assert_eq!(unknown.status(), 415);
    assert_eq!(unknown.headers()["accept-encoding"], "gzip, br, zstd");
    assert!(problem(unknown).await["detail"].as_str().unwrap().contains("gzip, br or zstd"));
    let large = send("identity", vec![b' '; 3_000_000]).await;
    assert_eq!(large.status(), 413);
    assert!(problem(large).await["detail"].as_str().unwrap().contains("bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_several_gzip_members_is_read_to_the_end() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let request =
        app.server.request(Method::POST, "/admin/assignments/bulk?validateOnly=true").bearer_auth(token);
    let request = request.header("content-type", "text/csv").header("content-encoding", "gzip");
    let rows = ["uid,sales_rep\n", "RTL-0001,sr00001\n", "RTL-0002,sr00001\n"];
    let accepted = request.body(rows.map(gzip).concat()).send().await.unwrap();
    assert_eq!(accepted.status(), 202);
    let job = accepted.headers()["location"].to_str().unwrap().to_owned();
    let admin = User::new(&app, "admin").await;
    for _ in 0..200 {
        let job = admin.read(&job).await;
        if job["state"] == "SUCCEEDED" {
            assert_eq!(job["rows"]["read"], 2, "{job}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the job does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_media_type_lists_the_accepted_ones() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    for (path, accepted) in [
        ("/admin/regions", "application/json, application/merge-patch+json"),
        (
            "/admin/assignments/bulk",
            "application/json, application/merge-patch+json, multipart/form-data, text/csv, application/csv, application/vnd.ms-excel",
        ),
        (
            "/admin/retailers/import",
            "multipart/form-data, text/csv, application/csv, application/vnd.ms-excel",
        ),
    ] {
        let request = app.server.request(Method::POST, path).bearer_auth(&token);
        let refused = request.header("content-type", "text/xml").body("<a/>").send().await.unwrap();
        assert_eq!(refused.status(), 415, "{path}");
        assert_eq!(refused.headers()["accept"], accepted, "{path}");
        assert_eq!(refused.headers().get("accept-encoding"), None, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_have_an_accepted_coding_or_none_is_sent() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let get = async |path: &str, accepted: &str| {
        let request = app.server.get(path).bearer_auth(&token).header("accept-encoding", accepted);
        request.send().await.unwrap()
    };
    // A short response, a page, a file and a page of the documentation.
    for path in ["/auth/me", "/retailers", "/admin/retailers/export", "/redoc"] {
        for accepted in ["identity;q=0", "*;q=0", "deflate, identity;q=0"] {
            let refused = get(path, accepted).await;
            assert_eq!(refused.status(), 406, "{path} {accepted}");
            assert_eq!(problem(refused).await["code"], "not-acceptable");
        }
        for (accepted, coding) in
            [("gzip, identity;q=0", "gzip"), ("zstd;q=0.1, *;q=0", "zstd"), ("*, identity;q=0", "br")]
        {
            let response = get(path, accepted).await;
            assert_eq!(response.status(), 200, "{path} {accepted}");
            assert_eq!(response.headers()["content-encoding"], coding, "{path} {accepted}");
        }
        assert_eq!(get(path, "identity").await.headers().get("content-encoding"), None, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_can_require_that_the_version_is_another_one() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    let rep = User::new(&app, "sr00001").await;
    let region = format!("/admin/regions/{}", admin.only("/admin/regions").await);
    let body = json!({"name": "Khulna"});
    for (user, method, path, body) in [
        (&rep, Method::PATCH, "/retailers/RTL-0001", Some(json!({"points": 7}))),
        (&admin, Method::PATCH, "/admin/retailers/RTL-0001", Some(json!({"points": 8}))),
        (&admin, Method::PUT, &region, Some(body.clone())),
        (&admin, Method::PATCH, &region, Some(body)),
        (&admin, Method::DELETE, "/admin/retailers/RTL-0001", None),
    ] {
        let current = user.get(path).await.headers()["etag"].to_str().unwrap().to_owned();
        for tag in ["*", &current, &format!("\"999\", W/{current}")] {
            let refused =
                user.send_with(method.clone(), path, body.as_ref(), &[("if-none-match", tag)]).await;
            assert_eq!(refused.status(), 412, "{method} {path} {tag}");
            let etag = refused.headers()["etag"].to_str().unwrap();
            assert!(
                current.starts_with(etag.trim_end_matches('"')),
                "{method} {path}: {etag}, not {current}"
            );
        }
        let other = &[("if-none-match", "\"999-abc\"")];
        let changed = user.send_with(method.clone(), path, body.as_ref(), other).await;
        assert!(changed.status().is_success(), "{method} {path}: {}", changed.status());
    }
    let missing =
        admin.send_with(Method::DELETE, "/admin/regions/999999", None, &[("if-none-match", "*")]).await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_moment_may_have_a_plus_that_is_not_encoded() {
    let app = App::new().await;
    let admin = User::new(&app, "admin").await;
    // "+" in a query is a space.
    for moment in ["2026-11-29T10:00:00+06:00", "2026-11-29%2010:00:00+06:00", "2026-11-29T10:00:00%2B06:00"]
    {
        for path in ["/admin/audit?from=", "/admin/audit?to=", "/admin/retailers/RTL-0001/assignments?asOf="]
        {
            assert_eq!(admin.get(&format!("{path}{moment}")).await.status(), 200, "{path}{moment}");
        }
    }
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
