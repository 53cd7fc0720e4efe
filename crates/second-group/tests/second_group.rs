//! A group on top of the cores, with its own PostgreSQL transaction and its own routes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::net::TcpListener;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use haat_domain::shared::{IdGenerator, TenantId};
use haat_http_core::{Api, AppData, HttpSettings, RateLimit, Registry, Service, openapi, serve};
use haat_second_group::{CONTEXT, NoteDatabase, RequireMfa};
use haat_test_support::{Client, TestDatabase};
use serde_json::{Value, json};
use uuid::Uuid;

const API: Api = Api { contexts: &[CONTEXT], examples: "{}", guides: &[] };

struct FixedId;

impl IdGenerator for FixedId {
    fn next(&self) -> Uuid {
        Uuid::from_u128(1)
    }
}

/// Creates the table of this group, which no migration of the product has.
async fn with_notes(database: &TestDatabase) -> (Client, String) {
    let owner = database.owner().await;
    let app = database.app().await.query_one("SELECT current_user::text", &[]).await.unwrap();
    let role: String = app.get(0);
    let table =
        "CREATE TABLE notes (tenant_id bigint REFERENCES tenants, text text, PRIMARY KEY (tenant_id, text))";
    owner.batch_execute(&format!("{table}; GRANT INSERT ON notes TO {role}")).await.unwrap();
    let tenant: i64 =
        owner.query_one("SELECT id FROM tenants WHERE slug = 'default'", &[]).await.unwrap().get(0);
    let use_case = RequireMfa::new(NoteDatabase::from(database.adapter().core()), TenantId::new(tenant));
    (owner, start(use_case))
}

/// Starts a server with the context alone, and returns its URL.
fn start(use_case: RequireMfa) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notes", listener.local_addr().unwrap());
    let service = Service {
        standby: Arc::default(),
        registry: Registry::new(),
        api: API,
        use_cases: vec![AppData::new(use_case)],
        ids: Arc::new(FixedId),
        stopping: Arc::new(AtomicBool::new(false)),
    };
    let settings = HttpSettings {
        trusted_proxies: Vec::new(),
        cors_origins: Vec::new(),
        workers: Some(1),
        max_body_bytes: 1_000,
        max_upload_bytes: 1_000,
        body_timeout: Duration::from_secs(15),
        shutdown_timeout: Duration::ZERO,
        rate_limit: RateLimit { per_second: NonZeroU32::MIN, burst: NonZeroU32::MIN },
    };
    tokio::spawn(serve(listener, service, &settings).unwrap());
    url
}

async fn post(url: &str, text: &str) -> (u16, Value) {
    let response = reqwest::Client::new().post(url).json(&json!({"text": text})).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

async fn state(owner: &Client) -> (bool, i64) {
    let query =
        "SELECT mfa_required_for_admins, (SELECT count(*) FROM notes) FROM tenants WHERE slug = 'default'";
    let row = owner.query_one(query, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn one_transaction_writes_rows_of_two_groups() {
    let database = TestDatabase::new().await;
    let (owner, url) = with_notes(&database).await;
    assert_eq!(state(&owner).await, (false, 0));
    assert_eq!(post(&url, "Audit").await.0, 204);
    assert_eq!(state(&owner).await, (true, 1));
}

#[tokio::test]
async fn an_error_rolls_back_both_groups_and_becomes_a_problem() {
    let database = TestDatabase::new().await;
    let (owner, url) = with_notes(&database).await;
    owner
        .execute("INSERT INTO notes SELECT id, 'Audit' FROM tenants WHERE slug = 'default'", &[])
        .await
        .unwrap();
    let (status, problem) = post(&url, "Audit").await;
    assert_eq!(
        (status, &problem["code"], &problem["title"]),
        (409, &json!("note-exists"), &json!("This note already exists"))
    );
    assert_eq!(state(&owner).await, (false, 1));
}

#[tokio::test]
async fn the_group_is_documented() {
    let document = serde_json::to_value(openapi(API)).unwrap();
    let operation = &document["paths"]["/notes"]["post"];
    assert_eq!(operation["operationId"], "requireMfa");
    assert!(operation["responses"]["409"]["content"]["application/problem+json"].is_object(), "{operation}");
    assert_eq!(document["components"]["schemas"]["NewNote"]["properties"]["text"]["maxLength"], 200);
}
