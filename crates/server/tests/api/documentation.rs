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
            let is_file = path.ends_with("/export") || path.ends_with("/errors");
            let is_stream = path.ends_with("/events");
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
