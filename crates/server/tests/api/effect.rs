//! Whoever is given shops has them, and whoever loses them has them no more, as soon as the administrator is answered; in
//! another process half a second later at most.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Server};

/// Promised are 100 ms; as with every such promise, five times as much is allowed.
const ELSEWHERE: Duration = Duration::from_millis(500);

struct World {
    app: App,
    other: Server,
    admin: String,
    reps: [String; 2],
    points: AtomicU32,
}

impl World {
    async fn new() -> Self {
        let patient = [("HAAT_DATABASE_POOL", "8"), ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")];
        let app = App::with(&patient).await;
        let other = Server::start(&app.database.app_url(), &patient);
        let admin = app.server.token("default", "admin").await;
        let first = app.server.token("default", "sr00001").await;
        let second = app.server.token("default", "sr00002").await;
        Self { app, other, admin, reps: [first, second], points: AtomicU32::new(1_000) }
    }

    async fn order(&self, path: &str, body: &Value) -> Value {
        let request = self.app.server.request(Method::POST, path).bearer_auth(&self.admin);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    async fn status(&self, server: &Server, rep: usize, method: Method, uid: &str) -> u16 {
        let request =
            server.request(method.clone(), &format!("/retailers/{uid}")).bearer_auth(&self.reps[rep]);
        // Never the number that the shop has, so that something is written.
        let points = self.points.fetch_add(1, Ordering::SeqCst);
        let request =
            if method == Method::PATCH { request.json(&json!({"points": points})) } else { request };
        request.send().await.unwrap().status().as_u16()
    }

    async fn list(&self, server: &Server, rep: usize) -> Vec<String> {
        let request = server.get("/retailers?sort=uid&limit=100").bearer_auth(&self.reps[rep]);
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        let uid = |shop: &Value| shop["uid"].as_str().unwrap().to_owned();
        page["data"].as_array().unwrap().iter().map(uid).collect()
    }

    /// Whether the shops are what these two have, in their lists and one by one.
    async fn is_so(&self, server: &Server, expected: [&[&str]; 2]) -> bool {
        for (rep, shops) in expected.into_iter().enumerate() {
            if self.list(server, rep).await != shops {
                return false;
            }
            for number in 1..=6 {
                let uid = format!("RTL-{number:04}");
                let status = if shops.contains(&uid.as_str()) { 200 } else { 404 };
                if self.status(server, rep, Method::GET, &uid).await != status {
                    return false;
                }
            }
        }
        true
    }

    /// Checks it just after the answer. Everything is read everywhere by that, and so in every cache when the next
    /// change is made.
    async fn must_be(&self, what: &str, expected: [&[&str]; 2]) {
        let answered = Instant::now();
        assert!(self.is_so(&self.app.server, expected).await, "{what}: not at once");
        while !self.is_so(&self.other, expected).await {
            assert!(answered.elapsed() < ELSEWHERE, "{what}: not elsewhere");
        }
        for server in [&self.app.server, &self.other] {
            for (rep, shops) in expected.into_iter().enumerate() {
                for number in 1..=6 {
                    let uid = format!("RTL-{number:04}");
                    let status = if shops.contains(&uid.as_str()) { 200 } else { 404 };
                    assert_eq!(self.status(server, rep, Method::PATCH, &uid).await, status, "{what}: {uid}");
                }
            }
        }
    }

    /// A change goes by what is so now, in any process.
    async fn must_change(&self, what: &str, uid: &str, may: usize) {
        for server in [&self.other, &self.app.server] {
            for rep in [0, 1] {
                let status = if rep == may { 200 } else { 404 };
                assert_eq!(
                    self.status(server, rep, Method::PATCH, uid).await,
                    status,
                    "{what}: {uid} by {rep}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shops_are_with_whoever_has_them_as_soon_as_it_is_answered() {
    let world = World::new().await;
    let (first, second) =
        (["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004"].as_slice(), ["RTL-0004", "RTL-0005"].as_slice());
    world.must_be("at first", [first, second]).await;

    let bulk = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00002", "retailers": ["RTL-0001", "RTL-0004"]}]});
    let moved = world.order("/admin/assignments/bulk", &bulk).await;
    world.must_change("a move", "RTL-0001", 1).await;
    let after = [["RTL-0002", "RTL-0003"].as_slice(), ["RTL-0001", "RTL-0004", "RTL-0005"].as_slice()];
    world.must_be("a move", after).await;

    let undo = format!("/admin/assignments/batches/{}/undo", moved["batchId"]);
    world.order(&undo, &Value::Null).await;
    world.must_change("an undo", "RTL-0001", 0).await;
    world.must_be("an undo", [first, second]).await;

    let all = json!({"from": "sr00001", "to": ["sr00002"]});
    let transferred = world.order("/admin/assignments/transfer", &all).await;
    world.must_change("a transfer", "RTL-0003", 1).await;
    let everything = ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005"].as_slice();
    world.must_be("a transfer", [&[], everything]).await;
    let undo = format!("/admin/assignments/batches/{}/undo", transferred["batchId"]);
    world.order(&undo, &Value::Null).await;
    world.must_be("a transfer taken back", [first, second]).await;

    let plan = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00001", "retailers": ["RTL-0005", "RTL-0006"]},
        {"salesRep": "sr00002", "retailers": ["RTL-0002"]}]});
    let plan = world.order("/admin/assignments/plans", &plan).await;
    world.must_be("a plan", [first, second]).await;
    let apply = format!("/admin/assignments/plans/{}/apply", plan["batchId"]);
    world.order(&apply, &Value::Null).await;
    world.must_change("an applied plan", "RTL-0002", 1).await;
    let after = [
        ["RTL-0001", "RTL-0003", "RTL-0004", "RTL-0005", "RTL-0006"].as_slice(),
        ["RTL-0002", "RTL-0004"].as_slice(),
    ];
    world.must_be("an applied plan", after).await;
    let undo = format!("/admin/assignments/batches/{}/undo", plan["batchId"]);
    world.order(&undo, &Value::Null).await;
    world.must_change("an applied plan taken back", "RTL-0002", 0).await;
    world.must_be("an applied plan taken back", [first, second]).await;
}
