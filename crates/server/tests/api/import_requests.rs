//! Requests to upload, read and change imports, regardless of the contents of the files.

use std::io::Write as _;
use std::time::Duration;

use haat_test_support::{Fixture, TestDatabase};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{App, Server, code, eventually, list_files, problem};

const IMPORT: &str = "/admin/retailers/import";
const IMPORTS: &str = "/admin/retailers/imports";

/// No worker processes the imports, so that they stay queued.
pub(crate) const NO_WORKERS: (&str, &str) = ("HAAT_JOB_WORKERS", "0");

const FILE: &str = "uid,name,region,area,territory\nNEW-1,মা স্টোর,Dhaka,Gazipur,Kaliganj\n";

struct Uploader<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Uploader<'a> {
    async fn to(app: &'a App) -> Self {
        Self { app, token: app.server.token("default", "admin").await }
    }

    async fn send(&self, query: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Response {
        let request = self.app.server.request(Method::POST, &format!("{IMPORT}{query}"));
        let request = headers
            .iter()
            .fold(request.bearer_auth(&self.token), |request, (name, value)| request.header(*name, *value));
        request.body(body.into()).send().await.unwrap()
    }

    async fn csv(&self, query: &str, body: impl Into<Vec<u8>>) -> Response {
        self.send(query, &[("content-type", "text/csv; charset=utf-8")], body).await
    }

    async fn form(&self, query: &str, parts: &[(&str, &[u8])]) -> Response {
        self.send(query, &[("content-type", "multipart/form-data; boundary=xYz")], form("xYz", parts)).await
    }

    async fn post(&self, path: &str) -> Response {
        let request = self.app.server.request(Method::POST, path).bearer_auth(&self.token);
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.app.server.get(path).bearer_auth(&self.token).send().await.unwrap()
    }
}

/// Encodes a form. The name of a part is the rest of its `Content-Disposition` after `form-data; `.
fn form(boundary: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; {name}\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(format!("--{boundary}--\r\n").as_bytes());
    body
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn accepted(response: Response) -> Value {
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let import: Value = response.json().await.unwrap();
    assert_eq!(location, format!("{IMPORTS}/{}", import["id"]));
    import
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_files_as_body_or_form_part_compressed_or_not() {
    let app = App::with(&[NO_WORKERS]).await;
    let uploader = Uploader::to(&app).await;
    let file = FILE.as_bytes();
    let import = accepted(uploader.csv("", file).await).await;
    assert_eq!(
        import,
        json!({
            "id": import["id"], "state": "QUEUED", "fileName": null, "sizeBytes": FILE.len(),
            "rows": {"total": 0, "processed": 0, "created": 0, "updated": 0, "unchanged": 0, "failed": 0},
            "options": {
                "dryRun": false, "mode": "upsert", "onError": "skip", "createMissing": false, "duplicates": "error",
                "restoreDeleted": false,
            },
            "warnings": [], "errors": null, "failure": null, "preview": null, "sample": null, "newPlaces": null, "undo": null, "batchId": null,
            "requestedBy": import["requestedBy"], "createdAt": import["createdAt"], "startedAt": null,
            "finishedAt": null,
        })
    );
    assert!(import["requestedBy"].is_i64());
    let csv = ("content-type", "text/csv");
    let named = ("content-disposition", "attachment; filename=\"C:\\\\x\\\\retailers.csv\"");
    let gzip_coding = ("content-encoding", "gzip");
    let form_data = ("content-type", "multipart/form-data; boundary=xYz");
    let part = "name=\"file\"; filename=\"retailers.csv\"";
    let whole = form("xYz", &[(part, file)]);
    for (response, name) in [
        (uploader.send("", &[csv, named], file).await, "retailers.csv"),
        (uploader.send("?fileName=%E0%A6%95.csv", &[csv, named], file).await, "ক.csv"),
        (uploader.send("", &[csv, named, gzip_coding], gzip(file)).await, "retailers.csv"),
        (uploader.send("", &[("content-type", "application/csv"), named], file).await, "retailers.csv"),
        (
            uploader.send("", &[("content-type", "application/vnd.ms-excel"), named], file).await,
            "retailers.csv",
        ),
        (uploader.send("", &[form_data], whole.clone()).await, "retailers.csv"),
        (uploader.send("", &[form_data, gzip_coding], gzip(&whole)).await, "retailers.csv"),
        (uploader.form("", &[("name=\"file\"; filename=\"দোকান.csv.gz\"", &gzip(file))]).await, "দোকান.csv.gz"),
    ] {
        let import = accepted(response).await;
        assert_eq!((&import["fileName"], &import["sizeBytes"]), (&json!(name), &json!(FILE.len())), "{name}");
    }
    let import = accepted(
        uploader
            .form(
                "?duplicates=last&restoreDeleted=true",
                &[
                    ("name=\"dryRun\"", b"true"),
                    ("name=\"mode\"", b"create"),
                    (part, file),
                    ("name=\"onError\"", b"abort"),
                    ("name=\"createMissing\"", b"true"),
                ],
            )
            .await,
    )
    .await;
    let options = json!({
        "dryRun": true, "mode": "create", "onError": "abort", "createMissing": true, "duplicates": "last",
        "restoreDeleted": true,
    });
    assert_eq!(import["options"], options);
    assert_eq!(
        uploader.get(&format!("{IMPORTS}/{}", import["id"])).await.json::<Value>().await.unwrap(),
        import
    );
    let stored = list_files(&app.server.files());
    assert_eq!(stored.len(), 10);
    for path in stored {
        assert_eq!(std::fs::read_to_string(&path).unwrap(), FILE, "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_requests_are_reported_and_leave_no_files() {
    let app = App::with(&[NO_WORKERS, ("HAAT_MAX_UPLOAD_MIB", "1")]).await;
    let uploader = Uploader::to(&app).await;
    let part = ("name=\"file\"; filename=\"x.csv\"", FILE.as_bytes());
    let form_data = ("content-type", "multipart/form-data; boundary=xYz");
    for (response, field, expected) in [
        (uploader.csv("?mode=delete", FILE).await, "mode", "invalid"),
        (uploader.csv("?dryRun=yes", FILE).await, "dryRun", "invalid"),
        (uploader.csv("?validateOnly=true", FILE).await, "validateOnly", "unknown-field"),
        (uploader.csv("?fileName=a%0Ab", FILE).await, "fileName", "invalid-characters"),
        (uploader.csv("?mode=create&mode=update", FILE).await, "mode", "repeated"),
        (uploader.form("?onError=stop", &[part]).await, "onError", "invalid"),
        (uploader.form("", &[("name=\"duplicates\"", b"first"), part]).await, "duplicates", "invalid"),
        (uploader.form("", &[part, ("name=\"dryrun\"", b"true")]).await, "dryrun", "unknown-field"),
        (uploader.form("?dryRun=true", &[part, ("name=\"dryRun\"", b"false")]).await, "dryRun", "repeated"),
        (uploader.form("", &[part, part]).await, "file", "repeated"),
        (uploader.form("", &[("name=\"mode\"", b"create")]).await, "file", "required"),
    ] {
        assert_eq!(response.status(), 422, "{field}");
        let body = problem(response).await;
        let error = &body["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(expected)), "{body}");
    }
    let bad_key = uploader.send("", &[("content-type", "text/csv"), ("idempotency-key", "")], FILE).await;
    assert_eq!(problem(bad_key).await["errors"][0]["field"], "Idempotency-Key");
    let large = vec![b'x'; 2 << 20];
    let gzip_coding = ("content-encoding", "gzip");
    let csv = ("content-type", "text/csv");
    for (response, expected) in [
        (uploader.csv("", large.clone()).await, "payload-too-large"),
        (uploader.send("", &[csv, gzip_coding], gzip(&large)).await, "payload-too-large"),
        (uploader.form("", &[(part.0, &large)]).await, "payload-too-large"),
        (
            uploader.form("", &[("name=\"file\"; filename=\"x.gz\"", &gzip(&large))]).await,
            "payload-too-large",
        ),
        (uploader.form("", &[("name=\"mode\"", &large)]).await, "payload-too-large"),
        (uploader.send("", &[csv, gzip_coding], FILE).await, "malformed-request"),
        (uploader.send("", &[csv, gzip_coding], &gzip(FILE.as_bytes())[..30]).await, "malformed-request"),
        (
            uploader.form("", &[("name=\"file\"; filename=\"x.csv.gz\"", FILE.as_bytes())]).await,
            "malformed-request",
        ),
        (uploader.form("", &[("name=\"mode\"", b"\xFF")]).await, "malformed-request"),
        (uploader.form("", &[("filename=\"x.csv\"", FILE.as_bytes())]).await, "malformed-request"),
        (uploader.send("", &[form_data], "no form").await, "malformed-request"),
        (uploader.send("", &[form_data], &form("xYz", &[part])[..120]).await, "malformed-request"),
        (uploader.send("", &[("content-type", "multipart/form-data")], "x").await, "malformed-request"),
        (uploader.send("", &[("content-type", "application/json")], "{}").await, "unsupported-media-type"),
        (uploader.send("", &[("content-type", "text/plain")], FILE).await, "unsupported-media-type"),
        (uploader.send("", &[], FILE).await, "unsupported-media-type"),
    ] {
        assert_eq!(code(response).await, expected);
    }
    let broken = "The content is declared as compressed but is not complete and valid gzip";
    let with = |coding| ("content-encoding", coding);
    for (number, (response, status, detail)) in (1..).zip([
        (uploader.send("", &[csv, gzip_coding], FILE).await, 400, broken),
        (uploader.send("", &[csv, gzip_coding], &gzip(FILE.as_bytes())[..30]).await, 400, broken),
        (uploader.send("", &[form_data, gzip_coding], &gzip(&form("xYz", &[part]))[..60]).await, 400, broken),
        (uploader.form("", &[("name=\"file\"; filename=\"x.csv.gz\"", FILE.as_bytes())]).await, 400, broken),
        (
            uploader.send("", &[csv, with("deflate")], FILE).await,
            415,
            "Content-Encoding must be gzip, br or zstd",
        ),
        (
            uploader.send("", &[csv, with("gzip, gzip")], FILE).await,
            415,
            "Content-Encoding must be gzip, br or zstd",
        ),
        (
            uploader.send("", &[("content-type", "text/plain")], FILE).await,
            415,
            "Send multipart/form-data with a part \"file\"",
        ),
    ]) {
        assert_eq!(response.status(), status, "{number}");
        let body = problem(response).await;
        assert!(body["detail"].as_str().is_some_and(|text| text.starts_with(detail)), "{number}: {body}");
    }
    let truncated = problem(uploader.send("", &[form_data], &form("xYz", &[part])[..120]).await).await;
    assert_eq!(truncated["detail"], Value::Null, "unrelated to compression");
    let in_bangla = ("accept-language", "bn");
    let body = problem(uploader.send("?mode=delete&dryRun=yes", &[csv, in_bangla], FILE).await).await;
    let messages: Vec<_> = body["errors"].as_array().unwrap().iter().map(|error| &error["message"]).collect();
    assert_eq!(messages, ["true বা false হতে হবে", "upsert, create বা update হতে হবে"]);
    eventually(async || list_files(&app.server.files()).is_empty()).await;
    let page: Value = uploader.get(IMPORTS).await.json().await.unwrap();
    assert_eq!(page["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn aborted_and_stalled_uploads_leave_no_files() {
    let app = App::with(&[NO_WORKERS, ("HAAT_BODY_TIMEOUT_SECONDS", "1")]).await;
    let token = app.server.token("default", "admin").await;
    let begin = async |media_type: &str, body: &[u8]| {
        let mut socket = TcpStream::connect(app.server.address()).await.unwrap();
        let head = format!(
            "POST {IMPORT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: {media_type}\r\n\
             content-length: 100000000\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body).await.unwrap();
        socket.flush().await.unwrap();
        socket
    };
    // More than the server buffers in memory, so that part of it is on disk.
    let mut rows = FILE.repeat(200_000).into_bytes();
    rows.truncate(8 << 20);
    let mut part = form("xYz", &[("name=\"file\"; filename=\"x.csv\"", &rows)]);
    part.truncate(8 << 20);
    for (media_type, body) in [("text/csv", rows), ("multipart/form-data; boundary=xYz", part)] {
        let socket = begin(media_type, &body).await;
        eventually(async || !list_files(&app.server.files()).is_empty()).await;
        drop(socket);
        eventually(async || list_files(&app.server.files()).is_empty()).await;

        let mut socket = begin(media_type, &body).await;
        let mut response = vec![0; 12];
        socket.read_exact(&mut response).await.unwrap();
        assert_eq!(response, b"HTTP/1.1 408");
        eventually(async || list_files(&app.server.files()).is_empty()).await;
    }
    let page: Value = app.get_as("admin", IMPORTS).await.json().await.unwrap();
    assert_eq!(page["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_to_a_full_disk_leaves_no_files() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let server = Server::with_file_size_limit(&database.app_url(), &[NO_WORKERS], 2_048);
    let token = server.token("default", "admin").await;
    let send = async |rows: usize| {
        let request =
            server.request(Method::POST, IMPORT).bearer_auth(&token).header("content-type", "text/csv");
        request.body(FILE.repeat(rows)).send().await.unwrap()
    };
    assert_eq!(code(send(100_000).await).await, "unavailable");
    eventually(async || list_files(&server.files()).is_empty()).await;
    let page: Value = server.get(IMPORTS).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(page["data"], json!([]));
    assert_eq!(send(1).await.status(), 202, "a smaller file is accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_are_listed_latest_first_to_admins_of_the_tenant() {
    let app = App::with(&[NO_WORKERS]).await;
    let uploader = Uploader::to(&app).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, accepted(uploader.csv("", FILE).await).await["id"].as_i64().unwrap());
    }
    let mut seen = Vec::new();
    let mut path = format!("{IMPORTS}?limit=2");
    loop {
        let page: Value = uploader.get(&path).await.json().await.unwrap();
        seen.extend(page["data"].as_array().unwrap().iter().map(|import| import["id"].as_i64().unwrap()));
        let Some(cursor) = page["page"]["nextCursor"].as_str() else {
            break;
        };
        path = format!("{IMPORTS}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ids);
    assert_eq!(code(uploader.get(&format!("{IMPORTS}?cursor=x")).await).await, "invalid-cursor");
    assert_eq!(uploader.get(&format!("{IMPORTS}?state=x")).await.status(), 422);
    assert_eq!(uploader.get(&format!("{IMPORTS}/{}?x=1", ids[0])).await.status(), 422);

    let other = app.server.token("other", "admin").await;
    for id in [ids[0].to_string(), "999999".to_owned(), "x".to_owned()] {
        for (method, action) in [
            (Method::GET, ""),
            (Method::GET, "/events"),
            (Method::GET, "/errors"),
            (Method::POST, "/apply"),
            (Method::POST, "/cancel"),
            (Method::POST, "/undo"),
        ] {
            let path = format!("{IMPORTS}/{id}{action}");
            let request = app.server.request(method.clone(), &path).bearer_auth(&other);
            assert_eq!(code(request.send().await.unwrap()).await, "not-found", "{path}");
            let response = app.send_as("sr00001", method, &path, &Value::Null).await;
            assert_eq!(code(response).await, "forbidden", "{path}");
        }
    }
    assert_eq!(code(app.get_as("sr00001", IMPORTS).await).await, "forbidden");
    let rep = Uploader { app: &app, token: app.server.token("default", "sr00001").await };
    assert_eq!(code(rep.csv("", FILE).await).await, "forbidden");
    assert_eq!(code(rep.send("", &[], "").await).await, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_that_the_state_does_not_allow_are_refused() {
    let app = App::with(&[NO_WORKERS]).await;
    let uploader = Uploader::to(&app).await;
    let import = accepted(uploader.csv("?dryRun=true", FILE).await).await;
    let path = format!("{IMPORTS}/{}", import["id"]);
    for action in ["apply", "undo", "undo?validateOnly=true"] {
        let response = uploader.post(&format!("{path}/{action}")).await;
        assert_eq!(response.status(), 409, "{action}");
        let body = problem(response).await;
        assert_eq!(
            (&body["code"], &body["detail"]),
            (&json!("import-state"), &json!("The import is QUEUED: cancel it, or wait until it ends."))
        );
    }
    for _ in 0..2 {
        let response = uploader.post(&format!("{path}/cancel")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.json::<Value>().await.unwrap()["state"], "CANCELLED");
    }
    let request = app.server.request(Method::POST, &format!("{path}/apply")).bearer_auth(&uploader.token);
    let body = problem(request.header("accept-language", "bn").send().await.unwrap()).await;
    assert!(body["detail"].as_str().unwrap().contains("বাতিল"), "{body}");
    let bad = app.send_as("admin", Method::POST, &format!("{path}/undo"), &json!({"x": 1})).await;
    assert_eq!(problem(bad).await["errors"][0]["field"], "x");
    assert_eq!(uploader.post(&format!("{path}/cancel?x=1")).await.status(), 422);
    let entries: Value = uploader.get("/admin/audit?entity=import").await.json().await.unwrap();
    let actions: Vec<_> =
        entries["data"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["import.cancel", "import.submit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replays_the_stored_response_of_an_upload() {
    let app = App::with(&[NO_WORKERS]).await;
    let uploader = Uploader::to(&app).await;
    let part = "name=\"file\"; filename=\"x.csv\"";
    let send = async |boundary: &str, mode: &str, file: &str| {
        let media_type = format!("multipart/form-data; boundary={boundary}");
        let body = form(boundary, &[("name=\"mode\"", mode.as_bytes()), (part, file.as_bytes())]);
        uploader.send("", &[("content-type", &media_type), ("idempotency-key", "k")], body).await
    };
    let first = accepted(send("one", "create", FILE).await).await;
    assert_eq!(accepted(send("another", "create", FILE).await).await, first, "with another boundary");
    assert_eq!(code(send("one", "update", FILE).await).await, "idempotency-key-reused");
    assert_eq!(code(send("one", "create", "uid\n").await).await, "idempotency-key-reused");
    assert_eq!(list_files(&app.server.files()).len(), 1);

    let cancel = async || {
        let path = format!("{IMPORTS}/{}/cancel", first["id"]);
        let request = app.server.request(Method::POST, &path).bearer_auth(&uploader.token);
        request.header("idempotency-key", "c").send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(cancel().await, cancel().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_report_progress_and_end_with_the_import() {
    let app = App::with(&[NO_WORKERS]).await;
    let uploader = Uploader::to(&app).await;
    let import = accepted(uploader.csv("", FILE).await).await;
    let path = format!("{IMPORTS}/{}", import["id"]);
    let request = app.server.get(&format!("{path}/events")).bearer_auth(&uploader.token);
    let mut response = request.header("accept-encoding", "gzip, br, zstd").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-encoding"));
    let first =
        tokio::time::timeout(Duration::from_secs(5), response.chunk()).await.unwrap().unwrap().unwrap();
    let first = std::str::from_utf8(&first).unwrap();
    let data = first.strip_prefix("event: progress\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(data).unwrap(),
        json!({"state": "QUEUED", "rows": import["rows"], "undo": null, "rate": 0, "secondsLeft": null})
    );
    uploader.post(&format!("{path}/cancel")).await;
    let last =
        tokio::time::timeout(Duration::from_secs(5), response.chunk()).await.unwrap().unwrap().unwrap();
    let last = std::str::from_utf8(&last).unwrap();
    let data = last.strip_prefix("event: end\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
    let ended: Value = uploader.get(&path).await.json().await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap(), ended);
    assert_eq!(response.chunk().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_end_when_the_user_is_disabled_or_the_server_stops() {
    let mut app = App::with(&[NO_WORKERS]).await;
    let uploader = Uploader::to(&app).await;
    let import = accepted(uploader.csv("", FILE).await).await;
    let path = format!("{IMPORTS}/{}/events", import["id"]);
    let follow = async |app: &App, token: &str| {
        let mut response = app.server.get(&path).bearer_auth(token).send().await.unwrap();
        assert!(response.chunk().await.unwrap().is_some());
        response
    };
    let mut response = follow(&app, &uploader.token).await;
    let disable = "UPDATE users SET state = 'disabled' WHERE username = 'admin' AND tenant_id = 1";
    let enable = "UPDATE users SET state = 'active' WHERE username = 'admin' AND tenant_id = 1";
    let owner = app.database.owner().await;
    owner.batch_execute(disable).await.unwrap();
    let ended =
        tokio::time::timeout(Duration::from_secs(10), response.chunk()).await.expect("the stream ends");
    assert_eq!(ended.unwrap(), None);
    owner.batch_execute(enable).await.unwrap();

    let token = app.server.token("default", "admin").await;
    let mut response = follow(&app, &token).await;
    app.server.signal("TERM");
    let ended =
        tokio::time::timeout(Duration::from_secs(10), response.chunk()).await.expect("the stream ends");
    assert_eq!(ended.unwrap(), None);
    assert_eq!(app.server.wait().0, Some(0));
}
