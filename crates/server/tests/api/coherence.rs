//! Two processes, one database, a Redis that cannot be relied on, and everybody at once. Every answer is checked
//! against the order of what was changed: what was acknowledged before a read began must be in it, at once through the
//! same process and within 100 ms through the other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use haat_test_support::{Fixture, RedisServer, TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Server;

/// Promised through another process, with five times as much allowed.
const DELAY: Duration = Duration::from_millis(5 * 100);

/// Who made a change: a process, or somebody at the database.
const NOBODY: usize = 9;

/// One step in the life of a thing: begun, acknowledged (not yet: later than anything), and through which process.
struct Step {
    begun: Instant,
    acknowledged: Option<Instant>,
    through: usize,
}

/// The life of one thing that goes from step to step, one at a time. Step 0 is how it was at the beginning.
#[derive(Clone)]
struct Life(Arc<Mutex<Vec<Step>>>);

impl Life {
    fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(vec![Step { begun: now, acknowledged: Some(now), through: NOBODY }])))
    }

    /// The number of the step that begins now.
    fn begin(&self, through: usize) -> usize {
        let mut steps = self.0.lock().unwrap();
        steps.push(Step { begun: Instant::now(), acknowledged: None, through });
        steps.len() - 1
    }

    fn acknowledge(&self, number: usize) {
        self.0.lock().unwrap()[number].acknowledged = Some(Instant::now());
    }

    /// The steps that a read through a process, between two moments, may have seen.
    fn may_be_seen(&self, through: usize, begun: Instant, ended: Instant) -> std::ops::RangeInclusive<usize> {
        self.steps(begun, ended, |step| if step.through == through { Duration::ZERO } else { DELAY })
    }

    /// The steps that a write between two moments may have met: it goes by what is so at that moment.
    fn may_be_met(&self, begun: Instant, ended: Instant) -> std::ops::RangeInclusive<usize> {
        self.steps(begun, ended, |_| Duration::ZERO)
    }

    /// From the last step that was acknowledged long enough before `begun`, to the last that began before `ended`.
    fn steps(
        &self,
        begun: Instant,
        ended: Instant,
        delay: impl Fn(&Step) -> Duration,
    ) -> std::ops::RangeInclusive<usize> {
        let steps = self.0.lock().unwrap();
        let must = |step: &Step| step.acknowledged.is_some_and(|at| at + delay(step) < begun);
        let first = steps.iter().rposition(must).unwrap_or(0);
        let last = steps.iter().rposition(|step| step.begun <= ended).unwrap_or(0);
        first..=last
    }
}

struct World {
    servers: [Server; 2],
    tokens: [String; 4],
    /// Points of RTL-0001, which `sr00001` serves.
    points: Life,
    /// Notes of RTL-0004, which both serve.
    notes: Life,
    /// Whether `sr00002` serves RTL-0006: at odd steps.
    served: Life,
    /// Whether `sr00003` may act: at even steps.
    active: Life,
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
        who: usize,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut request = self.servers[through].request(method, path).bearer_auth(&self.tokens[who]);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        assert!(status < 500, "{path}: {status}");
        (status, response.json().await.unwrap_or_default())
    }

    async fn change_points(&self) {
        for turn in 1.. {
            let through = turn % 2;
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
        for turn in 1.. {
            let through = turn / 3 % 2;
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
        for turn in 1.. {
            let through = turn / 2 % 2;
            let number = self.served.begin(through);
            let path =
                if number % 2 == 1 { "/admin/assignments/bulk" } else { "/admin/assignments/bulk-unassign" };
            let (status, answer) = self.send(through, ADMIN, Method::POST, path, Some(&body)).await;
            assert_eq!(status, 200);
            assert!(answer["assigned"] == 1 || answer["unassigned"] == 1, "{answer}");
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
            assert_eq!(self.active.begin(NOBODY), number);
            let state = if number % 2 == 1 { "disabled" } else { "active" };
            let statement = format!("UPDATE users SET state = '{state}' WHERE username = 'sr00003'");
            owner.batch_execute(&statement).await.unwrap();
            self.active.acknowledge(number);
            tokio::time::sleep(Duration::from_millis(if number % 2 == 1 { 120 } else { 900 })).await;
        }
    }

    /// Reads one thing after the other, through one process, until it is over.
    async fn read(&self, through: usize) {
        let check = |life: &Life, seen: usize, begun: Instant, what: &str| {
            let allowed = life.may_be_seen(through, begun, Instant::now());
            assert!(allowed.contains(&seen), "{what} through {through}: {seen} is not in {allowed:?}");
        };
        for turn in 0_usize.. {
            if !self.running() {
                return;
            }
            let begun = Instant::now();
            match turn % 6 {
                0 => {
                    let (status, shop) =
                        self.send(through, REP, Method::GET, "/retailers/RTL-0001", None).await;
                    assert_eq!(status, 200);
                    let seen = usize::try_from(shop["points"].as_u64().unwrap()).unwrap();
                    check(&self.points, seen, begun, "points, in detail");
                }
                1 => {
                    let (_, page) = self.send(through, REP, Method::GET, "/retailers?sort=uid", None).await;
                    let seen = usize::try_from(page["data"][0]["points"].as_u64().unwrap()).unwrap();
                    check(&self.points, seen, begun, "points, in the list");
                }
                2 => {
                    let (status, page) =
                        self.send(through, OTHER, Method::GET, "/retailers?q=rtl", None).await;
                    assert_eq!(status, 200);
                    let shops = page["data"].as_array().unwrap();
                    let served = shops.iter().any(|shop| shop["uid"] == "RTL-0006");
                    let allowed = self.served.may_be_seen(through, begun, Instant::now());
                    let fits = allowed.clone().any(|step| (step % 2 == 1) == served);
                    assert!(fits, "served: {served} through {through}, in {allowed:?}");
                    let shared = shops.iter().find(|shop| shop["uid"] == "RTL-0004").unwrap();
                    let seen = shared["notes"].as_str().map_or(0, |notes| notes.parse().unwrap());
                    check(&self.notes, seen, begun, "notes of a shared shop");
                }
                5 => {
                    let (status, _) = self.send(through, THIRD, Method::GET, "/retailers", None).await;
                    let allowed = self.active.may_be_seen(through, begun, Instant::now());
                    let fits = allowed.clone().any(|step| step % 2 == usize::from(status == 401));
                    assert!(fits, "{status} to somebody through {through}, in {allowed:?}");
                }
                3 => {
                    let (status, _) =
                        self.send(through, OTHER, Method::GET, "/retailers/RTL-0006?fields=uid", None).await;
                    let allowed = self.served.may_be_seen(through, begun, Instant::now());
                    let fits = allowed.clone().any(|step| (step % 2 == 1) == (status == 200));
                    assert!(fits, "{status} through {through}, in {allowed:?}");
                }
                _ => {
                    // A write sees what is true now, not what was 100 ms ago.
                    let body = json!({"points": 7});
                    let (status, _) =
                        self.send(through, OTHER, Method::PATCH, "/retailers/RTL-0006", Some(&body)).await;
                    let allowed = self.served.may_be_met(begun, Instant::now());
                    let fits = allowed.clone().any(|step| (step % 2 == 1) == (status == 200));
                    assert!(fits, "a write: {status} through {through}, in {allowed:?}");
                }
            }
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What can become of a Redis.
fn torment(redis: &mut RedisServer, turn: usize) {
    match turn % 8 {
        0 => redis.pause(),
        2 => redis.say("FLUSHALL"),
        3 => redis.kill(),
        4 => redis.restart(),
        5 => redis.say("CONFIG SET maxmemory 1"),
        6 => redis.say("CONFIG SET maxmemory 0"),
        _ => redis.resume(),
    }
}

async fn race(lasting: Duration) {
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
                // A machine that runs many tests at once makes connections slowly; that is not what is tried here.
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
    let life = Life::new;
    let world = Arc::new(World {
        servers,
        tokens: tokens.try_into().unwrap(),
        points: life(),
        notes: life(),
        served: life(),
        active: life(),
        stop: AtomicBool::new(false),
        reads: AtomicUsize::new(0),
        changes: AtomicUsize::new(0),
    });
    let mut tasks = tokio::task::JoinSet::new();
    for through in [0, 1, 0, 1, 0, 1] {
        let world = world.clone();
        tasks.spawn(async move { world.read(through).await });
    }
    let all = [world.clone(), world.clone(), world.clone(), world.clone()];
    let [a, b, c, d] = all;
    let owner = database.owner().await;
    tasks.spawn(async move { a.change_points().await });
    tasks.spawn(async move { b.change_notes().await });
    tasks.spawn(async move { c.assign_and_unassign().await });
    tasks.spawn(async move { d.disable_and_enable(owner).await });
    let started = Instant::now();
    let mut turn = 0;
    while started.elapsed() < lasting {
        tokio::time::sleep(Duration::from_millis(170)).await;
        if let Some(ended) = tasks.try_join_next() {
            ended.unwrap();
            panic!("a task ended before its time");
        }
        torment(&mut redis, turn);
        turn += 1;
    }
    world.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let (reads, changes) = (world.reads.load(Ordering::Relaxed), world.changes.load(Ordering::Relaxed));
    println!("{reads} reads, {changes} changes, {turn} turns of Redis");
    assert!(reads > 1_000 && changes > 100, "{reads} reads, {changes} changes: too few to mean anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_new_as_promised_whatever_becomes_of_redis() {
    race(Duration::from_secs(8)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute of the same: make test-long"]
async fn every_answer_of_a_minute_is_as_new_as_promised() {
    race(Duration::from_mins(1)).await;
}
