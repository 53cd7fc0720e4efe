use serde_json::Value;

use crate::support::{App, haat, run};

#[tokio::test(flavor = "multi_thread")]
async fn server_and_command_return_the_committed_document() {
    let app = App::new().await;
    let served: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    let output = run(haat(&["openapi"], &[]));
    assert!(output.success, "{}", output.stderr);
    let printed: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(served, printed);
    assert_eq!(served["openapi"], "3.1.0");
    let committed = include_str!("../../../../docs/openapi.json");
    assert!(committed == output.stdout, "docs/openapi.json is out of date: run `make openapi`");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_has_request_and_response_examples() {
    let app = App::new().await;
    let document: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten()
            {
                let example = &content["example"];
                assert!(!example.is_null() || media_type == "multipart/form-data", "{method} {path}");
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                let json = response["content"]["application/json"].as_object();
                let has_example =
                    json.is_none_or(|content| !content.get("example").is_none_or(Value::is_null));
                assert!(
                    has_example || !status.starts_with('2'),
                    "{method} {path} {status}: record an example"
                );
            }
        }
    }
}

/// Returns `true` for the admin routes of places and their aliases.
fn is_map_route(path: &str) -> bool {
    ["regions", "areas", "territories", "distributors", "place-aliases"]
        .iter()
        .any(|places| path.strip_prefix("/admin/").is_some_and(|rest| rest.starts_with(places)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_documents_its_statuses_and_security() {
    let app = App::new().await;
    let document: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["operationId"].is_string(), "{name}");
            assert!(operation["summary"].is_string() && operation["description"].is_string(), "{name}");
            let is_public = path.starts_with("/health")
                || ["/auth/login", "/auth/mfa/challenge", "/auth/refresh", "/metrics"]
                    .contains(&path.as_str());
            assert_eq!(operation["security"].is_array(), !is_public, "{name}");
            let statuses: Vec<&str> =
                operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            let mut expected =
                if is_public { vec!["200"] } else { vec!["200", "400", "401", "422", "429", "503"] };
            if operation["requestBody"].is_object() {
                expected.extend(["400", "408", "413", "415", "422"]);
            }
            // Users who must change their password or set up a second factor may still log out and change the
            // password.
            if !is_public && !["/auth/change-password", "/auth/logout"].contains(&path.as_str()) {
                expected.push("403");
            }
            if path.contains('{') {
                expected.push("404");
            }
            let is_file = path.ends_with("/export") || path.ends_with("/errors");
            let is_stream = path.ends_with("/events");
            if method == "get" && !is_public && !is_file && !is_stream && !path.starts_with("/auth/") {
                expected.push("304");
            }
            expected.extend_from_slice(match name.as_str() {
                "post /auth/login" => &["401", "429", "503"][..],
                "post /auth/refresh" => &["401", "503"],
                "post /auth/mfa/challenge" => &["401", "409", "429", "503"],
                "post /auth/logout" | "delete /auth/sessions/{id}" | "delete /admin/users/{id}/sessions" => {
                    &["204"]
                }
                "get /health" | "get /health/ready" => &["503"],
                "post /admin/assignments/bulk"
                | "post /admin/retailers/import"
                | "post /admin/retailers/imports/{id}/apply"
                | "post /admin/retailers/imports/{id}/undo" => &["202", "409"],
                "post /admin/assignments/plans" => &["201", "202", "409"],
                "post /admin/assignments/bulk-unassign"
                | "post /admin/assignments/transfer"
                | "post /admin/assignments/plans/{id}/apply"
                | "post /admin/assignments/batches/{id}/undo"
                | "post /admin/retailers/imports/{id}/cancel"
                | "post /auth/mfa/enroll"
                | "post /auth/mfa/verify"
                | "post /auth/mfa/disable"
                | "patch /admin/settings" => &["409"],
                "post /admin/retailers" | "post /admin/sales-reps" | "post /admin/users" => &["201", "409"],
                "delete /admin/retailers/{uid}" | "delete /admin/sales-reps/{id}" => &["204", "412"],
                "delete /admin/users/{id}" => &["204", "409", "412"],
                // Aliases and second factors are never updated, so they have no version for If-Match.
                "delete /admin/place-aliases/{id}" | "delete /admin/users/{id}/mfa" => &["204", "409"],
                "post /admin/retailers/{uid}/restore" => &["409", "412"],
                "post /auth/change-password" | "post /admin/users/{id}/reset-password" => &[],
                _ => match method.as_str() {
                    "get" => &[],
                    "post" => &["201", "409"],
                    "delete" => &["204", "409", "412"],
                    _ => &["409", "412"],
                },
            });
            let has_no_200 = [
                "post /admin/retailers/import",
                "post /admin/retailers/imports/{id}/apply",
                "post /auth/logout",
                "delete /auth/sessions/{id}",
                "delete /admin/users/{id}/sessions",
                "delete /admin/users/{id}/mfa",
            ]
            .contains(&name.as_str());
            if has_no_200 || method == "delete" && is_map_route(path) {
                expected.retain(|status| *status != "200");
            }
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(statuses, expected, "{name}");
            let with_body = |(status, _): &(&String, &Value)| !["204", "304"].contains(&status.as_str());
            for (status, response) in operation["responses"].as_object().unwrap().iter().filter(with_body) {
                let media_type = match (path.as_str(), status.starts_with('2')) {
                    ("/metrics", _) => "text/plain",
                    (_, true) if is_file => "text/csv",
                    (_, true) if is_stream => "text/event-stream",
                    (_, true) => "application/json",
                    (_, false) => "application/problem+json",
                };
                assert!(response["content"][media_type]["schema"].is_object(), "{name} {status}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documentation_page_has_no_external_assets() {
    let app = App::new().await;
    let response = app.server.get("/docs").send().await.unwrap();
    assert_eq!(response.url().path(), "/docs/", "a redirect adds the slash");
    let page = response.text().await.unwrap();
    assert!(page.contains("swagger-ui"));
    let mut assets = 0;
    for part in page.split(['"', '\'']).filter(|part| [".js", ".css"].iter().any(|end| part.ends_with(end))) {
        assert!(!part.contains("//"), "{part} is an external asset");
        let path = format!("/docs/{}", part.trim_start_matches("./"));
        let response = app.server.get(&path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.bytes().await.unwrap().len() > 100, "{path}");
        assets += 1;
    }
    assert!(assets >= 4, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn login_example_logs_in() {
    let app = App::new().await;
    let document: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    let body = &document["paths"]["/auth/login"]["post"]["requestBody"]["content"]["application/json"];
    let response = app.server.log_in_request(&body["example"]).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
}
