use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, code, problem};

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_bodies_are_rejected() {
    let app = App::new().await;
    let send = async |media_type: &str, body: Vec<u8>| {
        let request = app.server.request(Method::POST, "/auth/login").header("content-type", media_type);
        request.body(body).send().await.unwrap()
    };
    for (body, status, expected) in [
        (&b"{\"username\": "[..], 400, "malformed-request"),
        (b"", 400, "malformed-request"),
        (b"[]", 400, "malformed-request"),
        (b"\"text\"", 400, "malformed-request"),
        (b"null", 400, "malformed-request"),
        (b"{\"username\": \"\xff\xfe\"}", 400, "malformed-request"),
        (b"{\"username\": \"sr00001\", \"password\": \"x\"} trailing", 400, "malformed-request"),
        (b"{}", 422, "invalid-fields"),
    ] {
        let response = send("application/json", body.to_vec()).await;
        assert_eq!(response.status(), status, "{body:?}");
        assert_eq!(code(response).await, expected, "{body:?}");
    }
    let nested = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert_eq!(code(send("application/json", nested).await).await, "malformed-request");
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let response = send(media_type, b"{}".to_vec()).await;
        assert_eq!(response.status(), 415, "{media_type}");
        assert_eq!(code(response).await, "unsupported-media-type");
    }
    let response = send("application/json; charset=utf-8", b"{}".to_vec()).await;
    assert_eq!(response.status(), 422, "parameters of the media type are accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_errors_of_a_body_are_reported_at_once() {
    let app = App::new().await;
    let body = json!({"username": 5, "password": ["x"], "tenant": "No Such", "remember": true});
    let response = app.server.log_in_request(&body).send().await.unwrap();
    assert_eq!(response.status(), 422);
    let body = problem(response).await;
    let errors: Vec<(&str, &str)> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        errors,
        [
            ("username", "wrong-type"),
            ("password", "wrong-type"),
            ("tenant", "invalid"),
            ("remember", "unknown-field")
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_bodies_are_rejected_compressed_or_not() {
    let app = App::with(&[("HAAT_MAX_BODY_KIB", "64")]).await;
    let body = json!({"username": "sr00001", "password": "x".repeat(70_000)});
    let response = app.server.log_in_request(&body).send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(code(response).await, "payload-too-large");
    let compressed = gzip(b" ".repeat(131_072));
    assert!(compressed.len() < 1_000);
    let request = app.server.request(Method::POST, "/auth/login").header("content-type", "application/json");
    let response = request.header("content-encoding", "gzip").body(compressed).send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(code(response).await, "payload-too-large");
}

/// Compresses bytes with the command `gzip`.
fn gzip(bytes: Vec<u8>) -> Vec<u8> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut gzip =
        Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    std::thread::spawn(move || input.write_all(&bytes));
    gzip.wait_with_output().unwrap().stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_bodies_are_accepted() {
    let app = App::new().await;
    let body = json!({"username": "sr00001", "password": haat_test_support::PASSWORD}).to_string();
    let request = app.server.request(Method::POST, "/auth/login").header("content-type", "application/json");
    let response =
        request.header("content-encoding", "gzip").body(gzip(body.into_bytes())).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_return_problems() {
    let app = App::new().await;
    for path in ["/nothing", "/retailers/RTL-1/nothing", "/auth", "/health/nothing", "/retailers/"] {
        let response = app.server.get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        let body = problem(response).await;
        assert_eq!(body["code"], "not-found");
        assert_eq!(body["instance"], path);
    }
    for (method, path, allow) in [
        (Method::GET, "/auth/login", "POST"),
        (Method::DELETE, "/retailers", "GET, HEAD"),
        (Method::PUT, "/retailers/RTL-0001", "GET, HEAD, PATCH"),
        (Method::POST, "/api/v1/auth/me", "GET, HEAD"),
    ] {
        let response = app.server.request(method, path).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], allow);
        assert_eq!(code(response).await, "method-not-allowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_a_body() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    for (path, status) in
        [("/health/live", 200), ("/retailers", 200), ("/retailers/RTL-9999", 404), ("/auth/login", 405)]
    {
        let response = app.server.request(Method::HEAD, path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert!(response.headers()["content-length"].to_str().unwrap().parse::<u32>().unwrap() > 2, "{path}");
        assert!(response.bytes().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_use_the_language_of_the_request() {
    let app = App::new().await;
    let get = async |language: &str| {
        let response = app.server.get("/retailers").header("accept-language", language).send().await.unwrap();
        let tag = response.headers()["content-language"].to_str().unwrap().to_owned();
        (tag, problem(response).await["title"].as_str().unwrap().to_owned())
    };
    assert_eq!(get("bn-BD, en;q=0.5").await, ("bn".to_owned(), "আগে লগ ইন করুন".to_owned()));
    assert_eq!(get("fr").await, ("en".to_owned(), "Log in first".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn request_id_is_propagated_or_generated() {
    let app = App::new().await;
    let get = async |path: &str, id: Option<&str>| {
        let mut request = app.server.get(path);
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let response = request.send().await.unwrap();
        response.headers()["x-request-id"].to_str().unwrap().to_owned()
    };
    for path in ["/health/live", "/retailers", "/nothing", "/docs/"] {
        assert_eq!(get(path, Some("phone-1.2_3")).await, "phone-1.2_3", "{path}");
        let generated = get(path, None).await;
        assert_eq!(generated.len(), 36, "{path}");
        assert_ne!(get(path, None).await, generated);
        for unsafe_id in ["a b", "x\"y", "", &"x".repeat(129)] {
            assert_eq!(get(path, Some(unsafe_id)).await.len(), 36, "{path} {unsafe_id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_compressed_on_request() {
    let app = App::new().await;
    let token = app.server.token("default", "admin").await;
    let uncompressed = app.server.get("/retailers").bearer_auth(&token).send().await.unwrap();
    let uncompressed: Value = uncompressed.json().await.unwrap();
    assert_eq!(uncompressed["data"].as_array().unwrap().len(), 6);
    for coding in ["gzip", "br", "zstd"] {
        let request = app.server.get("/retailers").bearer_auth(&token).header("accept-encoding", coding);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-encoding"], coding);
        let length = response.bytes().await.unwrap().len();
        assert!(length < uncompressed.to_string().len() / 2, "{coding}: {length}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_body_times_out() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = App::with(&[("HAAT_BODY_TIMEOUT_SECONDS", "1")]).await;
    let mut phone = tokio::net::TcpStream::connect(app.server.address()).await.unwrap();
    let head = "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"us";
    phone.write_all(head.as_bytes()).await.unwrap();
    let mut response = String::new();
    let read = phone.read_to_string(&mut response);
    // The server responds after a second and closes the connection without reading the rest.
    tokio::time::timeout(std::time::Duration::from_secs(5), read).await.expect("a response").unwrap();
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert!(response.contains("request-timeout"), "{response}");
}

#[tokio::test(flavor = "multi_thread")]
async fn root_redirects_to_the_documentation() {
    let app = App::new().await;
    let response = app.server.get("/").send().await.unwrap();
    assert_eq!(response.url().path(), "/docs/");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_path_is_truncated_in_the_problem() {
    let app = App::new().await;
    let response = app.server.get(&format!("/{}", "x".repeat(5_000))).send().await.unwrap();
    assert!(problem(response).await["instance"].as_str().unwrap().len() <= 200);
}
