//! Files in an S3-compatible store, shared by all processes.

use haat_test_support::{Proxy, S3Server};
use serde_json::json;

use crate::jobs::{BULK, LONG_CONNECT_TIMEOUT, ended, send};
use crate::support::{App, Server, code, eventually};

/// A file larger than two parts of a multipart upload.
fn file() -> String {
    let note = "n".repeat(10_000);
    let row = |number: usize| format!("RTL-000{},sr00002,{note}\n", number % 6 + 1);
    "uid,sales_rep,note\n".to_owned() + &(0..1_200).map(row).collect::<String>()
}

#[tokio::test(flavor = "multi_thread")]
async fn file_in_the_store_is_processed_by_another_process_after_an_outage() {
    let store = S3Server::start().await;
    let proxy = Proxy::new(store.url()).await;
    let (location, endpoint) = (format!("s3://{}/files", S3Server::BUCKET), proxy.through(store.url()));
    let settings = |workers| {
        [
            ("HAAT_FILES", location.as_str()),
            ("AWS_ENDPOINT_URL", endpoint.trim_end_matches('/')),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", S3Server::KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", S3Server::SECRET),
            ("HAAT_JOB_WORKERS", workers),
            LONG_CONNECT_TIMEOUT,
        ]
    };
    let app = App::with(&settings("0")).await;
    let response = send(&app.server, BULK, file(), None).await;
    assert_eq!(response.status(), 202);
    let accepted: serde_json::Value = response.json().await.unwrap();
    assert_eq!(store.files().len(), 1);

    proxy.take_down();
    assert_eq!(code(send(&app.server, BULK, "uid,sr\n", None).await).await, "unavailable");
    let worker = Server::start(&app.database.app_url(), &settings("1"));
    let owner = app.database.owner().await;
    eventually(async || {
        let attempted = "SELECT count(*) FROM jobs WHERE attempts > 0 AND schedule IS NULL";
        owner.query_one(attempted, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    proxy.bring_up();
    let job = ended(&worker, &accepted["id"]).await;
    assert_eq!(
        (&job["state"], &job["rows"], &job["counts"]["assigned"]),
        (&json!("SUCCEEDED"), &json!({"read": 1_200, "failed": 0, "repeated": 1_194}), &json!(4)),
        "{job}"
    );
    eventually(async || store.files().is_empty()).await;
}
