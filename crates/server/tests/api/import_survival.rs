//! Imports survive processes that are killed at any moment and a database that is temporarily unavailable.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use haat_test_support::{Client, Fixture, Proxy, TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::jobs::LONG_CONNECT_TIMEOUT;
use crate::support::Server;

/// Rows of the file.
const ROWS: usize = 100_000;

/// The number of times the process is killed.
const KILLS: usize = 20;

/// A random number generator with a new seed for each run, which is printed when the test fails.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        println!("seed {}", now.as_secs());
        Self(now.as_secs())
    }

    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// New retailers, existing ones with new names, invalid rows, and repeated uids.
fn file() -> String {
    let mut file = "uid,name,phone,region,area,territory,points\n".to_owned();
    for number in 0..ROWS {
        let (uid, phone) = (number % (ROWS - 500), if number % 997 == 0 { "12" } else { "01711223344" });
        let territory = if number % 1_009 == 0 { "Nowhere" } else { "Kaliganj" };
        writeln!(file, "K-{uid},Shop {number},{phone},Dhaka,Gazipur,{territory},{}", number % 7).unwrap();
    }
    file
}

/// A database in which every third retailer of the file exists already.
async fn database_with_retailers() -> (TestDatabase, Client) {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let owner = database.owner().await;
    let retailers = format!(
        "INSERT INTO retailers (tenant_id, uid, name, phone, region_id, area_id, territory_id, points, search_key) \
         SELECT 1, 'K-' || n, 'Shop ' || n, '+8801711223344', region_id, area_id, territory_id, n % 7, \
         'shop ' || n || E'\\nk-' || n || E'\\n8801711223344' \
         FROM generate_series(0, {ROWS}, 3) AS n, (SELECT * FROM retailers WHERE tenant_id = 1 LIMIT 1) AS r"
    );
    owner.batch_execute(&retailers).await.unwrap();
    (database, owner)
}

async fn upload(server: &Server) -> Value {
    let token = server.token("default", "admin").await;
    let request = server.request(Method::POST, "/admin/retailers/import?duplicates=last").bearer_auth(token);
    let response = request.header("content-type", "text/csv").body(file()).send().await.unwrap();
    assert_eq!(response.status(), 202);
    response.json::<Value>().await.unwrap()["id"].clone()
}

async fn ended(server: &Server, id: &Value) -> Value {
    let token = server.token("default", "admin").await;
    let started = Instant::now();
    loop {
        let request = server.get(&format!("/admin/retailers/imports/{id}")).bearer_auth(&token);
        let import: Value = request.send().await.unwrap().json().await.unwrap();
        // Just after an outage of the database, the request may still fail.
        let state = import["state"].as_str();
        if state.is_some_and(|state| !["QUEUED", "VALIDATING", "APPLYING"].contains(&state)) {
            return import;
        }
        assert!(started.elapsed() < Duration::from_mins(5), "{import}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Everything that an import writes, without the ids and times that differ between runs.
async fn written(owner: &Client) -> Vec<String> {
    let mut all = Vec::new();
    for statement in [
        "SELECT concat_ws('|', uid, name, phone, points, version, search_key, deleted_at) FROM retailers \
         WHERE tenant_id = 1 ORDER BY uid",
        "SELECT concat_ws('|', entity_id, action, before, after - 'territory' - 'area' - 'region') FROM audit_logs \
         WHERE entity = 'retailer' ORDER BY entity_id, id",
        "SELECT concat_ws('|', row_no, field, code, value) FROM import_errors ORDER BY row_no, field, code",
        "SELECT concat_ws('|', state, rows_total, rows_created, rows_updated, rows_unchanged, rows_failed) FROM imports",
        "SELECT concat_ws('|', r.uid, c.version) FROM retailer_changes c JOIN retailers r ON r.id = c.retailer_id ORDER BY 1",
        "SELECT concat_ws('|', r.uid, c.kind) FROM changes c JOIN retailers r ON r.id = c.entity_id ORDER BY 1",
        "SELECT concat_ws('|', word, prefix) FROM retailer_words WHERE tenant_id = 1 ORDER BY 1",
        "SELECT word FROM retailer_vocabulary WHERE tenant_id = 1 ORDER BY 1",
        "SELECT concat_ws('|', pair, prefix) FROM retailer_pairs WHERE tenant_id = 1 ORDER BY 1",
        "SELECT pair FROM retailer_pair_vocabulary WHERE tenant_id = 1 ORDER BY 1",
        "SELECT concat('staged ', count(*)) FROM import_rows",
        "SELECT concat(kind, counts) FROM batches ORDER BY id",
    ] {
        let rows = owner.query(statement, &[]).await.unwrap();
        all.extend(rows.iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default()));
    }
    all
}

/// The number of the current attempt of the job, and `true` if the job has ended.
async fn attempt(owner: &Client) -> (i32, bool) {
    let row = owner.query_one("SELECT attempts, state FROM jobs WHERE schedule IS NULL", &[]).await.unwrap();
    (row.get(0), row.get::<_, &str>(1) != "running" && row.get::<_, &str>(1) != "queued")
}

/// The sum of the rows staged and the rows applied.
async fn progress(owner: &Client) -> i64 {
    let rows = "SELECT staged_to + applied_to FROM imports";
    owner.query_one(rows, &[]).await.unwrap().get(0)
}

async fn assert_counts_add_up(owner: &Client) {
    let counts_add_up =
        "SELECT applied_to = rows_created + rows_updated + rows_unchanged + rows_failed FROM imports";
    assert!(owner.query_one(counts_add_up, &[]).await.unwrap().get::<_, bool>(0));
}

/// Everything written by an import that is not interrupted.
async fn uninterrupted() -> Vec<String> {
    let (database, owner) = database_with_retailers().await;
    let server = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    let id = upload(&server).await;
    let import = ended(&server, &id).await;
    assert_eq!((&import["state"], &import["rows"]["total"]), (&json!("PARTIAL"), &json!(ROWS)));
    assert_eq!(import["rows"]["processed"], ROWS);
    written(&owner).await
}

/// Asserts equality but reports only the first difference.
fn assert_same(expected: &[String], actual: &[String]) {
    let differs = expected.iter().zip(actual).find(|(expected, actual)| expected != actual);
    assert_eq!((differs, expected.len()), (None, actual.len()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: make test-long"]
async fn import_killed_at_twenty_points_writes_the_same_as_an_uninterrupted_one() {
    let expected = uninterrupted().await;
    let ((database, owner), mut dice) = (database_with_retailers().await, Dice::new());
    let mut server = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    let id = upload(&server).await;
    // Anywhere between the first row staged and the last row applied.
    let mut points: Vec<i64> =
        (0..KILLS).map(|_| i64::try_from(dice.below(2 * ROWS as u64 - 10_000)).unwrap()).collect();
    points.sort_unstable();
    let mut last = 0;
    for (kill, point) in points.iter().enumerate() {
        // A new attempt has started and has made progress up to the point.
        let started = Instant::now();
        while attempt(&owner).await.0 == last {
            assert!(started.elapsed() < Duration::from_mins(1), "no new attempt after kill {kill}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        while progress(&owner).await < *point {
            assert!(started.elapsed() < Duration::from_mins(1), "no progress after kill {kill}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(dice.below(100))).await;
        server.signal("KILL");
        server.wait();
        let (number, has_ended) = attempt(&owner).await;
        assert!(!has_ended, "the job ended before kill {kill}");
        last = number;
        println!("kill {kill}: {}", progress(&owner).await);
        assert_counts_add_up(&owner).await;
        server = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    }
    let import = ended(&server, &id).await;
    assert_eq!(import["rows"]["processed"], ROWS);
    assert_same(&expected, &written(&owner).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: make test-long"]
async fn import_continues_after_database_outages() {
    let expected = uninterrupted().await;
    let ((database, owner), mut dice) = (database_with_retailers().await, Dice::new());
    let proxy = Proxy::new(&database.app_url()).await;
    let server = Server::start(&proxy.through(&database.app_url()), &[LONG_CONNECT_TIMEOUT]);
    let id = upload(&server).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(300 + dice.below(1_500))).await;
        proxy.take_down();
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_counts_add_up(&owner).await;
        proxy.bring_up();
    }
    let started = Instant::now();
    while server.get("/health/ready").send().await.unwrap().status() != 200 {
        assert!(started.elapsed() < Duration::from_secs(30), "the server does not become ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let import = ended(&server, &id).await;
    assert_eq!(import["rows"]["processed"], ROWS);
    assert_same(&expected, &written(&owner).await);
}
