//! Files in a store that speaks S3, which all processes share.

use haat_test_support::{Proxy, S3Server};
use serde_json::json;

use crate::jobs::{BULK, PATIENT, ended, send};
use crate::support::{App, Server, code, soon};

/// More than two of the parts in which it goes to the store.
fn file() -> String {
    let note = "n".repeat(10_000);
    let row = |number: usize| format!("RTL-000{},sr00002,{note}\n", number % 6 + 1);
    "uid,sales_rep,note\n".to_owned() + &(0..1_200).map(row).collect::<String>()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_waits_in_the_store_for_another_process_and_for_the_store() {
    let store = S3Server::start().await;
    let proxy = Proxy::new(store.url()).await;
    let (place, endpoint) = (format!("s3://{}/files", S3Server::BUCKET), proxy.through(store.url()));
    let with = |workers| {
        [
            ("HAAT_FILES", place.as_str()),
            ("AWS_ENDPOINT_URL", endpoint.trim_end_matches('/')),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", S3Server::KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", S3Server::SECRET),
            ("HAAT_JOB_WORKERS", workers),
            PATIENT,
        ]
    };
    let app = App::with(&with("0")).await;
    let response = send(&app.server, BULK, file(), None).await;
    assert_eq!(response.status(), 202);
    let accepted: serde_json::Value = response.json().await.unwrap();
    assert_eq!(store.files().len(), 1);

    proxy.take_down();
    assert_eq!(code(send(&app.server, BULK, "uid,sr\n", None).await).await, "unavailable");
    let worker = Server::start(&app.database.app_url(), &with("1"));
    let owner = app.database.owner().await;
    soon(async || {
        let tried = "SELECT count(*) FROM jobs WHERE attempts > 0";
        owner.query_one(tried, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    proxy.bring_up();
    let job = ended(&worker, &accepted["id"]).await;
    assert_eq!(
        (&job["state"], &job["rows"], &job["counts"]["assigned"]),
        (&json!("SUCCEEDED"), &json!({"read": 1_200, "failed": 0, "repeated": 1_194}), &json!(4)),
        "{job}"
    );
    soon(async || store.files().is_empty()).await;
}
