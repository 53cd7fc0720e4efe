//! Background jobs as administrators see them: list, cancel, retry, and the limit of queued jobs.

use std::time::{Duration, Instant};

use haat_test_support::{Fixture, TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::import_requests::NO_WORKERS;
use crate::jobs::{BULK, LONG_CONNECT_TIMEOUT, large_file, send, submit};
use crate::support::{App, Server, code, eventually, list_files, problem};

async fn get(app: &App, path: &str) -> Value {
    let response = app.get_as("admin", path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_jobs_and_their_errors() {
    let app = App::with(&[LONG_CONNECT_TIMEOUT]).await;
    let file = "uid,sales_rep\nRTL-0006,sr00002\nRTL-9999,sr00002\nRTL-0005,unknown\n";
    let id = submit(&app.server, &format!("{BULK}?reason=Eid"), file).await["id"].clone();
    let job = get(&app, &format!("/admin/jobs/{id}")).await;
    for (member, expected) in [
        ("kind", json!("assign-file")),
        ("lane", json!("standard")),
        ("state", json!("succeeded")),
        ("attempts", json!(1)),
        ("failure", Value::Null),
        ("cancelRequestedAt", Value::Null),
    ] {
        assert_eq!(job[member], expected, "{member}");
    }
    assert_eq!(job["actor"]["id"], app.fixture.ours.admin.id);
    assert_eq!((&job["args"]["reason"], &job["args"]["file"]), (&json!("Eid"), &Value::Null), "internal");
    assert_eq!(
        get(&app, "/admin/jobs?state=succeeded&lane=standard&kind=assign-file").await["data"],
        json!([job])
    );
    assert_eq!(get(&app, "/admin/jobs?state=failed").await["data"], json!([]));

    let errors = format!("/admin/jobs/{id}/errors");
    let first = get(&app, &format!("{errors}?limit=1")).await;
    assert_eq!(
        first["data"],
        json!([{"row": 3, "errors": [{"field": "uid", "code": "not-found", "value": "RTL-9999"}]}])
    );
    let next = format!("{errors}?limit=1&cursor={}", first["page"]["nextCursor"].as_str().unwrap());
    let second = get(&app, &next).await;
    assert_eq!((&second["data"][0]["row"], &second["page"]["nextCursor"]), (&json!(4), &Value::Null));

    for (path, status) in [
        (format!("/admin/jobs/{id}"), 404),
        (errors, 404),
        (format!("/admin/jobs/{id}/cancel"), 404),
        (format!("/admin/jobs/{id}/retry"), 404),
    ] {
        let is_change = path.ends_with("cancel") || path.ends_with("retry");
        let method = if is_change { Method::POST } else { Method::GET };
        let token = app.server.token("other", "admin").await;
        let response = app.server.request(method, &path).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
    for act in ["cancel", "retry"] {
        let path = format!("/admin/jobs/{id}/{act}");
        let response = app.send_as("admin", Method::POST, &path, &Value::Null).await;
        assert_eq!(code(response).await, "job-state", "{act}");
    }
    let (_, token) = app.super_admin("karim").await;
    let platform = app.server.get("/admin/jobs?kind=assign-file").bearer_auth(token).send().await.unwrap();
    assert_eq!(platform.status(), 200);
    assert_eq!(platform.json::<Value>().await.unwrap()["data"], json!([]), "those of the platform");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_and_can_be_retried() {
    let database = TestDatabase::new().await;
    let fixture = Fixture::new(&database).await;
    let file = large_file(&database).await;
    let server = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    let app = App { server, fixture, database };
    let accepted: Value = send(&app.server, BULK, file, None).await.json().await.unwrap();
    let path = format!("/admin/jobs/{}", accepted["id"]);
    eventually(async || get(&app, &path).await["state"] == "running").await;
    let cancel = format!("{path}/cancel");
    let dry_run = format!("{cancel}?validateOnly=true");
    assert_eq!(app.send_as("admin", Method::POST, &dry_run, &Value::Null).await.status(), 200);
    assert_eq!(get(&app, &path).await["cancelRequestedAt"], Value::Null);
    let requested = Instant::now();
    for _ in 0..2 {
        let cancelled = app.send_as("admin", Method::POST, &cancel, &Value::Null).await;
        assert_eq!(cancelled.status(), 200);
        assert!(cancelled.json::<Value>().await.unwrap()["cancelRequestedAt"].is_string());
    }
    eventually(async || get(&app, &path).await["state"] == "cancelled").await;
    // A heartbeat is a quarter of the time after which a job is stale: 250 ms in tests.
    assert!(requested.elapsed() < Duration::from_secs(5), "{:?}", requested.elapsed());
    let assigned = "SELECT count(*) FROM sales_rep_retailers WHERE uid LIKE 'N-%'";
    assert_eq!(app.database.number(assigned).await, 0);
    let of_assignments = get(&app, &format!("/admin/assignments/jobs/{}", accepted["id"])).await;
    assert_eq!((&of_assignments["state"], &of_assignments["counts"]), (&json!("CANCELLED"), &Value::Null));

    let token = app.server.token("default", "admin").await;
    for is_replay in [false, true] {
        let retry = app.server.request(Method::POST, &format!("{path}/retry")).bearer_auth(&token);
        let retried = retry.header("idempotency-key", "again").send().await.unwrap();
        assert_eq!(retried.headers().contains_key("idempotency-replayed"), is_replay);
        assert_eq!(retried.json::<Value>().await.unwrap()["state"], "queued");
    }
    let started = Instant::now();
    while get(&app, &path).await["state"] != "succeeded" {
        assert!(started.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(app.database.number(assigned).await, 40_000);
    let audited = "SELECT count(*) FROM audit_logs WHERE action IN ('job.cancel', 'job.retry')";
    assert_eq!(app.database.number(audited).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_is_cancelled_as_an_import() {
    let app = App::with(&[NO_WORKERS]).await;
    let token = app.server.token("default", "admin").await;
    let request = app.server.request(Method::POST, "/admin/retailers/import").bearer_auth(token);
    let file = "uid,name\nRTL-0001,New name\n";
    let response = request.header("content-type", "text/csv").body(file).send().await.unwrap();
    let import: Value = response.json().await.unwrap();
    let jobs = get(&app, "/admin/jobs").await;
    let path = format!("/admin/jobs/{}", jobs["data"][0]["id"]);
    assert_eq!(jobs["data"][0]["args"]["import"], import["id"].to_string());
    let cancelled = app.send_as("admin", Method::POST, &format!("{path}/cancel"), &Value::Null).await;
    assert_eq!(cancelled.status(), 200);
    let _worker = Server::start(&app.database.app_url(), &[]);
    eventually(async || get(&app, &path).await["state"] == "cancelled").await;
    let import = get(&app, &format!("/admin/retailers/imports/{}", import["id"])).await;
    assert_eq!((&import["state"], &import["failure"]), (&json!("CANCELLED"), &Value::Null));
    let retried = app.send_as("admin", Method::POST, &format!("{path}/retry"), &Value::Null).await;
    assert_eq!(code(retried).await, "job-state", "imports are repeated by their own routes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_with_too_many_waiting_jobs_is_refused() {
    let app = App::with(&[NO_WORKERS]).await;
    let file = "uid,sr\nRTL-0006,sr00002\n";
    for _ in 0..100 {
        assert_eq!(send(&app.server, BULK, file, None).await.status(), 202);
    }
    let refused = problem(send(&app.server, BULK, file, None).await).await;
    assert_eq!((&refused["code"], &refused["status"]), (&json!("job-limit-reached"), &json!(429)));
    assert_eq!(list_files(&app.server.files()).len(), 100, "the file of the refused request is removed");
    let token = app.server.token("other", "admin").await;
    let request =
        app.server.request(Method::POST, BULK).bearer_auth(token).header("content-type", "text/csv");
    assert_eq!(request.body(file).send().await.unwrap().status(), 202);
}
