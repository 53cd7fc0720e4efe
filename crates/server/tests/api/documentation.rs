use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{App, haat, list_files, run};

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
            let is_file = ["/export", "/errors", "/passwords"].iter().any(|end| path.ends_with(end));
            let is_file = is_file && !path.starts_with("/admin/jobs/");
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
async fn documentation_pages_have_no_external_assets() {
    let app = App::new().await;
    for (path, landing, title, expected) in
        [("/docs", "/docs/", "Haat API: try it", 5), ("/redoc/", "/redoc", "Haat API: reference", 1)]
    {
        let response = app.server.get(path).send().await.unwrap();
        assert_eq!(response.url().path(), landing, "a redirect corrects the slash");
        let url = response.url().clone();
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("<title>{title}</title>")), "{page}");
        let mut assets = 0;
        for part in page.split('"').filter(|part| [".js", ".css"].iter().any(|end| part.ends_with(end))) {
            assert!(!part.contains("//"), "{part} is an external asset");
            let asset = url.join(part).unwrap();
            let response = app.server.get(asset.path()).send().await.unwrap();
            assert_eq!(response.status(), 200, "{asset}");
            assert!(response.bytes().await.unwrap().len() > 100, "{asset}");
            assets += 1;
        }
        assert_eq!(assets, expected, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documentation_pages_run_only_scripts_of_the_server() {
    let app = App::new().await;
    for path in ["/docs/", "/redoc", "/guides/", "/guides/API.md"] {
        let response = app.server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{path}: {policy}");
        assert!(
            policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe-eval"),
            "{path}: {policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{path}");
    }
}

/// Returns the targets of the links of a page.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_links_to_guides_whose_links_all_work() {
    let app = App::new().await;
    let document: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(document["externalDocs"]["url"], "/guides/");
    let description = document["info"]["description"].as_str().unwrap();
    assert!(description.contains("(/redoc)") && description.contains("(/docs/)"), "{description}");
    let list = app.server.get("/guides/").send().await.unwrap();
    let base = list.url().clone();
    let list = list.text().await.unwrap();
    let guides: Vec<&str> = links(&list).filter(|link| link.contains(".md")).collect();
    assert!(guides.contains(&"API-DESIGN.md") && guides.len() >= 3, "{guides:?}");
    for guide in guides {
        let page = base.join(guide).unwrap();
        let text = app.server.get(page.path()).send().await.unwrap().text().await.unwrap();
        for link in links(&text).filter(|link| !link.starts_with("data:") && !link.starts_with("http")) {
            let target = page.join(link).unwrap();
            let response = app.server.get(target.path()).send().await.unwrap();
            assert_eq!(response.status(), 200, "{guide}: {link}");
            let found = response.text().await.unwrap();
            let anchor = target.fragment().map(|fragment| format!("id=\"{fragment}\""));
            assert!(anchor.is_none_or(|anchor| found.contains(&anchor)), "{guide}: {link}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_example_logs_in() {
    let app = App::new().await;
    let document: Value = app.server.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    let body = &document["paths"]["/auth/login"]["post"]["requestBody"]["content"]["application/json"];
    let response = app.server.log_in_request(&body["example"]).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
}

/// Returns the schema name of each type that implements `ToSchema`, with the file.
fn schema_names() -> Vec<(String, String)> {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files =
        ["http-core", "http-adapter"].iter().flat_map(|name| list_files(&crates.join(name).join("src")));
    let mut names = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut derived = false;
        let mut renamed = None;
        for line in text.lines().map(str::trim) {
            derived |= line.starts_with("#[derive(") && line.contains("ToSchema");
            if let Some(rest) = line.strip_prefix("#[schema(as = ") {
                renamed = rest.split([',', ')', ' ']).next().map(str::to_owned);
            }
            let item =
                ["struct ", "enum "].iter().find_map(|word| line.split_once(word)).map(|(_, item)| item);
            let Some(item) = item.filter(|_| !line.starts_with("//")) else { continue };
            // A body! declares its schema on the line of the struct.
            let declared = item.split_once(" as \"").and_then(|(_, rest)| rest.split('"').next());
            let own = item.split(['<', ' ', ';', '(']).next().unwrap();
            let schema = declared.map(str::to_owned);
            let schema = schema.or_else(|| derived.then(|| renamed.take().unwrap_or_else(|| own.to_owned())));
            names.extend(schema.map(|schema| (schema, file.display().to_string())));
            (derived, renamed) = (false, None);
        }
    }
    names
}

/// Of two types with one schema name, the document has only one: generated clients would send or expect the other.
#[test]
fn no_two_types_share_a_schema_name() {
    let mut seen = BTreeMap::new();
    let names = schema_names();
    assert!(names.len() > 60, "{}", names.len());
    for (name, file) in names {
        if let Some(other) = seen.insert(name.clone(), file.clone()) {
            panic!("{name} is declared in {other} and in {file}");
        }
    }
}

/// Generated clients ignore members of problems that the document does not declare.
#[tokio::test(flavor = "multi_thread")]
async fn every_additional_member_of_problems_is_documented() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = App::new().await.server.get("/openapi.json").send().await.unwrap();
    let document: Value = document.json().await.unwrap();
    let documented = document["components"]["schemas"]["Problem"]["properties"].as_object().unwrap();
    let mut members = Vec::new();
    for name in ["application", "http-core", "http-adapter"] {
        for file in list_files(&crates.join(name).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            members.extend(
                text.split(".with(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()),
            );
        }
    }
    assert!(members.len() >= 3, "{members:?}");
    for member in members {
        assert!(documented.contains_key(&member), "{member} is not in the schema of problems");
    }
}

/// Clients look up each code of 401 in this table to decide between a refresh and a login.
#[test]
fn the_table_of_401_codes_is_complete() {
    let page = include_str!("../../../../docs/API.md");
    let (_, section) = page.split_once("### Refresh or log in").unwrap();
    let rows =
        section.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with('|'));
    let documented: BTreeSet<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files =
        ["application", "http-core"].iter().flat_map(|name| list_files(&crates.join(name).join("src")));
    let sources: Vec<String> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    // In problem_codes!: NAME = "code", 401, "title", …
    let declared =
        sources.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once("\", 401, \""));
    let codes: BTreeSet<&str> = declared.filter_map(|(start, _)| start.rsplit('"').next()).collect();
    assert!(codes.len() >= 10, "{codes:?}");
    assert_eq!(documented, codes);
}
