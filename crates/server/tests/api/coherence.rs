//! Concurrent reads and changes through two processes with one database and an unreliable Redis. Every read is
//! checked against the order of the changes: a change acknowledged before the read began must be visible, immediately
//! through the same process and within 100 ms through the other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use haat_test_support::{Fixture, RedisServer, TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Server;

/// The guarantee of 100 ms for other processes, with a tolerance of five times that.
const DELAY: Duration = Duration::from_millis(5 * 100);

/// The `through` of a change made directly in the database.
const DATABASE: usize = 9;

/// One version of a value: when its change began, when it was acknowledged (`None`: not yet), and the process that
/// made it.
struct Version {
    begun: Instant,
    acknowledged: Option<Instant>,
    through: usize,
}

/// The versions of one value, changed one at a time. Version 0 is the initial value.
#[derive(Clone)]
struct History(Arc<Mutex<Vec<Version>>>);

impl History {
    fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(vec![Version { begun: now, acknowledged: Some(now), through: DATABASE }])))
    }

    /// Begins a version and returns its number.
    fn begin(&self, through: usize) -> usize {
        let mut versions = self.0.lock().unwrap();
        versions.push(Version { begun: Instant::now(), acknowledged: None, through });
        versions.len() - 1
    }

    fn acknowledge(&self, number: usize) {
        self.0.lock().unwrap()[number].acknowledged = Some(Instant::now());
    }

    /// The versions that a read through a process between `begun` and `ended` may return.
    fn allowed_for_read(
        &self,
        through: usize,
        begun: Instant,
        ended: Instant,
    ) -> std::ops::RangeInclusive<usize> {
        self.versions(begun, ended, |version| if version.through == through { Duration::ZERO } else { DELAY })
    }

    /// The versions that a write between `begun` and `ended` may use. Writes always use the current state.
    fn allowed_for_write(&self, begun: Instant, ended: Instant) -> std::ops::RangeInclusive<usize> {
        self.versions(begun, ended, |_| Duration::ZERO)
    }

    /// The range from the last version acknowledged `delay` or more before `begun` to the last begun before `ended`.
    fn versions(
        &self,
        begun: Instant,
        ended: Instant,
        delay: impl Fn(&Version) -> Duration,
    ) -> std::ops::RangeInclusive<usize> {
        let versions = self.0.lock().unwrap();
        let visible =
            |version: &Version| version.acknowledged.is_some_and(|time| time + delay(version) < begun);
        let first = versions.iter().rposition(visible).unwrap_or(0);
        let last = versions.iter().rposition(|version| version.begun <= ended).unwrap_or(0);
        first..=last
    }
}

struct World {
    servers: [Server; 2],
    tokens: [String; 4],
    /// Points of RTL-0001, which `sr00001` serves.
    points: History,
    /// Notes of RTL-0004, which both sales reps serve.
    notes: History,
    /// The assignment of RTL-0006 to `sr00002`, which exists at odd versions.
    served: History,
    /// The state of `sr00003`, who is active at even versions.
    active: History,
    stop: AtomicBool,
    reads: AtomicUsize,
    changes: AtomicUsize,
}

const ADMIN: usize = 0;
const REP: usize = 1;
const OTHER: usize = 2;
const THIRD: usize = 3;

impl World {
    fn running(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    async fn send(
        &self,
        through: usize,
        caller: usize,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut request = self.servers[through].request(method, path).bearer_auth(&self.tokens[caller]);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        assert!(status < 500, "{path}: {status}");
        (status, response.json().await.unwrap_or_default())
    }

    async fn change_points(&self) {
        for round in 1.. {
            let through = round % 2;
            let number = self.points.begin(through);
            let body = json!({"points": number});
            assert_eq!(
                self.send(through, REP, Method::PATCH, "/retailers/RTL-0001", Some(&body)).await.0,
                200
            );
            self.points.acknowledge(number);
            self.changes.fetch_add(1, Ordering::Relaxed);
            if !self.running() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    async fn change_notes(&self) {
        for round in 1.. {
            let through = round / 3 % 2;
            let number = self.notes.begin(through);
            let body = json!({"notes": number.to_string()});
            assert_eq!(
                self.send(through, REP, Method::PATCH, "/retailers/RTL-0004", Some(&body)).await.0,
                200
            );
            self.notes.acknowledge(number);
            self.changes.fetch_add(1, Ordering::Relaxed);
            if !self.running() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(11)).await;
        }
    }

    async fn assign_and_unassign(&self) {
        let body = json!({"assignments": [{"salesRep": "sr00002", "retailers": ["RTL-0006"]}]});
        for round in 1.. {
            let through = round / 2 % 2;
            let number = self.served.begin(through);
            let path =
                if number % 2 == 1 { "/admin/assignments/bulk" } else { "/admin/assignments/bulk-unassign" };
            let (status, result) = self.send(through, ADMIN, Method::POST, path, Some(&body)).await;
            assert_eq!(status, 200);
            assert!(result["assigned"] == 1 || result["unassigned"] == 1, "{result}");
            self.served.acknowledge(number);
            self.changes.fetch_add(1, Ordering::Relaxed);
            if !self.running() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    async fn disable_and_enable(&self, owner: haat_test_support::Client) {
        for number in 1.. {
            if number % 2 == 1 && !self.running() {
                return;
            }
            assert_eq!(self.active.begin(DATABASE), number);
            let state = if number % 2 == 1 { "disabled" } else { "active" };
            let statement = format!("UPDATE users SET state = '{state}' WHERE username = 'sr00003'");
            owner.batch_execute(&statement).await.unwrap();
            self.active.acknowledge(number);
            tokio::time::sleep(Duration::from_millis(if number % 2 == 1 { 120 } else { 900 })).await;
        }
    }

    /// Reads one value after the other through one process until the end of the race.
    async fn read(&self, through: usize) {
        let check = |history: &History, seen: usize, begun: Instant, what: &str| {
            let allowed = history.allowed_for_read(through, begun, Instant::now());
            assert!(allowed.contains(&seen), "{what} through {through}: {seen} is not in {allowed:?}");
        };
        for round in 0_usize.. {
            if !self.running() {
                return;
            }
            let begun = Instant::now();
            match round % 6 {
                0 => {
                    let (status, retailer) =
                        self.send(through, REP, Method::GET, "/retailers/RTL-0001", None).await;
                    assert_eq!(status, 200);
                    let seen = usize::try_from(retailer["points"].as_u64().unwrap()).unwrap();
                    check(&self.points, seen, begun, "points in the detail");
                }
                1 => {
                    let (_, page) = self.send(through, REP, Method::GET, "/retailers?sort=uid", None).await;
                    let seen = usize::try_from(page["data"][0]["points"].as_u64().unwrap()).unwrap();
                    check(&self.points, seen, begun, "points in the list");
                }
                2 => {
                    let (status, page) =
                        self.send(through, OTHER, Method::GET, "/retailers?q=rtl", None).await;
                    assert_eq!(status, 200);
                    let retailers = page["data"].as_array().unwrap();
                    let served = retailers.iter().any(|retailer| retailer["uid"] == "RTL-0006");
                    let allowed = self.served.allowed_for_read(through, begun, Instant::now());
                    let matches = allowed.clone().any(|version| (version % 2 == 1) == served);
                    assert!(matches, "served: {served} through {through}, in {allowed:?}");
                    let shared = retailers.iter().find(|retailer| retailer["uid"] == "RTL-0004").unwrap();
                    let seen = shared["notes"].as_str().map_or(0, |notes| notes.parse().unwrap());
                    check(&self.notes, seen, begun, "notes of a shared retailer");
                }
                5 => {
                    let (status, _) = self.send(through, THIRD, Method::GET, "/retailers", None).await;
                    let allowed = self.active.allowed_for_read(through, begun, Instant::now());
                    let matches = allowed.clone().any(|version| version % 2 == usize::from(status == 401));
                    assert!(matches, "active: {status} through {through}, in {allowed:?}");
                }
                3 => {
                    let (status, _) =
                        self.send(through, OTHER, Method::GET, "/retailers/RTL-0006?fields=uid", None).await;
                    let allowed = self.served.allowed_for_read(through, begun, Instant::now());
                    let matches = allowed.clone().any(|version| (version % 2 == 1) == (status == 200));
                    assert!(matches, "{status} through {through}, in {allowed:?}");
                }
                _ => {
                    // A write uses the current state, not the state of 100 ms ago.
                    let body = json!({"points": 7});
                    let (status, _) =
                        self.send(through, OTHER, Method::PATCH, "/retailers/RTL-0006", Some(&body)).await;
                    let allowed = self.served.allowed_for_write(begun, Instant::now());
                    let matches = allowed.clone().any(|version| (version % 2 == 1) == (status == 200));
                    assert!(matches, "a write: {status} through {through}, in {allowed:?}");
                }
            }
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Disturbs Redis in the way chosen by `round`.
fn disturb(redis: &mut RedisServer, round: usize) {
    match round % 8 {
        0 => redis.pause(),
        2 => redis.send("FLUSHALL"),
        3 => redis.kill(),
        4 => redis.restart(),
        5 => redis.send("CONFIG SET maxmemory 1"),
        6 => redis.send("CONFIG SET maxmemory 0"),
        _ => redis.resume(),
    }
}

async fn race(duration: Duration) {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    database
        .owner()
        .await
        .batch_execute("UPDATE retailers SET points = 0, notes = NULL; \
             INSERT INTO users (tenant_id, username, name, password_hash, role) \
                 SELECT tenant_id, 'sr00003', name, password_hash, role FROM users WHERE username = 'sr00001'; \
             INSERT INTO sales_reps (tenant_id, id) SELECT tenant_id, id FROM users WHERE username = 'sr00003'")
        .await
        .unwrap();
    let mut redis = RedisServer::start();
    let url = redis.url();
    let server = || {
        Server::start(
            &database.app_url(),
            &[
                ("REDIS_URL", url.as_str()),
                ("HAAT_DATABASE_POOL", "8"),
                // A machine that runs many tests at once opens connections slowly; this test is not about that.
                ("HAAT_DATABASE_CONNECT_TIMEOUT_MS", "5000"),
                ("HAAT_LOG", "error"),
            ],
        )
    };
    let servers = [server(), server()];
    let mut tokens = Vec::new();
    for username in ["admin", "sr00001", "sr00002", "sr00003"] {
        tokens.push(servers[0].token("default", username).await);
    }
    let world = Arc::new(World {
        servers,
        tokens: tokens.try_into().unwrap(),
        points: History::new(),
        notes: History::new(),
        served: History::new(),
        active: History::new(),
        stop: AtomicBool::new(false),
        reads: AtomicUsize::new(0),
        changes: AtomicUsize::new(0),
    });
    let mut tasks = tokio::task::JoinSet::new();
    for through in [0, 1, 0, 1, 0, 1] {
        let world = world.clone();
        tasks.spawn(async move { world.read(through).await });
    }
    let [a, b, c, d] = [world.clone(), world.clone(), world.clone(), world.clone()];
    let owner = database.owner().await;
    tasks.spawn(async move { a.change_points().await });
    tasks.spawn(async move { b.change_notes().await });
    tasks.spawn(async move { c.assign_and_unassign().await });
    tasks.spawn(async move { d.disable_and_enable(owner).await });
    let started = Instant::now();
    let mut round = 0;
    while started.elapsed() < duration {
        tokio::time::sleep(Duration::from_millis(170)).await;
        if let Some(ended) = tasks.try_join_next() {
            ended.unwrap();
            panic!("a task ended early");
        }
        disturb(&mut redis, round);
        round += 1;
    }
    world.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let (reads, changes) = (world.reads.load(Ordering::Relaxed), world.changes.load(Ordering::Relaxed));
    println!("{reads} reads, {changes} changes, {round} rounds of Redis disturbances");
    assert!(
        reads > 1_000 && changes > 100,
        "{reads} reads, {changes} changes: too few for a meaningful test"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_meet_the_freshness_guarantee_while_redis_fails() {
    race(Duration::from_secs(8)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: make test-long"]
async fn reads_meet_the_freshness_guarantee_for_a_minute() {
    race(Duration::from_mins(1)).await;
}
