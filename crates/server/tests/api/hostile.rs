//! Malicious requests.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::App;

/// The guarantee of one second, with a tolerance.
const DEADLINE: Duration = Duration::from_secs(5);

fn gzip(block: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        encoder.write_all(block).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn malicious_requests_are_rejected_quickly_with_bounded_memory() {
    let app = App::with(&[("HAAT_MAX_UPLOAD_MIB", "8")]).await;
    let admin = app.server.token("default", "admin").await;
    let post = |path: &str| app.server.request(Method::POST, path).bearer_auth(&admin);
    let text = |path: &str, body: Vec<u8>| post(path).header("content-type", "application/json").body(body);
    let file = |body: Vec<u8>| post("/admin/retailers/import").header("content-type", "text/csv").body(body);
    let many = format!("[{}]", vec!["\"RTL-0001\""; 1_000_000].join(","));
    let assign = format!("{{\"assignments\":[{{\"salesRep\":\"sr00001\",\"retailers\":{many}}}]}}");
    let retailer = |name: &str| json!({"uid": "X-1", "name": name, "territory": 1});
    let log_in = |body: Vec<u8>| {
        app.server.request(Method::POST, "/auth/login").header("content-type", "application/json").body(body)
    };
    let before = app.server.peak_kib();
    let requests: Vec<(&str, RequestBuilder, &[u16])> = vec![
        ("10 MB of JSON", text("/admin/retailers", vec![b' '; 10 << 20]), &[413]),
        ("10 MB of JSON, with no token", log_in(vec![b'['; 10 << 20]), &[413]),
        ("1,000,000 ids", text("/admin/assignments/bulk", assign.into_bytes()), &[413]),
        ("nesting", text("/admin/retailers", vec![b'['; 500_000]), &[400, 422]),
        (
            "nesting in a member",
            log_in(format!("{{\"username\":{}", "[".repeat(500_000)).into_bytes()),
            &[400],
        ),
        ("invalid UTF-8", text("/admin/retailers", b"{\"uid\":\"\xff\xfe\"}".to_vec()), &[400]),
        ("a NUL", post("/admin/retailers").json(&retailer("a\0b")), &[422]),
        ("a NUL in a path", app.server.get("/admin/retailers/a%00b").bearer_auth(&admin), &[400, 404]),
        ("a NUL in a query", app.server.get("/admin/retailers?q=a%00b").bearer_auth(&admin), &[422]),
        (
            "invalid UTF-8 in a query",
            app.server.get("/admin/retailers?q=%ff%fe").bearer_auth(&admin),
            &[400, 422],
        ),
        ("an overlong field", post("/admin/retailers").json(&retailer(&"x".repeat(900_000))), &[422]),
        (
            "an overlong password",
            log_in(json!({"username": "a.b", "password": "x".repeat(900_000)}).to_string().into_bytes()),
            &[401],
        ),
        ("an overlong token", app.server.get("/retailers").bearer_auth("x".repeat(60_000)), &[401]),
        ("an overlong URL", app.server.get(&format!("/retailers?q={}", "x".repeat(9_000))), &[414]),
        (
            "an overlong cursor",
            app.server.get(&format!("/retailers?cursor={}", "x".repeat(7_000))).bearer_auth(&admin),
            &[400],
        ),
        ("a number out of range", text("/admin/retailers", b"{\"points\":1e999999}".to_vec()), &[400, 422]),
        (
            "compressed JSON of 1 GB",
            text("/admin/retailers", gzip(&[b' '; 1 << 20], 1 << 10)).header("content-encoding", "gzip"),
            &[413],
        ),
        (
            "a compressed file of 1 GB",
            file(gzip(&[b'x'; 1 << 20], 1 << 10)).header("content-encoding", "gzip"),
            &[413],
        ),
        ("a file beyond the limit", file(vec![b'x'; 9 << 20]), &[413]),
    ];
    for (name, request, expected) in requests {
        let started = Instant::now();
        let status = match request.send().await {
            Ok(response) => response.status().as_u16(),
            Err(error) => panic!("{name}: {error}"),
        };
        assert!(expected.contains(&status), "{name}: {status}");
        assert!(started.elapsed() < DEADLINE, "{name}: {:?}", started.elapsed());
    }
    // The requests decompress to 2 GB. The growth comes from bodies of up to 1 MiB in four workers and from the
    // allocator.
    let growth = app.server.peak_kib() - before;
    assert!(growth < 96 << 10, "{growth} KiB");
    assert_eq!(app.server.get("/retailers").bearer_auth(&admin).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn import_with_an_endless_row_fails_with_bounded_memory() {
    let app = App::new().await;
    let mut file = b"uid,name,territory_id\n".to_vec();
    file.extend(vec![b'x'; 32 << 20]);
    for body in [file.clone(), [b"uid,name,territory_id\nA,\"".to_vec(), vec![b'\n'; 32 << 20]].concat()] {
        let token = app.server.token("default", "admin").await;
        let before = app.server.peak_kib();
        let request = app.server.request(Method::POST, "/admin/retailers/import").bearer_auth(&token);
        let response = request.header("content-type", "text/csv").body(body).send().await.unwrap();
        assert_eq!(response.status(), 202);
        let path = response.headers()["location"].to_str().unwrap().to_owned();
        let started = Instant::now();
        loop {
            let response = app.server.get(&path).bearer_auth(&token).send().await.unwrap();
            let import: serde_json::Value = response.json().await.unwrap();
            if import["state"] == "FAILED" {
                break;
            }
            assert!(started.elapsed() < 4 * DEADLINE, "{import}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let growth = app.server.peak_kib() - before;
        assert!(growth < 48 << 10, "{growth} KiB");
    }
}

/// Sends bytes over a raw connection and returns everything received until the connection is closed.
async fn raw(app: &App, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.server.address()).await.unwrap();
    // The server may close the connection before everything is written.
    let _ = stream.write_all(bytes).await;
    let mut response = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut response)).await.unwrap();
    String::from_utf8_lossy(&response).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_http_is_rejected_and_slow_connections_are_closed() {
    let app = App::new().await;
    let header =
        |size: usize| format!("GET /health HTTP/1.1\r\nhost: x\r\nx-a: {}\r\n\r\n", "x".repeat(size));
    let many = format!("GET /health HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(5_000));
    for bytes in
        [header(300_000), many, "\0\u{1}\u{2}\r\n\r\n".to_owned(), "GET / HTTP/9.9\r\n\r\n".to_owned()]
    {
        let started = Instant::now();
        let response = raw(&app, bytes.as_bytes()).await;
        assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{response:.100}");
        assert!(started.elapsed() < DEADLINE, "{:?}", started.elapsed());
    }
    let started = Instant::now();
    let response = raw(&app, b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 408"), "{response:.100}");
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    // A request with contradictory body lengths is never parsed as two requests.
    let smuggled = "POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n\
                    0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n";
    let response = raw(&app, smuggled.as_bytes()).await;
    assert!(!response.contains("haat_"), "{response:.200}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_security_headers() {
    let app = App::new().await;
    let token = app.server.token("default", "sr00001").await;
    for (path, cache) in [
        ("/retailers", "private, no-cache"),
        ("/nowhere", "private, no-cache"),
        ("/auth/me", "private, no-cache"),
        ("/docs/", "private, no-cache"),
    ] {
        let response = app
            .server
            .get(path)
            .bearer_auth(&token)
            .header("origin", "https://evil.example")
            .send()
            .await
            .unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("cache-control"), cache, "{path}");
        assert_eq!(header("access-control-allow-origin"), "", "no origin is allowed by default");
        assert_eq!(header("server"), "", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_allows_only_configured_origins() {
    let app = App::with(&[("HAAT_CORS_ORIGINS", "https://admin.example")]).await;
    let token = app.server.token("default", "sr00001").await;
    for (origin, allowed) in
        [("https://admin.example", "https://admin.example"), ("https://evil.example", "")]
    {
        let preflight = app
            .server
            .request(Method::OPTIONS, "/retailers/RTL-0001")
            .header("origin", origin)
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "authorization,content-type,if-match")
            .send()
            .await
            .unwrap();
        let read =
            app.server.get("/retailers").header("origin", origin).bearer_auth(&token).send().await.unwrap();
        let refused = app.server.get("/retailers").header("origin", origin).send().await.unwrap();
        for response in [preflight, read, refused] {
            let header =
                response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
            assert_eq!(header.unwrap_or_default(), allowed, "{} {}", response.url(), response.status());
            assert!(response.headers().get("access-control-allow-credentials").is_none());
        }
    }
}
