//! The lanes of a process, with handlers of the test.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::DateTime;
use haat_application::job::{Drain, Drained, JobFailure, JobHandler, JobHandlers, RunJobs};
use haat_domain::change::ChangeTx;
use haat_domain::job::{
    Attempt, Enqueued, Job, JobEnd, JobKind, JobQueue, JobReader, JobState, Lane, NewJob, RetryPolicy,
};
use haat_domain::shared::{BeginTransaction, JobId, StorageFailure, TenantId};
use haat_server::background::{Background, BackgroundMetrics, LaneWorkers, Running, Standby};
use haat_test_support::{Fixture, TestDatabase};
use prometheus::{Registry, TextEncoder};

use crate::support::eventually;

static LONG: JobKind = JobKind::new("test-long", Lane::Bulk);
static SHORT: JobKind = JobKind::new("test-short", Lane::Prompt);
static SHORT_IN_BULK: JobKind = JobKind::new("test-short-in-bulk", Lane::Bulk);
static POISON: JobKind = JobKind {
    retry: RetryPolicy {
        attempts: 3,
        first_pause: Duration::from_millis(50),
        longest_pause: Duration::from_millis(100),
    },
    ..JobKind::new("test-poison", Lane::Standard)
};

/// The delay between the request of a job and its start, by job.
type Starts = Arc<Mutex<BTreeMap<JobId, Instant>>>;

/// A handler that takes its time and then fails or finishes.
struct Sleeper {
    kind: &'static JobKind,
    takes: Duration,
    failure: Option<JobFailure>,
    queue: Arc<dyn JobQueue>,
    starts: Starts,
}

#[async_trait]
impl JobHandler for Sleeper {
    fn kind(&self) -> &'static JobKind {
        self.kind
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        self.starts.lock().unwrap().entry(attempt.job).or_insert_with(Instant::now);
        tokio::time::sleep(self.takes).await;
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let finished = self.queue.finish(attempt, &JobEnd::Succeeded([].into())).await?;
        if finished { Ok(()) } else { Err(JobFailure::ClaimLost) }
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.queue.finish(attempt, &JobEnd::Failed(reason)).await
    }

    async fn ended(&self, _: &Attempt) {}
}

/// A work table with this many rows.
struct Rows(AtomicU16);

#[async_trait]
impl Drain for Rows {
    fn name(&self) -> &'static str {
        "test-rows"
    }

    fn lane(&self) -> Lane {
        Lane::Prompt
    }

    async fn drain(&self, batch: u16) -> Result<Drained, StorageFailure> {
        let left = self.0.load(Ordering::SeqCst);
        let done = left.min(batch).min(20);
        self.0.store(left - done, Ordering::SeqCst);
        Ok(Drained { done, more: left > done, next_due: None })
    }
}

struct World {
    database: TestDatabase,
    tenant: TenantId,
    starts: Starts,
    rows: Arc<Rows>,
    metrics: Registry,
    standby: Standby,
}

impl World {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let fixture = Fixture::new(&database).await;
        Self {
            tenant: TenantId::new(fixture.ours.tenant),
            database,
            starts: Starts::default(),
            rows: Arc::new(Rows(AtomicU16::new(0))),
            metrics: Registry::new(),
            standby: Standby::default(),
        }
    }

    /// Starts the background work of a process.
    fn start(&self, long: Duration, short: Duration) -> Running {
        let queue: Arc<dyn JobQueue> = Arc::new(self.database.adapter().core());
        let sleeper = |kind, takes, failure: Option<JobFailure>| {
            let starts = self.starts.clone();
            Arc::new(Sleeper { kind, takes, failure, queue: queue.clone(), starts }) as Arc<dyn JobHandler>
        };
        let handlers: JobHandlers = vec![
            sleeper(&LONG, long, None),
            sleeper(&SHORT, short, None),
            sleeper(&SHORT_IN_BULK, short, None),
            sleeper(&POISON, Duration::ZERO, Some(JobFailure::Retry("broken"))),
        ];
        let background = Background {
            jobs: Arc::new(RunJobs::new(queue.clone(), handlers, Duration::from_secs(2))),
            schedules: None,
            drains: vec![self.rows.clone()],
            metrics: Arc::new(BackgroundMetrics::new(&self.metrics).unwrap()),
            standby: self.standby.clone(),
        };
        background.start(LaneWorkers::DEFAULT)
    }

    async fn add(&self, kind: &'static JobKind) -> JobId {
        let db = self.database.adapter().core();
        let mut tx: Box<dyn ChangeTx> = db.begin().await.unwrap();
        let job = NewJob::new(self.tenant, kind, None, BTreeMap::new(), DateTime::UNIX_EPOCH);
        let Enqueued::Created(id) = tx.jobs().enqueue(&job).await.unwrap() else { panic!("not added") };
        tx.commit().await.unwrap();
        id
    }

    async fn job(&self, id: JobId) -> Job {
        self.database.adapter().core().find(self.tenant, id).await.unwrap().unwrap()
    }

    fn has_started(&self, id: JobId) -> bool {
        self.starts.lock().unwrap().contains_key(&id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_job_does_not_delay_short_ones() {
    let world = World::new().await;
    let running = world.start(Duration::from_secs(4), Duration::from_millis(10));
    let long = world.add(&LONG).await;
    eventually(async || world.has_started(long)).await;
    world.rows.0.store(70, Ordering::SeqCst);
    // The process has one worker for bulk jobs.
    let behind = world.add(&SHORT_IN_BULK).await;
    let mut requested = Vec::new();
    for _ in 0..10 {
        requested.push((world.add(&SHORT).await, Instant::now()));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(world.job(long).await.state, JobState::Running);
    assert_eq!(world.rows.0.load(Ordering::SeqCst), 0, "the drain");
    assert!(!world.has_started(behind), "in one lane a short job waits");
    for (id, at) in requested {
        let started = *world.starts.lock().unwrap().get(&id).expect("the job has started");
        assert!(started.saturating_duration_since(at) < Duration::from_secs(1));
    }
    eventually(async || world.job(behind).await.state == JobState::Succeeded).await;
    running.stop().await.unwrap();
    let text = TextEncoder::new().encode_to_string(&world.metrics.gather()).unwrap();
    for line in [
        "haat_job_runs_total{kind=\"test-short\",outcome=\"succeeded\"} 10",
        "haat_job_start_delay_seconds_count{lane=\"prompt\"} 10",
        "haat_drain_rows_total{drain=\"test-rows\"} 70",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_in_every_attempt_stops() {
    let world = World::new().await;
    let running = world.start(Duration::ZERO, Duration::ZERO);
    let poison = world.add(&POISON).await;
    eventually(async || world.job(poison).await.state == JobState::Failed).await;
    let job = world.job(poison).await;
    assert_eq!((job.attempts, job.failure.as_deref()), (3, Some("broken")));
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_process_finishes_short_jobs_and_releases_long_ones() {
    let world = World::new().await;
    let running = world.start(Duration::from_mins(1), Duration::from_secs(1));
    let (long, short) = (world.add(&LONG).await, world.add(&SHORT).await);
    eventually(async || world.has_started(long) && world.has_started(short)).await;
    let stopping = Instant::now();
    running.stop().await.unwrap();
    assert!(stopping.elapsed() < Duration::from_secs(5));
    assert_eq!(world.job(short).await.state, JobState::Succeeded);
    let long = world.job(long).await;
    assert_eq!((long.state, long.attempts), (JobState::Queued, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_at_its_next_heartbeat() {
    let world = World::new().await;
    let running = world.start(Duration::from_mins(1), Duration::from_mins(1));
    let long = world.add(&LONG).await;
    eventually(async || world.has_started(long)).await;
    // No worker is free for this one.
    let queued = world.add(&SHORT_IN_BULK).await;
    let requested = Instant::now();
    for id in [long, queued] {
        let mut tx: Box<dyn ChangeTx> = world.database.adapter().core().begin().await.unwrap();
        tx.jobs().request_cancel(world.tenant, id).await.unwrap();
        tx.commit().await.unwrap();
    }
    for id in [long, queued] {
        eventually(async || world.job(id).await.state == JobState::Cancelled).await;
    }
    assert!(requested.elapsed() < Duration::from_secs(5));
    assert!(!world.has_started(queued));
    running.stop().await.unwrap();
}
