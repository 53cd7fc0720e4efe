//! Changes of assignments are visible to the sales reps as soon as the admin receives the response, and in another
//! process at most half a second later.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, Server};

/// The guarantee of 100 ms for other processes, with a tolerance of five times that.
const DELAY: Duration = Duration::from_millis(500);

struct World {
    app: App,
    other: Server,
    admin: String,
    reps: [String; 2],
    points: AtomicU32,
}

impl World {
    async fn new() -> Self {
        let settings = [("HAAT_DATABASE_POOL", "8"), ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000")];
        let app = App::with(&settings).await;
        let other = Server::start(&app.database.app_url(), &settings);
        let admin = app.server.token("default", "admin").await;
        let first = app.server.token("default", "sr00001").await;
        let second = app.server.token("default", "sr00002").await;
        Self { app, other, admin, reps: [first, second], points: AtomicU32::new(1_000) }
    }

    async fn post_as_admin(&self, path: &str, body: &Value) -> Value {
        let request = self.app.server.request(Method::POST, path).bearer_auth(&self.admin);
        let request = if body.is_null() { request } else { request.json(body) };
        let response = request.send().await.unwrap();
        let status = response.status();
        let result: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {result}");
        result
    }

    async fn status(&self, server: &Server, rep: usize, method: Method, uid: &str) -> u16 {
        let request =
            server.request(method.clone(), &format!("/retailers/{uid}")).bearer_auth(&self.reps[rep]);
        // Always a new value, so that the patch writes.
        let points = self.points.fetch_add(1, Ordering::SeqCst);
        let request =
            if method == Method::PATCH { request.json(&json!({"points": points})) } else { request };
        request.send().await.unwrap().status().as_u16()
    }

    async fn list(&self, server: &Server, rep: usize) -> Vec<String> {
        let request = server.get("/retailers?sort=uid&limit=100").bearer_auth(&self.reps[rep]);
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        let uid = |retailer: &Value| retailer["uid"].as_str().unwrap().to_owned();
        page["data"].as_array().unwrap().iter().map(uid).collect()
    }

    /// Returns `true` if the lists and the single reads of both sales reps match `expected`.
    async fn matches(&self, server: &Server, expected: [&[&str]; 2]) -> bool {
        for (rep, retailers) in expected.into_iter().enumerate() {
            if self.list(server, rep).await != retailers {
                return false;
            }
            for number in 1..=6 {
                let uid = format!("RTL-{number:04}");
                let status = if retailers.contains(&uid.as_str()) { 200 } else { 404 };
                if self.status(server, rep, Method::GET, &uid).await != status {
                    return false;
                }
            }
        }
        true
    }

    /// Asserts reads and changes right after a response. This reads everything in both processes, so the caches are
    /// full when the next change is made.
    async fn assert_assigned(&self, change: &str, expected: [&[&str]; 2]) {
        let acknowledged = Instant::now();
        assert!(self.matches(&self.app.server, expected).await, "{change}: not immediately");
        while !self.matches(&self.other, expected).await {
            assert!(acknowledged.elapsed() < DELAY, "{change}: not in the other process");
        }
        for server in [&self.app.server, &self.other] {
            for (rep, retailers) in expected.into_iter().enumerate() {
                for number in 1..=6 {
                    let uid = format!("RTL-{number:04}");
                    let status = if retailers.contains(&uid.as_str()) { 200 } else { 404 };
                    assert_eq!(
                        self.status(server, rep, Method::PATCH, &uid).await,
                        status,
                        "{change}: {uid}"
                    );
                }
            }
        }
    }

    /// Asserts that only one sales rep can change a retailer, in both processes, because changes always use the
    /// current state.
    async fn assert_only_writer(&self, change: &str, uid: &str, allowed: usize) {
        for server in [&self.other, &self.app.server] {
            for rep in [0, 1] {
                let status = if rep == allowed { 200 } else { 404 };
                assert_eq!(
                    self.status(server, rep, Method::PATCH, uid).await,
                    status,
                    "{change}: {uid} by {rep}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_changes_are_visible_as_soon_as_they_are_acknowledged() {
    let world = World::new().await;
    let (first, second) =
        (["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004"].as_slice(), ["RTL-0004", "RTL-0005"].as_slice());
    world.assert_assigned("at first", [first, second]).await;

    let bulk = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00002", "retailers": ["RTL-0001", "RTL-0004"]}]});
    let moved = world.post_as_admin("/admin/assignments/bulk", &bulk).await;
    world.assert_only_writer("a move", "RTL-0001", 1).await;
    let after = [["RTL-0002", "RTL-0003"].as_slice(), ["RTL-0001", "RTL-0004", "RTL-0005"].as_slice()];
    world.assert_assigned("a move", after).await;

    let undo = format!("/admin/assignments/batches/{}/undo", moved["batchId"]);
    world.post_as_admin(&undo, &Value::Null).await;
    world.assert_only_writer("an undo", "RTL-0001", 0).await;
    world.assert_assigned("an undo", [first, second]).await;

    let all = json!({"from": "sr00001", "to": ["sr00002"]});
    let transferred = world.post_as_admin("/admin/assignments/transfer", &all).await;
    world.assert_only_writer("a transfer", "RTL-0003", 1).await;
    let everything = ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004", "RTL-0005"].as_slice();
    world.assert_assigned("a transfer", [&[], everything]).await;
    let undo = format!("/admin/assignments/batches/{}/undo", transferred["batchId"]);
    world.post_as_admin(&undo, &Value::Null).await;
    world.assert_assigned("an undone transfer", [first, second]).await;

    let plan = json!({"ifAssigned": "move", "assignments": [
        {"salesRep": "sr00001", "retailers": ["RTL-0005", "RTL-0006"]},
        {"salesRep": "sr00002", "retailers": ["RTL-0002"]}]});
    let plan = world.post_as_admin("/admin/assignments/plans", &plan).await;
    world.assert_assigned("a plan", [first, second]).await;
    let apply = format!("/admin/assignments/plans/{}/apply", plan["batchId"]);
    world.post_as_admin(&apply, &Value::Null).await;
    world.assert_only_writer("an applied plan", "RTL-0002", 1).await;
    let after = [
        ["RTL-0001", "RTL-0003", "RTL-0004", "RTL-0005", "RTL-0006"].as_slice(),
        ["RTL-0002", "RTL-0004"].as_slice(),
    ];
    world.assert_assigned("an applied plan", after).await;
    let undo = format!("/admin/assignments/batches/{}/undo", plan["batchId"]);
    world.post_as_admin(&undo, &Value::Null).await;
    world.assert_only_writer("an undone plan", "RTL-0002", 0).await;
    world.assert_assigned("an undone plan", [first, second]).await;
}
