//! Assignment files, which are applied as a whole or not at all.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use haat_test_support::{Fixture, TestDatabase};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::export::parse;
use crate::support::{App, Server, code, list_files, problem};

pub(crate) const BULK: &str = "/admin/assignments/bulk";

/// Workers that process a file leave little CPU time for connecting.
pub(crate) const LONG_CONNECT_TIMEOUT: (&str, &str) = ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "10000");

pub(crate) async fn send(
    server: &Server,
    path: &str,
    file: impl Into<reqwest::Body>,
    key: Option<&str>,
) -> Response {
    let token = server.token("default", "admin").await;
    let mut request =
        server.request(Method::POST, path).bearer_auth(token).header("content-type", "text/csv").body(file);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.send().await.unwrap()
}

async fn get(server: &Server, path: &str) -> Value {
    let token = server.token("default", "admin").await;
    let response = server.get(path).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

/// Sends a file and waits for its job.
pub(crate) async fn submit(server: &Server, path: &str, file: &str) -> Value {
    let response = send(server, path, file.to_owned(), None).await;
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let accepted: Value = response.json().await.unwrap();
    assert_eq!(
        (&accepted["state"], location),
        (&json!("QUEUED"), format!("/admin/assignments/jobs/{}", accepted["id"]))
    );
    ended(server, &accepted["id"]).await
}

/// Waits for the end of a job.
pub(crate) async fn ended(server: &Server, id: &Value) -> Value {
    let token = server.token("default", "admin").await;
    let path = format!("/admin/assignments/jobs/{id}");
    let started = Instant::now();
    loop {
        let job: Value = server.get(&path).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
        if !["QUEUED", "RUNNING"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) async fn errors(app: &App, job: &Value) -> String {
    let response = app.get_as("admin", &format!("/admin/assignments/jobs/{}/errors", job["id"])).await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    response.text().await.unwrap()
}

/// The cells of each row, up to the codes and the columns of its errors, without the messages.
pub(crate) fn without_messages(csv: &str) -> Vec<String> {
    let text = csv.strip_prefix('\u{FEFF}').unwrap();
    let delimiter = if text.lines().next().unwrap().contains(';') { ';' } else { ',' };
    let rows = parse(text, delimiter);
    rows.iter().map(|cells| cells[..cells.len() - 2].join("|")).collect()
}

pub(crate) async fn uids(app: &App, username: &str) -> Vec<String> {
    let page: Value = app.get_as(username, "/retailers?sort=uid&limit=100").await.json().await.unwrap();
    page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|retailer| retailer["uid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_file_is_applied_and_every_row_is_counted() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let other = app.fixture.ours.other_rep.id;
    let file = format!(
        "\u{FEFF}Sales Rep;note;UID\r\nsr00002;x;RTL-0001\r\n{other};;RTL-0006\r\nSR00002;;RTL-0004\r\n\
         sr00002;;RTL-0006\r\nunknown;;RTL-0001\r\nsr00002;;RTL-9999\r\n;;a b\r\nadmin;;RTL-0002\r\n"
    );
    let job = submit(&app.server, BULK, &file).await;
    assert_eq!(
        (&job["state"], &job["rows"]),
        (&json!("PARTIAL"), &json!({"read": 8, "failed": 4, "repeated": 1}))
    );
    let counts =
        ["assigned", "alreadyAssigned", "moved", "skipped"].map(|name| job["counts"][name].as_i64().unwrap());
    assert_eq!(counts, [2, 1, 0, 0]);
    assert_eq!(
        without_messages(&errors(&app, &job).await),
        [
            "Sales Rep|note|UID|row|code|field",
            "unknown||RTL-0001|6|not-found|Sales Rep",
            "sr00002||RTL-9999|7|not-found|UID",
            "||a b|8|required; invalid|Sales Rep; UID",
            "admin||RTL-0002|9|not-found|Sales Rep",
        ]
    );
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0001", "RTL-0004", "RTL-0005", "RTL-0006"]);
    let batch = get(&app.server, &format!("/admin/assignments/batches/{}", job["batchId"])).await;
    assert_eq!((&batch["state"], &batch["counts"]["assigned"]), (&json!("applied"), &json!(2)));
    // The same file again changes nothing, and the batch can be undone like any other.
    let again = submit(&app.server, BULK, &file).await;
    assert_eq!((&again["batchId"], &again["counts"]["alreadyAssigned"]), (&Value::Null, &json!(3)));
    let listed = get(&app.server, "/admin/assignments/jobs").await;
    assert_eq!(listed["data"], json!([again, job]), "the newest first");
    let theirs = app.server.token("other", "admin").await;
    let theirs = app.server.get("/admin/assignments/jobs").bearer_auth(theirs).send().await.unwrap();
    assert_eq!(theirs.json::<Value>().await.unwrap()["data"], json!([]));
    let undo = format!("/admin/assignments/batches/{}/undo", job["batchId"]);
    app.send_as("admin", Method::POST, &undo, &Value::Null).await;
    assert_eq!(uids(&app, "sr00002").await, ["RTL-0004", "RTL-0005"]);

    let owner = app.database.owner().await;
    for table in ["assignment_rows", "assignment_steps"] {
        let count: i64 = owner.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0);
        assert_eq!(count, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_name_sales_reps_by_employee_code_and_columns_in_bangla() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let other = app.fixture.ours.other_rep.id;
    let path = format!("/admin/sales-reps/{other}");
    let code = json!({"employeeCode": "E 17\\a"});
    assert_eq!(app.send_as("admin", Method::PATCH, &path, &code).await.status(), 200);
    for (file, uid) in [
        ("uid,sales_rep\nrtl-0001,e 17\\A\n".to_owned(), "RTL-0001"),
        ("দোকানের কোড,কর্মী কোড\nRTL-0002,E  17\\A\n".to_owned(), "RTL-0002"),
        (format!("Outlet Code;প্রতিনিধি\nRTL-0003;{other}.0\n"), "RTL-0003"),
        ("uid,Employee ID\nRTL-0006,E 17\\a\n".to_owned(), "RTL-0006"),
    ] {
        let job = submit(&app.server, BULK, &file).await;
        assert_eq!(
            (&job["state"], &job["counts"]["assigned"]),
            (&json!("SUCCEEDED"), &json!(1)),
            "{file}: {job}"
        );
        assert!(uids(&app, "sr00002").await.contains(&uid.to_owned()), "{file}");
    }
    let digits = app.send_as("admin", Method::PATCH, &path, &json!({"employeeCode": "3"})).await;
    assert_eq!(digits.status(), 200);
    let job = submit(&app.server, BULK, "uid,employee_code\nRTL-0004,3\nRTL-0004,4\n").await;
    assert_eq!((&job["state"], &job["rows"]["failed"]), (&json!("PARTIAL"), &json!(1)));
    let expected = "RTL-0004|4|3|not-found|employee_code";
    assert_eq!(without_messages(&errors(&app, &job).await)[1], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_of_a_file_match_those_of_json() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let file = "uid,sales_rep\nRTL-0001,sr00002\nRTL-0004,sr00002\n";
    let dry_run = submit(&app.server, &format!("{BULK}?ifAssigned=move&validateOnly=true"), file).await;
    assert_eq!((&dry_run["counts"]["moved"], &dry_run["batchId"]), (&json!(2), &Value::Null));
    assert_eq!(uids(&app, "sr00001").await.len(), 4);
    let plan = submit(&app.server, "/admin/assignments/plans?ifAssigned=move", file).await;
    assert_eq!(uids(&app, "sr00001").await.len(), 4);
    let apply = format!("/admin/assignments/plans/{}/apply", plan["batchId"]);
    assert_eq!(app.send_as("admin", Method::POST, &apply, &Value::Null).await.status(), 200);
    assert_eq!(uids(&app, "sr00001").await, ["RTL-0002", "RTL-0003"]);

    app.database.owner().await.batch_execute("UPDATE sales_reps SET capacity = 3").await.unwrap();
    let file = "uid,sales_rep\nRTL-0006,sr00002\n";
    let refused = submit(&app.server, BULK, file).await;
    assert_eq!((&refused["state"], &refused["failure"]["code"]), (&json!("FAILED"), &json!("rows-failed")));
    assert_eq!((&refused["outcome"], &refused["rows"]["failed"]), (&json!("refused"), &json!(1)));
    let expected = "RTL-0006|sr00002|2|over-capacity|sales_rep";
    assert_eq!(without_messages(&errors(&app, &refused).await)[1], expected);
    let forced = submit(&app.server, &format!("{BULK}?force=true&reason=eid"), file).await;
    assert_eq!((&forced["state"], &forced["options"]["reason"]), (&json!("SUCCEEDED"), &json!("eid")));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_assignment_files_fail_with_a_reason() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    for (file, failure) in [
        ("", "empty-file"),
        ("uid,sales_rep\n", "no-rows"),
        ("uid,name\nRTL-0001,x\n", "missing-column"),
        ("uid,sr,username\nRTL-0001,a,b\n", "repeated-column"),
        ("PK\u{3}\u{4}\u{0}\u{0}", "spreadsheet"),
        ("uid,sr\nRTL-0001,\"a\n", "open-quote"),
    ] {
        let job = submit(&app.server, BULK, file).await;
        assert_eq!((&job["state"], &job["failure"]["code"]), (&json!("FAILED"), &json!(failure)), "{file:?}");
        assert!(job["failure"]["detail"].as_str().unwrap().contains(' '), "{job}");
    }
    for (query, field) in [("ifAssigned=steal", "ifAssigned"), ("force=true", "reason"), ("x=1", "x")] {
        let response = send(&app.server, &format!("{BULK}?{query}"), "uid,sr\n", None).await;
        assert_eq!(response.status(), 422, "{query}");
        assert_eq!(problem(response).await["errors"][0]["field"], field);
    }
    let token = app.server.token("default", "sr00001").await;
    let request =
        app.server.request(Method::POST, BULK).bearer_auth(token).header("content-type", "text/csv");
    assert_eq!(code(request.body("x").send().await.unwrap()).await, "forbidden");
    for path in [
        "/admin/assignments/jobs/999999",
        "/admin/assignments/jobs/x",
        "/admin/assignments/jobs/999999/errors",
    ] {
        assert_eq!(app.get_as("admin", path).await.status(), 404, "{path}");
        assert_eq!(app.get_as("sr00001", path).await.status(), 403, "{path}");
    }
    let job = submit(&app.server, BULK, "uid,sr\nRTL-0006,sr00002\n").await;
    let token = app.server.token("other", "admin").await;
    let path = format!("/admin/assignments/jobs/{}", job["id"]);
    assert_eq!(app.server.get(&path).bearer_auth(token).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_replayed_by_key_and_rejected_if_too_large() {
    let app = App::with(&[("HAAT_MAX_UPLOAD_MIB", "1"), LONG_CONNECT_TIMEOUT]).await;
    let file = "uid,sr\nRTL-0006,sr00002\n";
    let first: Value = send(&app.server, BULK, file, Some("k")).await.json().await.unwrap();
    ended(&app.server, &first["id"]).await;
    let again = send(&app.server, BULK, file, Some("k")).await;
    assert_eq!(again.status(), 202);
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let other = send(&app.server, BULK, "uid,sr\nRTL-0001,sr00002\n", Some("k")).await;
    assert_eq!(code(other).await, "idempotency-key-reused");
    let jobs = "SELECT count(*) FROM jobs WHERE schedule IS NULL";
    assert_eq!(app.database.owner().await.query_one(jobs, &[]).await.unwrap().get::<_, i64>(0), 1);

    let large = send(&app.server, BULK, "x".repeat(2 << 20), None).await;
    assert_eq!(code(large).await, "payload-too-large");
    let files = app.server.files();
    let remaining = list_files(&files);
    assert!(remaining.is_empty(), "{remaining:?}");
}

/// Inserts 40,000 unassigned retailers and 1,000 sales reps with remaining capacity, and returns a file that assigns
/// them.
pub(crate) async fn large_file(database: &TestDatabase) -> String {
    let owner = database.owner().await;
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role) \
             SELECT 1, 'rep' || n, 'Rep', 'x', 'sales_rep' FROM generate_series(1, 1000) AS n; \
             INSERT INTO sales_reps (tenant_id, id) SELECT tenant_id, id FROM users WHERE username LIKE 'rep%'; \
             INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
             SELECT 1, 'N-' || n, 'Shop', r.region_id, r.area_id, r.territory_id, 'shop' \
               FROM generate_series(1, 40000) AS n, (SELECT * FROM retailers WHERE tenant_id = 1 LIMIT 1) AS r;",
        )
        .await
        .unwrap();
    let mut file = "uid,sales_rep\n".to_owned();
    for number in 1..=40_000 {
        writeln!(file, "N-{number},rep{}", number % 1_000 + 1).unwrap();
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_completes_the_job_of_a_killed_one_exactly_once() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let file = large_file(&database).await;
    let owner = database.owner().await;
    let mut server = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    let accepted: Value = send(&server, BULK, file, None).await.json().await.unwrap();
    // In any phase of the job: staging, computing, applying.
    for milliseconds in [200_u64, 700, 1_500, 3_000] {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        server.signal("KILL");
        server.wait();
        let assigned: i64 = owner
            .query_one("SELECT count(*) FROM sales_rep_retailers WHERE uid LIKE 'N-%'", &[])
            .await
            .unwrap()
            .get(0);
        assert!(assigned == 0 || assigned == 40_000, "{assigned}");
        server = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    }
    let job = ended(&server, &accepted["id"]).await;
    assert_eq!(
        (&job["state"], &job["counts"]["assigned"], &job["rows"]),
        (&json!("SUCCEEDED"), &json!(40_000), &json!({"read": 40_000, "failed": 0, "repeated": 0}))
    );
    for (statement, expected) in [
        ("SELECT count(*) FROM sales_rep_retailers WHERE uid LIKE 'N-%'", 40_000),
        ("SELECT count(*) FROM batches", 1),
        ("SELECT count(*) FROM assignment_rows", 0),
        ("SELECT count(*) FROM assignment_steps", 0),
        ("SELECT count(*) FROM audit_logs WHERE action = 'assignment.assign'", 1),
    ] {
        assert_eq!(owner.query_one(statement, &[]).await.unwrap().get::<_, i64>(0), expected, "{statement}");
    }
}
