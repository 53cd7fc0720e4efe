//! Sales reps from files, and their one-time passwords.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use haat_test_support::{Fixture, PASSWORD, TestDatabase};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::export::parse;
use crate::jobs::{LONG_CONNECT_TIMEOUT, send, without_messages};
use crate::support::{App, Server, code, eventually, list_files, problem};

const IMPORT: &str = "/admin/sales-reps/import";
const IMPORTS: &str = "/admin/sales-reps/imports";

/// Waits for the end of a job.
async fn ended(server: &Server, id: &Value) -> Value {
    let token = server.token("default", "admin").await;
    let started = Instant::now();
    loop {
        let response = server.get(&format!("{IMPORTS}/{id}")).bearer_auth(&token).send().await.unwrap();
        let job: Value = response.json().await.unwrap();
        if !["QUEUED", "RUNNING"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        assert!(started.elapsed() < Duration::from_mins(2), "{job}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Sends a file and waits for its job.
async fn submit(server: &Server, query: &str, file: &str) -> Value {
    let response = send(server, &format!("{IMPORT}{query}"), file.to_owned(), None).await;
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let accepted: Value = response.json().await.unwrap();
    assert_eq!(location, format!("{IMPORTS}/{}", accepted["id"]));
    assert_eq!(accepted["state"], "QUEUED");
    ended(server, &accepted["id"]).await
}

async fn give(app: &App, username: &str, job: &Value) -> Response {
    app.send_as(username, Method::POST, &format!("{IMPORTS}/{}/passwords", job["id"]), &Value::Null).await
}

/// The usernames, names and passwords in a password file.
async fn passwords(response: Response) -> Vec<Vec<String>> {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    let text = response.text().await.unwrap();
    let mut rows = parse(text.strip_prefix('\u{FEFF}').unwrap(), ',');
    assert_eq!(rows.remove(0), ["username", "name", "one_time_password"]);
    rows
}

async fn errors(app: &App, job: &Value) -> String {
    let response = app.get_as("admin", &format!("{IMPORTS}/{}/errors", job["id"])).await;
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

async fn log_in(server: &Server, username: &str, password: &str) -> Response {
    server.log_in_request(&json!({"username": username, "password": password})).send().await.unwrap()
}

async fn execute(app: &App, statement: &str) {
    app.database.owner().await.batch_execute(statement).await.unwrap();
}

/// Creates a second administrator with the password of the fixture.
async fn second_admin(app: &App) {
    let statement = "INSERT INTO users (tenant_id, username, name, password_hash, role) \
                     SELECT tenant_id, 'admin2', 'Second', password_hash, 'admin' FROM users \
                      WHERE username = 'admin' AND tenant_id = (SELECT id FROM tenants WHERE slug = 'default')";
    execute(app, statement).await;
}

const NEW_REPS: &str =
    "SELECT count(*) FROM users JOIN sales_reps USING (tenant_id, id) WHERE username LIKE 'new%'";

#[tokio::test(flavor = "multi_thread")]
async fn a_created_sales_rep_logs_in_with_the_password_of_the_file_and_must_change_it() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let file = "\u{FEFF}ইউজারনেম;নাম;মোবাইল নম্বর;ইমেইল;কর্মী কোড;ধারণক্ষমতা;মন্তব্য\r\n\
                New1;রহিম উদ্দিন;০১৭১১২৩৪৫৬৭;New1@Example.com;E 17;৭০.০;x\r\nnew2;Karim;;;;;\r\n";
    let job = submit(&app.server, "?fileName=reps.csv", file).await;
    assert_eq!(job["rows"], json!({"read": 2, "failed": 0, "created": 2}), "{job}");
    let members = ["state", "fileName", "validateOnly", "passwords", "failure"].map(|name| job[name].clone());
    let expected = [json!("SUCCEEDED"), json!("reps.csv"), json!(false), json!("available"), Value::Null];
    assert_eq!(members, expected);
    let listed: Value = app.get_as("admin", "/admin/sales-reps?q=new1").await.json().await.unwrap();
    let rep = &listed["data"][0];
    let values = ["username", "name", "phone", "email", "employeeCode", "capacity", "mustChangePassword"];
    assert_eq!(
        values.map(|name| rep[name].clone()),
        [
            json!("new1"),
            json!("রহিম উদ্দিন"),
            json!("+8801711234567"),
            json!("new1@example.com"),
            json!("E 17"),
            json!(70),
            json!(true)
        ]
    );
    let audited = app.database.number("SELECT count(*) FROM audit_logs WHERE action = 'user.create'").await;
    assert_eq!(audited, 2);
    let files = list_files(&app.server.files());
    assert!(files.is_empty(), "a file without errors is removed: {files:?}");

    // The current username is in the file, and its password works.
    let renamed = json!({"username": "new1a"});
    let path = format!("/admin/sales-reps/{}", rep["id"]);
    assert_eq!(app.send_as("admin", Method::PATCH, &path, &renamed).await.status(), 200);
    let rows = passwords(give(&app, "admin", &job).await).await;
    assert_eq!(rows.iter().map(|row| &row[0]).collect::<Vec<_>>(), ["new1a", "new2"]);
    for (row, new) in rows.iter().zip(["a new password 1", "a new password 2"]) {
        let groups: Vec<usize> = row[2].split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4], "{row:?}");
        let response = log_in(&app.server, &row[0], &row[2]).await;
        assert_eq!(response.status(), 200);
        let body: Value = response.json().await.unwrap();
        let token = body["accessToken"].as_str().unwrap();
        let me = app.server.get("/retailers").bearer_auth(token).send().await.unwrap();
        assert_eq!(code(me).await, "password-change-required");
        let body = json!({"currentPassword": row[2], "newPassword": new});
        let change = app.server.request(Method::POST, "/auth/change-password").bearer_auth(token).json(&body);
        assert_eq!(change.send().await.unwrap().status(), 200);
        assert_eq!(log_in(&app.server, &row[0], new).await.status(), 200);
    }
    assert_ne!(rows[0][2], rows[1][2]);
    // Users who have another password are left out.
    let remaining = passwords(give(&app, "admin", &job).await).await;
    assert!(remaining.is_empty(), "{remaining:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_given_once() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    second_admin(&app).await;
    let job = submit(&app.server, "", "username,name\nnew1,A\nnew2,B\nnew3,C\n").await;
    let first = passwords(give(&app, "admin", &job).await).await;
    assert_eq!(first.len(), 3);
    let read: Value = app.get_as("admin", &format!("{IMPORTS}/{}", job["id"])).await.json().await.unwrap();
    assert_eq!(read["passwords"], "given");
    assert_eq!(passwords(give(&app, "admin", &job).await).await, first, "a lost response can be repeated");
    let refused = give(&app, "admin2", &job).await;
    assert_eq!(refused.status(), 410);
    assert_eq!(problem(refused).await["code"], "passwords-given");
    assert_eq!(passwords(give(&app, "admin", &job).await).await, first, "a refused request changes nothing");
    let audited = "SELECT count(*) FROM audit_logs WHERE action = 'user.give-passwords' AND entity_id IS NULL \
                   AND after = jsonb_build_object('import', (SELECT max(id) FROM jobs WHERE schedule IS NULL), 'users', 3)";
    assert_eq!(app.database.number(audited).await, 1);

    // A password that was reset is not in the file.
    let id = app.database.number("SELECT id FROM users WHERE username = 'new2'").await;
    let reset = format!("/admin/users/{id}/reset-password");
    assert_eq!(app.send_as("admin", Method::POST, &reset, &Value::Null).await.status(), 200);
    let others = passwords(give(&app, "admin", &job).await).await;
    assert_eq!(others, [first[0].clone(), first[2].clone()]);

    execute(&app, "UPDATE password_files SET given_at = given_at - interval '11 minutes'").await;
    let seeds = "SELECT count(*) FROM password_files WHERE nonce IS NOT NULL";
    assert_eq!(app.database.number(seeds).await, 1);
    for _ in 0..2 {
        assert_eq!(code(give(&app, "admin", &job).await).await, "passwords-given");
        assert_eq!(app.database.number(seeds).await, 0, "the passwords cannot be derived any more");
        assert_eq!(app.database.number("SELECT count(*) FROM password_file_users").await, 0);
    }
    assert_eq!(
        log_in(&app.server, &first[0][0], &first[0][2]).await.status(),
        200,
        "the password still works"
    );
    let bangla = app.server.token("default", "admin").await;
    let path = format!("{IMPORTS}/{}/passwords", job["id"]);
    let request = app.server.request(Method::POST, &path).bearer_auth(bangla).header("accept-language", "bn");
    let refused = problem(request.send().await.unwrap()).await;
    assert!(
        !refused["title"].as_str().unwrap().is_ascii() && !refused["detail"].as_str().unwrap().is_ascii()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_that_are_not_fetched_are_given_up() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let job = submit(&app.server, "", "username,name\nnew1,A\n").await;
    execute(&app, "UPDATE password_files SET created_at = created_at - interval '7 days 1 minute'").await;
    let read: Value = app.get_as("admin", &format!("{IMPORTS}/{}", job["id"])).await.json().await.unwrap();
    assert_eq!(read["passwords"], "given");
    // Another file erases the seed, too.
    submit(&app.server, "", "username,name\nnew2,A\n").await;
    assert_eq!(app.database.number("SELECT count(*) FROM password_files WHERE nonce IS NULL").await, 1);
    assert_eq!(code(give(&app, "admin", &job).await).await, "passwords-given");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_need_the_key_of_the_server_that_created_them() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let job = submit(&app.server, "", "username,name\nnew1,A\n").await;
    let path = format!("{IMPORTS}/{}/passwords", job["id"]);
    let call = async |server: &Server| {
        let token = server.token("default", "admin").await;
        server.request(Method::POST, &path).bearer_auth(token).send().await.unwrap()
    };
    let other = ("HAAT_JWT_SECRET", "another-secret-of-the-tests-0123456789");
    let without = Server::start(&app.database.app_url(), &[LONG_CONNECT_TIMEOUT, other]);
    let refused = call(&without).await;
    assert_eq!(refused.status(), 410);
    assert!(problem(refused).await["detail"].as_str().unwrap().contains("key of the server"));
    let old = format!("1={}", crate::support::SECRET);
    let rotated = [LONG_CONNECT_TIMEOUT, other, ("HAAT_JWT_KEY_ID", "2"), ("HAAT_JWT_OTHER_KEYS", &old)];
    let rows = passwords(call(&Server::start(&app.database.app_url(), &rotated)).await).await;
    assert_eq!(log_in(&app.server, "new1", &rows[0][2]).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_errors_are_corrected_and_sent_again() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let taken = json!({"username": "taken1", "name": "T", "phone": "01711111111", "email": "t@example.com", "employeeCode": "E 1"});
    assert_eq!(app.send_as("admin", Method::POST, "/admin/sales-reps", &taken).await.status(), 201);
    let file = "User Name,name,phone,email,Employee ID,capacity\n\
                new1,A,,,,\n\
                TAKEN1,B,+8801711111111,T@Example.COM,e  1,\n\
                new3,C,01722222222,,,\n\
                NEW3,D,,,,\n\
                new5,-,N/A,,,\n\
                ,F,12,x,ক,1.5\n\
                new7,G,1722222222,,,\n\
                new8,H,,,,,surplus\n";
    let job = submit(&app.server, "", file).await;
    assert_eq!((&job["state"], &job["passwords"]), (&json!("PARTIAL"), &json!("available")));
    assert_eq!(job["rows"], json!({"read": 8, "failed": 7, "created": 1}));
    let csv = errors(&app, &job).await;
    assert_eq!(
        without_messages(&csv),
        [
            "User Name|name|phone|email|Employee ID|capacity|row|code|field",
            "TAKEN1|B|01711-111111|T@Example.COM|e  1||3|taken; taken; taken; taken|email; Employee ID; phone; User Name",
            "new3|C|01722-222222||||4|duplicate; duplicate|phone; User Name",
            "NEW3|D|||||5|duplicate|User Name",
            "new5|'-|N/A||||6|placeholder; placeholder|name; phone",
            "|F|12|x|ক|1.5|7|invalid; invalid; invalid; invalid; required|capacity; email; Employee ID; phone; User Name",
            "new7|G|01722-222222||||8|duplicate|phone",
            // The surplus cell stays behind the messages.
            "new8|H|||||9|wrong-column-count|row|The row has more cells than the header: put quotes around text that contains a separator",
        ]
    );
    assert!(csv.contains("Another user has this username"), "{csv}");
    assert!(csv.contains("অন্য একজন ব্যবহারকারীর এই ফোন নম্বর আছে"), "{csv}");
    assert_eq!(passwords(give(&app, "admin", &job).await).await.len(), 1);

    // Correct the first and the third row of the error file, and remove the others.
    let lines: Vec<&str> = csv.lines().collect();
    let corrected = [
        lines[0].to_owned(),
        lines[1].replace("TAKEN1,B,01711-111111,T@Example.COM,e  1", "new2,B,,,"),
        lines[3].to_owned(),
    ];
    let again = submit(&app.server, "", &corrected.join("\r\n")).await;
    assert_eq!((&again["state"], &again["rows"]["created"]), (&json!("SUCCEEDED"), &json!(2)), "{again}");
    assert_eq!(app.database.number(NEW_REPS).await, 3);
    let listed: Value = app.get_as("admin", IMPORTS).await.json().await.unwrap();
    let ids: Vec<&Value> = listed["data"].as_array().unwrap().iter().map(|job| &job["id"]).collect();
    assert_eq!(ids, [&again["id"], &job["id"]], "the newest first");

    let failed = submit(&app.server, "", "username,name\nnew1,A\n").await;
    let members = [&failed["state"], &failed["failure"]["code"], &failed["passwords"]];
    assert_eq!(members, ["FAILED", "rows-failed", "none"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_creates_nothing() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let job = submit(&app.server, "?validateOnly=true", "username,name\nnew1,A\nsr00001,B\n").await;
    assert_eq!((&job["state"], &job["validateOnly"]), (&json!("PARTIAL"), &json!(true)));
    assert_eq!(job["rows"], json!({"read": 2, "failed": 1, "created": 1}), "would be created");
    assert_eq!(job["passwords"], "none");
    assert_eq!(without_messages(&errors(&app, &job).await)[1], "sr00001|B|3|taken|username");
    assert_eq!(app.database.number(NEW_REPS).await, 0);
    assert_eq!(app.database.number("SELECT count(*) FROM password_files").await, 0);
    assert_eq!(app.database.number("SELECT count(*) FROM audit_logs WHERE entity = 'user'").await, 0);
    assert_eq!(code(give(&app, "admin", &job).await).await, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_files_fail_with_a_reason() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let mut long = "username,name\n".to_owned();
    for number in 1..=2_001 {
        writeln!(long, "new{number},A").unwrap();
    }
    for (file, failure) in [
        ("", "empty-file"),
        ("username,name\n", "no-rows"),
        ("username,phone\nnew1,x\n", "missing-column"),
        ("username,name,NAME\nnew1,a,b\n", "repeated-column"),
        ("username,name\nnew1,\"A\nnew2,B\n", "open-quote"),
        (&long, "too-many-rows"),
    ] {
        let job = submit(&app.server, "", file).await;
        assert_eq!((&job["state"], &job["failure"]["code"]), (&json!("FAILED"), &json!(failure)));
        assert_eq!(job["passwords"], "none");
    }
    assert_eq!(app.database.number(NEW_REPS).await, 0);
    let complete = long.trim_end().rsplit_once('\n').unwrap().0;
    let job = submit(&app.server, "?validateOnly=true", complete).await;
    assert_eq!((&job["state"], &job["rows"]["read"]), (&json!("SUCCEEDED"), &json!(2_000)));
    let response = send(&app.server, &format!("{IMPORT}?force=true"), "username,name\n", None).await;
    assert_eq!(response.status(), 422);
    assert_eq!(problem(response).await["errors"][0]["field"], "force");
    let json = app.send_as("admin", Method::POST, IMPORT, &json!({"username": "new1"})).await;
    assert_eq!(json.status(), 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_accepted_and_a_repetition_creates_nothing() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let token = app.server.token("default", "admin").await;
    let form = |validate_only: &str| {
        format!(
            "--XX\r\nContent-Disposition: form-data; name=\"validateOnly\"\r\n\r\n{validate_only}\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"new reps.csv\"\r\n\
             Content-Type: text/csv\r\n\r\nusername,name\nnew1,A\n\r\n--XX--\r\n"
        )
    };
    let send = async |validate_only: &str, key: &str| {
        let request = app.server.request(Method::POST, IMPORT).bearer_auth(&token);
        let request = request.header("content-type", "multipart/form-data; boundary=XX");
        request.header("idempotency-key", key).body(form(validate_only)).send().await.unwrap()
    };
    let accepted: Value = send("true", "a").await.json().await.unwrap();
    let job = ended(&app.server, &accepted["id"]).await;
    assert_eq!((&job["validateOnly"], &job["fileName"]), (&json!(true), &json!("new reps.csv")));
    let first: Value = send("false", "b").await.json().await.unwrap();
    assert_eq!(ended(&app.server, &first["id"]).await["rows"]["created"], 1);
    let again = send("false", "b").await;
    assert_eq!(again.status(), 202);
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    assert_eq!(code(send("true", "b").await).await, "idempotency-key-reused");
    assert_eq!(app.database.number("SELECT count(*) FROM jobs WHERE schedule IS NULL").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_reps_and_other_tenants_have_no_access() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let job = submit(&app.server, "", "username,name\nnew1,A\nsr00001,B\n").await;
    let paths = ["", "/errors", "/passwords"].map(|rest| format!("{IMPORTS}/{}{rest}", job["id"]));
    let theirs = app.server.token("other", "admin").await;
    let rep = app.server.token("default", "sr00001").await;
    for path in &paths {
        let method = if path.ends_with("passwords") { Method::POST } else { Method::GET };
        for (token, expected) in [(&theirs, "not-found"), (&rep, "forbidden")] {
            let request = app.server.request(method.clone(), path).bearer_auth(token);
            assert_eq!(code(request.send().await.unwrap()).await, expected, "{path}");
        }
    }
    let listed = app.server.get(IMPORTS).bearer_auth(&theirs).send().await.unwrap();
    assert_eq!(listed.json::<Value>().await.unwrap()["data"], json!([]));
    for (method, path) in [(Method::GET, IMPORTS), (Method::POST, IMPORT)] {
        let request = app.server.request(method, path).bearer_auth(&rep).header("content-type", "text/csv");
        assert_eq!(code(request.body("username,name\n").send().await.unwrap()).await, "forbidden");
    }
    for path in [format!("{IMPORTS}/999999/passwords"), format!("{IMPORTS}/x/passwords")] {
        assert_eq!(app.send_as("admin", Method::POST, &path, &Value::Null).await.status(), 404);
    }
    assert_eq!(passwords(give(&app, "admin", &job).await).await.len(), 1);
}

/// Returns a file with this number of sales reps.
fn large_file(rows: usize) -> String {
    let mut file = "username,name,phone\n".to_owned();
    for number in 1..=rows {
        writeln!(file, "new{number},Rep {number},017{number:08}").unwrap();
    }
    file
}

/// Hashing that takes long enough to interrupt it.
const SLOW: (&str, &str) = ("HAAT_BCRYPT_COST", "8");

/// Waits until an attempt that is running has hashed passwords.
async fn hashing(database: &TestDatabase) {
    let owner = database.owner().await;
    let hashed = "SELECT count(*) FROM jobs WHERE state = 'running' AND schedule IS NULL AND (progress->>'hashed')::int > 0";
    eventually(async || owner.query_one(hashed, &[]).await.unwrap().get::<_, i64>(0) == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_that_is_taken_while_passwords_are_hashed_is_an_error_of_its_row() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT, SLOW]).await;
    let accepted: Value = send(&app.server, IMPORT, large_file(100), None).await.json().await.unwrap();
    hashing(&app.database).await;
    let body = json!({"username": "NEW7", "name": "Other"});
    assert_eq!(app.send_as("admin", Method::POST, "/admin/sales-reps", &body).await.status(), 201);
    let job = ended(&app.server, &accepted["id"]).await;
    assert_eq!(job["rows"], json!({"read": 100, "failed": 1, "created": 99}));
    assert_eq!(without_messages(&errors(&app, &job).await)[1], "new7|Rep 7|01700-000007|8|taken|username");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_creates_its_sales_reps_exactly_once_although_servers_are_killed() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let owner = database.owner().await;
    let created = async || owner.query_one(NEW_REPS, &[]).await.unwrap().get::<_, i64>(0);
    let overrides = [LONG_CONNECT_TIMEOUT, SLOW];
    let mut server = Server::start(&database.app_url(), &overrides);
    let accepted: Value = send(&server, IMPORT, large_file(150), None).await.json().await.unwrap();
    for _ in 0..2 {
        hashing(&database).await;
        server.signal("KILL");
        server.wait();
        assert_eq!(created().await, 0);
        // The next attempt starts from the beginning.
        owner.execute("UPDATE jobs SET progress = '{}'", &[]).await.unwrap();
        server = Server::start(&database.app_url(), &overrides);
    }
    let job = ended(&server, &accepted["id"]).await;
    assert_eq!(job["rows"], json!({"read": 150, "failed": 0, "created": 150}), "{job}");
    assert_eq!(created().await, 150);
    for (statement, expected) in [
        ("SELECT count(*) FROM audit_logs WHERE action = 'user.create'", 150),
        ("SELECT count(*) FROM password_files", 1),
        ("SELECT count(*) FROM password_file_users", 150),
    ] {
        assert_eq!(owner.query_one(statement, &[]).await.unwrap().get::<_, i64>(0), expected, "{statement}");
    }
    let token = server.token("default", "admin").await;
    let path = format!("{IMPORTS}/{}/passwords", job["id"]);
    let rows = passwords(server.request(Method::POST, &path).bearer_auth(token).send().await.unwrap()).await;
    for row in [&rows[0], &rows[149]] {
        assert_eq!(log_in(&server, &row[0], &row[2]).await.status(), 200);
        assert_eq!(log_in(&server, &row[0], PASSWORD).await.status(), 401);
    }
}
