//! Schedules: each slot has one job, whatever happens to processes and to the clock.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use haat_application::job::TickSchedules;
use haat_domain::job::{Attempt, JobKind, JobQueue as _, Lane};
use haat_domain::schedule::{
    Missed, Schedule, ScheduleScope, ScheduleState, ScheduleStore as _, ScheduleTx, Schedules,
};
use haat_domain::shared::{BeginTransaction, TenantId, TimeZone};
use haat_persistence_core::{DatabaseConfig, PgDatabase};
use haat_test_support::{Dice, Fixture, TestDatabase, ahead};
use tokio_postgres::Client;

static KIND: JobKind = JobKind::new("test-scheduled", Lane::Prompt);

static HOURLY: Schedule = Schedule::new("test/hourly", &KIND, "0 * * * *", ScheduleScope::Company);

static SKIPPING: Schedule =
    Schedule { name: "test/skipping", missed: Missed::Skip { grace: Duration::from_mins(5) }, ..HOURLY };

static DAILY: Schedule = Schedule { name: "test/daily", cron: "0 0 * * *", ..HOURLY };

static MINUTELY: Schedule = Schedule { name: "test/minutely", cron: "* * * * *", ..HOURLY };

static SWEEP: Schedule =
    Schedule { name: "platform/sweep", cron: "30 6 * * *", scope: ScheduleScope::Platform, ..HOURLY };

/// Returns the database as it is seen by a process whose connections have this offset of the clock.
fn moved(url: &str, seconds: i64) -> PgDatabase {
    PgDatabase::new(&DatabaseConfig::new(ahead(url, seconds))).unwrap()
}

fn ticker(db: &PgDatabase, declared: &[&'static Schedule]) -> TickSchedules {
    let db = Arc::new(db.clone());
    TickSchedules::new(db.clone(), db, Arc::new(Schedules::new(declared).unwrap()))
}

struct World {
    database: TestDatabase,
    owner: Client,
    ours: TenantId,
    theirs: TenantId,
    declared: Vec<&'static Schedule>,
    /// Midnight UTC of the next day.
    midnight: DateTime<Utc>,
}

impl World {
    /// Two companies whose schedules exist since the midnight that comes next.
    async fn new(declared: &[&'static Schedule]) -> Self {
        let database = TestDatabase::new().await;
        let fixture = Fixture::new(&database).await;
        let owner = database.owner().await;
        let midnight = "SELECT date_trunc('day', now(), 'UTC') + interval '1 day'";
        let world = Self {
            ours: TenantId::new(fixture.ours.tenant),
            theirs: TenantId::new(fixture.theirs.tenant),
            midnight: owner.query_one(midnight, &[]).await.unwrap().get(0),
            database,
            owner,
            declared: declared.to_vec(),
        };
        let (db, _) = world.at("00:00").await;
        ticker(&db, declared).add_missing().await.unwrap();
        assert_eq!(world.tick("00:00").await, []);
        world
    }

    /// Returns the time of the next day, or that of a later one: `48:00` is two days later.
    fn time(&self, time: &str) -> DateTime<Utc> {
        let (hours, minutes) = time.split_once(':').unwrap();
        self.midnight
            + TimeDelta::hours(hours.parse().unwrap())
            + TimeDelta::minutes(minutes.parse().unwrap())
    }

    /// Returns the database with its clock at a time, and the offset in seconds.
    async fn at(&self, time: &str) -> (PgDatabase, i64) {
        let now: DateTime<Utc> = self.owner.query_one("SELECT now()", &[]).await.unwrap().get(0);
        let offset = (self.time(time) - now).num_seconds() + 1;
        (moved(&self.database.app_url(), offset), offset)
    }

    /// Ticks at a time, and returns the number of slots by schedule and outcome.
    async fn tick(&self, time: &str) -> Vec<(&'static str, &'static str, i32)> {
        let (db, _) = self.at(time).await;
        let mut slots = BTreeMap::new();
        for ticked in ticker(&db, &self.declared).tick().await.unwrap() {
            *slots.entry((ticked.name, ticked.outcome.as_str())).or_default() += ticked.slots;
        }
        slots.into_iter().map(|((name, outcome), slots)| (name, outcome, slots)).collect()
    }

    /// Returns the jobs of a tenant: schedule, slot and number of missed slots.
    async fn jobs(&self, tenant: TenantId) -> Vec<(String, Option<DateTime<Utc>>, i32)> {
        let jobs = "SELECT schedule, slot, missed_slots FROM jobs WHERE tenant_id = $1 ORDER BY id";
        let rows = self.owner.query(jobs, &[&tenant.get()]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
    }

    async fn end_jobs(&self) {
        self.owner.batch_execute("UPDATE jobs SET state = 'succeeded', finished_at = now()").await.unwrap();
    }

    async fn state(&self, tenant: TenantId, name: &str) -> ScheduleState {
        let (db, _) = self.at("00:00").await;
        db.list(tenant).await.unwrap().into_iter().find(|state| state.name == name).unwrap()
    }
}

async fn begin(db: &PgDatabase) -> Box<dyn ScheduleTx> {
    BeginTransaction::<dyn ScheduleTx>::begin(db).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_has_its_slots() {
    let world = World::new(&[&HOURLY, &SWEEP]).await;
    assert_eq!(world.database.number("SELECT count(*) FROM schedules").await, 3);
    assert_eq!(world.tick("00:59").await, []);
    assert_eq!(world.tick("01:00").await, [("test/hourly", "enqueued", 2)]);
    assert_eq!(world.tick("01:30").await, []);
    world.end_jobs().await;
    // 06:30 in UTC, not in the time zone of any company.
    let six =
        [("platform/sweep", "enqueued", 1), ("test/hourly", "enqueued", 2), ("test/hourly", "missed", 8)];
    assert_eq!(world.tick("06:30").await, six);
    let hourly = |slot: &str, missed| ("test/hourly".to_owned(), Some(world.time(slot)), missed);
    assert_eq!(world.jobs(world.ours).await, [hourly("01:00", 0), hourly("06:00", 4)]);
    assert_eq!(world.jobs(world.theirs).await, [hourly("01:00", 0), hourly("06:00", 4)]);
    let state = world.state(world.ours, "platform/sweep").await;
    assert_eq!((state.scope, state.last_slot), (ScheduleScope::Platform, Some(world.time("06:30"))));
    assert!(state.last_job.is_some());

    // A new tenant starts now; a closed one has no slots until it is reopened.
    let change = "INSERT INTO tenants (slug, name) VALUES ('new', 'New'); UPDATE tenants SET state = 'closed' WHERE id = $";
    world.owner.batch_execute(&change.replace('$', &world.theirs.to_string())).await.unwrap();
    let (db, _) = world.at("06:40").await;
    ticker(&db, &world.declared).add_missing().await.unwrap();
    world.end_jobs().await;
    assert_eq!(world.tick("07:00").await, [("test/hourly", "enqueued", 2)]);
    assert_eq!(world.jobs(world.theirs).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_companies_are_spread() {
    let world = World::new(&[&HOURLY]).await;
    world.tick("01:00").await;
    let delays = "SELECT (extract(epoch FROM run_at - slot) * 1000)::bigint FROM jobs ORDER BY tenant_id";
    let rows = world.owner.query(delays, &[]).await.unwrap();
    let delays: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    let expected = [world.ours, world.theirs].map(|tenant| tenant.get() * 100 % 200);
    assert_eq!(delays, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_without_a_process_are_caught_up_as_declared() {
    let world = World::new(&[&HOURLY, &SKIPPING]).await;
    world.tick("01:00").await;
    world.end_jobs().await;
    let expected =
        [("test/hourly", "enqueued", 2), ("test/hourly", "missed", 8), ("test/skipping", "dropped", 10)];
    assert_eq!(world.tick("06:30").await, expected);
    // The dropped slots are decided.
    world.end_jobs().await;
    assert_eq!(world.tick("07:00").await, [("test/hourly", "enqueued", 2), ("test/skipping", "enqueued", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_takes_the_days_of_three_midnights() {
    let world = World::new(&[&DAILY]).await;
    // Midnight in Dhaka is 18:00 in UTC.
    assert_eq!(world.tick("66:30").await, [("test/daily", "enqueued", 2), ("test/daily", "missed", 4)]);
    let (db, _) = world.at("66:40").await;
    let attempt: Attempt = db.claim(Lane::Prompt, &[&KIND]).await.unwrap().unwrap().attempt;
    let scheduled = attempt.scheduled.unwrap();
    assert_eq!((scheduled.slot, scheduled.missed), (Some(world.time("66:00")), 2));
    let done = world.midnight.date_naive().pred_opt().unwrap();
    let days: Vec<NaiveDate> = TimeZone::DHAKA.ended_days(done, scheduled.slot.unwrap()).collect();
    assert_eq!(days, done.iter_days().skip(1).take(3).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_skipped_while_the_previous_job_has_not_ended() {
    let world = World::new(&[&HOURLY]).await;
    world.tick("01:00").await;
    assert_eq!(world.tick("02:00").await, [("test/hourly", "skipped", 2)]);
    assert_eq!(world.state(world.ours, "test/hourly").await.last_slot, Some(world.time("01:00")));
    world.end_jobs().await;
    assert_eq!(world.tick("02:30").await, []);
    assert_eq!(world.tick("03:00").await, [("test/hourly", "enqueued", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_schedule_makes_up_no_slot() {
    let world = World::new(&[&HOURLY]).await;
    let set = async |time: &str, enabled| {
        let (db, _) = world.at(time).await;
        let mut tx = begin(&db).await;
        assert!(tx.schedules().lock(world.ours, "test/hourly").await.unwrap().unwrap().enabled != enabled);
        assert_eq!(tx.schedules().lock(world.ours, "test/weekly").await.unwrap(), None);
        tx.schedules().set_enabled(world.ours, "test/hourly", enabled).await.unwrap();
        tx.commit().await.unwrap();
    };
    set("00:10", false).await;
    assert_eq!(world.tick("05:00").await, [("test/hourly", "enqueued", 1), ("test/hourly", "missed", 4)]);
    assert_eq!(world.jobs(world.ours).await, []);
    set("05:30", true).await;
    world.end_jobs().await;
    assert_eq!(world.tick("05:31").await, []);
    assert_eq!(world.tick("06:00").await, [("test/hourly", "enqueued", 2)]);
    assert_eq!(world.state(world.ours, "test/hourly").await.version, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_time_zone_moves_the_next_slot_and_fires_nothing() {
    let world = World::new(&[&DAILY]).await;
    let zone = async |name: &str, offset: i64| {
        let client = world.database.owner().await;
        let change = "SET haat.clock_offset = '@s'; UPDATE tenants SET time_zone = '$' WHERE id = #";
        let change =
            change.replace('@', &offset.to_string()).replace('$', name).replace('#', &world.ours.to_string());
        client.batch_execute(&change).await.unwrap();
    };
    // Midnight in Dhaka has passed in Tokyo (15:00 in UTC), and comes later in London.
    let (_, offset) = world.at("17:00").await;
    zone("Asia/Tokyo", offset).await;
    assert_eq!(world.tick("17:01").await, []);
    zone("UTC", offset).await;
    assert_eq!(world.tick("18:00").await, [("test/daily", "enqueued", 1)]);
    assert_eq!(world.jobs(world.ours).await, []);
    assert_eq!(world.tick("24:00").await, [("test/daily", "enqueued", 1)]);
    assert_eq!(world.jobs(world.ours).await, [("test/daily".to_owned(), Some(world.time("24:00")), 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_fails_halfway_decides_nothing() {
    let world = World::new(&[&HOURLY]).await;
    let (db, _) = world.at("01:00").await;
    let mut tx = begin(&db).await;
    assert_eq!(tx.schedules().due(&["test/hourly"], 100).await.unwrap().rows.len(), 2);
    // Another process does not wait for it.
    assert_eq!(world.tick("01:00").await, []);
    drop(tx);
    assert_eq!(world.tick("01:01").await, [("test/hourly", "enqueued", 2)]);
}

/// A process that only ticks, started by [`each_slot_has_one_job`]: `HAAT_TEST_TICKS` is the URL of the database and the name of the
/// file with the offset of the clock, in seconds.
#[ignore = "the process of another test"]
#[tokio::test]
async fn ticking_process() {
    let settings = std::env::var("HAAT_TEST_TICKS").expect("started by another test");
    let (url, clock) = settings.split_once(' ').unwrap();
    let mut current = None;
    loop {
        let offset: Option<i64> = std::fs::read_to_string(clock).unwrap().parse().ok();
        if let Some(offset) = offset
            && current.as_ref().is_none_or(|(known, _)| *known != offset)
        {
            current = Some((offset, ticker(&moved(url, offset), &[&MINUTELY])));
        }
        if let Some((_, ticker)) = &current {
            // A killed process may have left its transaction open for a moment.
            let _ = ticker.tick().await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A killed process.
struct Ticking(Child);

impl Ticking {
    fn start(url: &str, clock: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "schedules::ticking_process", "--ignored"])
            .env("HAAT_TEST_TICKS", format!("{url} {}", clock.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Runs three processes and kills one of them at a random moment of each slot.
async fn each_slot_has_one_job(slots: i64) {
    let world = World::new(&[&MINUTELY]).await;
    let tenants =
        "INSERT INTO tenants (slug, name) SELECT 'many-' || n, 'Many' FROM generate_series(1, 48) AS n";
    world.owner.batch_execute(tenants).await.unwrap();
    let (db, _) = world.at("00:00").await;
    ticker(&db, &[&MINUTELY]).add_missing().await.unwrap();
    let clock = std::env::temp_dir().join(format!("haat-clock-{}", std::process::id()));
    std::fs::write(&clock, "").unwrap();
    let url = world.database.app_url();
    let mut processes = [(); 3].map(|()| Ticking::start(&url, &clock));
    let mut dice = Dice::new(slots.unsigned_abs());
    for slot in 1..=slots {
        let (_, offset) = world.at(&format!("00:{slot}")).await;
        std::fs::write(&clock, offset.to_string()).unwrap();
        tokio::time::sleep(Duration::from_millis(dice.between(0, 60).unsigned_abs())).await;
        processes[usize::try_from(slot).unwrap() % 3] = Ticking::start(&url, &clock);
        let (started, made) = (Instant::now(), "SELECT count(*) FROM jobs WHERE state = 'queued'");
        while world.database.number(made).await < 50 {
            assert!(started.elapsed() < Duration::from_secs(20), "slot {slot}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.end_jobs().await;
    }
    drop(processes);
    std::fs::remove_file(clock).unwrap();
    let jobs = "SELECT count(*) FROM jobs WHERE missed_slots = 0";
    assert_eq!(world.database.number(jobs).await, 50 * slots);
    let minutes =
        "SELECT count(*) FROM (SELECT DISTINCT tenant_id, date_trunc('minute', slot) FROM jobs) AS slots";
    assert_eq!(world.database.number(minutes).await, 50 * slots);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_slot_has_one_job_when_processes_are_killed() {
    each_slot_has_one_job(10).await;
}

#[ignore = "a minute"]
#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_slots_has_one_job_when_processes_are_killed() {
    each_slot_has_one_job(120).await;
}
