//! The queue of jobs: who may claim what, and what happens to jobs that lose their worker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use diesel_async::SimpleAsyncConnection as _;
use haat_domain::change::ChangeTx;
use haat_domain::job::{
    Attempt, CANCELLED, ClaimState, Dedupe, EXPIRED, Enqueued, JobEnd, JobFilter, JobKind, JobMonitor,
    JobQueue, JobReader, JobState, JobWriter as _, Lane, NewJob,
};
use haat_domain::shared::{BeginTransaction, JobId, PageRequest, TenantId, Transaction as _};
use haat_persistence_core::{DatabaseConfig, PgDatabase};
use haat_test_support::{Dice, Fixture, TestDatabase, ahead};
use tokio_postgres::Client;

static PROMPT: JobKind = JobKind::new("test-prompt", Lane::Prompt);
static STANDARD: JobKind = JobKind::new("test-standard", Lane::Standard);
static BULK: JobKind = JobKind::new("test-bulk", Lane::Bulk);
static FIVE: JobKind =
    JobKind { max_running: Some(5), max_queued: 1_000, ..JobKind::new("test-five", Lane::Prompt) };
static KINDS: [&JobKind; 4] = [&PROMPT, &STANDARD, &BULK, &FIVE];

struct World {
    database: TestDatabase,
    db: PgDatabase,
    owner: Client,
    ours: TenantId,
    theirs: TenantId,
}

impl World {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let fixture = Fixture::new(&database).await;
        Self {
            db: database.adapter().core(),
            owner: database.owner().await,
            ours: TenantId::new(fixture.ours.tenant),
            theirs: TenantId::new(fixture.theirs.tenant),
            database,
        }
    }

    async fn begin(&self) -> Box<dyn ChangeTx> {
        begin(&self.db).await
    }

    async fn add(&self, job: NewJob) -> Enqueued {
        let mut tx = self.begin().await;
        let enqueued = tx.jobs().enqueue(&job).await.unwrap();
        tx.commit().await.unwrap();
        enqueued
    }

    async fn created(&self, job: NewJob) -> JobId {
        match self.add(job).await {
            Enqueued::Created(id) => id,
            other => panic!("{other:?}"),
        }
    }

    async fn claim(&self, lane: Lane) -> Option<Attempt> {
        self.db.claim(lane, &KINDS).await.unwrap().map(|claimed| claimed.attempt)
    }

    async fn claimed(&self, lane: Lane) -> Option<JobId> {
        self.claim(lane).await.map(|attempt| attempt.job)
    }

    async fn state(&self, tenant: TenantId, job: JobId) -> JobState {
        self.db.find(tenant, job).await.unwrap().unwrap().state
    }
}

async fn begin(db: &PgDatabase) -> Box<dyn ChangeTx> {
    BeginTransaction::<dyn ChangeTx>::begin(db).await.unwrap()
}

fn in_year(year: i32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, 11, 30, 12, 0, 0).unwrap()
}

fn job(tenant: TenantId, kind: &'static JobKind) -> NewJob {
    NewJob::new(tenant, kind, None, BTreeMap::new(), in_year(2026))
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_by_lane_then_priority_then_due_time() {
    let world = World::new().await;
    let bulk = world.created(job(world.ours, &BULK)).await;
    let first = world.created(job(world.ours, &PROMPT)).await;
    let second = world.created(job(world.ours, &PROMPT)).await;
    let urgent = world.created(NewJob { priority: 0, ..job(world.ours, &PROMPT) }).await;
    world.created(NewJob { delay: Duration::from_mins(1), ..job(world.ours, &PROMPT) }).await;
    assert_eq!(world.claimed(Lane::Standard).await, None);
    assert_eq!(world.claimed(Lane::Bulk).await, Some(bulk));
    for expected in [Some(urgent), Some(first), Some(second), None] {
        assert_eq!(world.claimed(Lane::Prompt).await, expected);
    }
    // A process does not claim kinds that only a newer version knows.
    world.created(job(world.ours, &STANDARD)).await;
    assert_eq!(world.db.claim(Lane::Standard, &[&BULK]).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_jobs_can_be_moved() {
    let mut world = World::new().await;
    let later = world.created(NewJob { delay: Duration::from_hours(47), ..job(world.ours, &PROMPT) }).await;
    assert_eq!(world.claimed(Lane::Prompt).await, None);
    let url = ahead(&world.database.app_url(), 2 * 86_400);
    world.db = PgDatabase::new(&DatabaseConfig::new(url)).unwrap();
    assert_eq!(world.claimed(Lane::Prompt).await, Some(later));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_runs_a_limited_number_of_jobs_of_a_lane() {
    let world = World::new().await;
    for kind in [&BULK, &BULK, &STANDARD, &STANDARD, &STANDARD] {
        world.created(job(world.ours, kind)).await;
    }
    let theirs = world.created(job(world.theirs, &BULK)).await;
    let ours = world.claim(Lane::Bulk).await.unwrap();
    assert_eq!(ours.tenant, world.ours);
    assert_eq!(world.claimed(Lane::Bulk).await, Some(theirs), "another tenant does not wait");
    assert_eq!(world.claimed(Lane::Bulk).await, None);
    assert!(world.db.finish(&ours, &JobEnd::Succeeded([].into())).await.unwrap());
    assert!(world.claimed(Lane::Bulk).await.is_some());
    assert!(world.claimed(Lane::Standard).await.is_some() && world.claimed(Lane::Standard).await.is_some());
    assert_eq!(world.claimed(Lane::Standard).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_queues_a_limited_number_of_jobs_of_a_kind() {
    let world = World::new().await;
    for _ in 0..PROMPT.max_queued {
        world.created(job(world.ours, &PROMPT)).await;
    }
    assert_eq!(world.add(job(world.ours, &PROMPT)).await, Enqueued::LimitReached);
    world.created(job(world.ours, &STANDARD)).await;
    world.created(job(world.theirs, &PROMPT)).await;
    world.claim(Lane::Prompt).await.unwrap();
    world.created(job(world.ours, &PROMPT)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_closed_tenants_wait() {
    let world = World::new().await;
    let queued = world.created(job(world.ours, &PROMPT)).await;
    let attempt = world.claim(Lane::Prompt).await.unwrap();
    let waiting = world.created(job(world.ours, &PROMPT)).await;
    let state = |state: &str| format!("UPDATE tenants SET state = '{state}' WHERE id = {}", world.ours.get());
    world.owner.batch_execute(&state("closed")).await.unwrap();
    assert_eq!(world.claimed(Lane::Prompt).await, None);
    assert_eq!(world.db.heartbeat(&attempt, None).await, Ok(ClaimState::Lost));
    let lanes = world.db.lanes().await.unwrap();
    assert_eq!((lanes[0].lane, lanes[0].queued, lanes[0].running), (Lane::Prompt, 0, 1));
    world.owner.batch_execute(&state("active")).await.unwrap();
    assert_eq!(world.db.recover(Duration::ZERO).await, Ok(vec![PROMPT.name.to_owned()]));
    let mut claimed = BTreeSet::new();
    claimed.extend([world.claimed(Lane::Prompt).await, world.claimed(Lane::Prompt).await]);
    assert_eq!(claimed, BTreeSet::from([Some(queued), Some(waiting)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_lost_its_job_writes_nothing() {
    let world = World::new().await;
    let id = world.created(job(world.ours, &PROMPT)).await;
    let first = world.claim(Lane::Prompt).await.unwrap();
    assert_eq!(world.db.heartbeat(&first, Some([("rows".to_owned(), 3)].into())).await, Ok(ClaimState::Held));
    assert_eq!(world.db.recover(Duration::from_mins(1)).await, Ok(vec![]), "it has a recent heartbeat");
    // A worker that is recording progress keeps its job.
    let mut tx = world.begin().await;
    assert!(tx.jobs().confirm_claim(&first).await.unwrap());
    assert_eq!(world.db.recover(Duration::ZERO).await, Ok(vec![]));
    drop(tx);
    while world.db.recover(Duration::ZERO).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for claimed_again in [false, true] {
        assert_eq!(world.db.heartbeat(&first, None).await, Ok(ClaimState::Lost));
        assert!(!world.db.finish(&first, &JobEnd::Failed("late")).await.unwrap());
        world.db.reschedule(&first, Duration::from_hours(1)).await.unwrap();
        let mut tx = world.begin().await;
        assert!(!tx.jobs().confirm_claim(&first).await.unwrap());
        assert!(!tx.jobs().finish(&first, &JobEnd::Succeeded([].into())).await.unwrap());
        tx.roll_back().await;
        if !claimed_again {
            let second = world.claim(Lane::Prompt).await.unwrap();
            assert_eq!((second.job, second.number, second.progress["rows"]), (id, 2, 3));
        }
    }
    assert_eq!(world.state(world.ours, id).await, JobState::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn postponed_attempts_do_not_count() {
    let world = World::new().await;
    world.created(job(world.ours, &PROMPT)).await;
    let first = world.claim(Lane::Prompt).await.unwrap();
    world.db.heartbeat(&first, Some([("rows".to_owned(), 3)].into())).await.unwrap();
    world.db.postpone(&first, Duration::ZERO).await.unwrap();
    let second = world.claim(Lane::Prompt).await.unwrap();
    assert_eq!((second.number, second.progress["attempt"], second.progress["rows"]), (2, 1, 3));
    world.db.reschedule(&second, Duration::from_mins(1)).await.unwrap();
    assert_eq!(world.claimed(Lane::Prompt).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn unwanted_jobs_are_not_claimed_but_cancelled() {
    let world = World::new().await;
    let cancelled = world.created(job(world.ours, &PROMPT)).await;
    let past = Some(in_year(2020));
    let expired = world.created(NewJob { expires_at: past, ..job(world.ours, &BULK) }).await;
    let future = Some(in_year(2100));
    let wanted = world.created(NewJob { expires_at: future, ..job(world.ours, &BULK) }).await;
    let mut tx = world.begin().await;
    assert_eq!(tx.jobs().lock(world.theirs, cancelled).await, Ok(None));
    assert_eq!(tx.jobs().lock(world.ours, cancelled).await.unwrap().unwrap().cancel_requested_at, None);
    tx.jobs().request_cancel(world.ours, cancelled).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((world.claimed(Lane::Prompt).await, world.claimed(Lane::Bulk).await), (None, Some(wanted)));
    let mut ended = BTreeMap::new();
    while let Some((attempt, reason)) = world.db.claim_unwanted(&KINDS).await.unwrap() {
        assert!(world.db.finish(&attempt, &JobEnd::Failed(reason)).await.unwrap());
        ended.insert(attempt.job, reason);
    }
    assert_eq!(ended, BTreeMap::from([(cancelled, CANCELLED), (expired, EXPIRED)]));
    assert_eq!(world.state(world.ours, expired).await, JobState::Cancelled);
    // Its attempts are counted anew, and it is wanted again.
    let mut tx = world.begin().await;
    assert!(tx.jobs().requeue(world.ours, cancelled).await.unwrap());
    assert!(!tx.jobs().requeue(world.ours, wanted).await.unwrap(), "it is running");
    tx.commit().await.unwrap();
    let again = world.claim(Lane::Prompt).await.unwrap();
    assert_eq!((again.job, again.number, again.progress["attempt"]), (cancelled, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_jobs_that_must_not_overlap_are_added_once() {
    let world = World::new().await;
    let equal = || NewJob { dedupe: Some(Dedupe::ForbidOverlap("k".into())), ..job(world.ours, &PROMPT) };
    let first = world.created(equal()).await;
    assert_eq!(world.add(equal()).await, Enqueued::Existing);
    let attempt = world.claim(Lane::Prompt).await.unwrap();
    assert_eq!(world.add(equal()).await, Enqueued::Existing, "it is running");
    world.created(NewJob { tenant: world.theirs, ..equal() }).await;
    world.created(NewJob { kind: &STANDARD, ..equal() }).await;
    assert!(world.db.finish(&attempt, &JobEnd::Failed(CANCELLED)).await.unwrap());
    let second = world.created(equal()).await;
    let mut tx = world.begin().await;
    assert!(!tx.jobs().requeue(world.ours, first).await.unwrap(), "an equal job is queued");
    tx.commit().await.unwrap();
    assert_eq!(world.state(world.ours, second).await, JobState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coalesced_request_needs_no_room_in_the_queue() {
    let world = World::new().await;
    let equal = || NewJob { dedupe: Some(Dedupe::Coalesce("k".into())), ..job(world.ours, &PROMPT) };
    let first = world.created(equal()).await;
    for _ in 1..PROMPT.max_queued {
        world.created(job(world.ours, &PROMPT)).await;
    }
    assert_eq!(world.add(equal()).await, Enqueued::Existing);
    assert_eq!(world.claimed(Lane::Prompt).await, Some(first));
    // A running job may have read the data already.
    world.created(equal()).await;
    assert_eq!(world.add(job(world.ours, &PROMPT)).await, Enqueued::LimitReached);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_jobs_by_filter() {
    let world = World::new().await;
    let first = world.created(job(world.ours, &BULK)).await;
    let second = world.created(job(world.ours, &PROMPT)).await;
    world.created(job(world.theirs, &PROMPT)).await;
    world.claim(Lane::Bulk).await.unwrap();
    let all = JobFilter::default;
    for (filter, expected) in [
        (all(), vec![second, first]),
        (JobFilter { lane: Some(Lane::Bulk), ..all() }, vec![first]),
        (JobFilter { state: Some(JobState::Queued), ..all() }, vec![second]),
        (JobFilter { kind: Some("test-bulk".into()), ..all() }, vec![first]),
        (JobFilter { from: Some(in_year(2100)), ..all() }, vec![]),
        (JobFilter { to: Some(in_year(2100)), ..all() }, vec![second, first]),
    ] {
        let page = world.db.list(world.ours, &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(page.rows.iter().map(|job| job.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }
    assert_eq!(world.db.find(world.theirs, first).await, Ok(None));
}

/// 200 jobs of a kind that may run five at once, and 12 workers with connections of their own, as in three processes.
#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_running_jobs_of_a_kind_is_exact() {
    let world = World::new().await;
    for number in 0..200 {
        let tenant = if number % 2 == 0 { world.ours } else { world.theirs };
        world.created(job(tenant, &FIVE)).await;
    }
    let (running, most) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
    let mut workers = tokio::task::JoinSet::new();
    for process in 0..3 {
        let db = world.database.adapter().core();
        for worker in 0..4 {
            let (db, running, most) = (db.clone(), running.clone(), most.clone());
            workers.spawn(async move {
                let mut dice = Dice::new(process * 4 + worker);
                let (mut done, mut idle) = (0, 0);
                while idle < 50 {
                    let Some(claimed) = db.claim(Lane::Prompt, &KINDS).await.unwrap() else {
                        idle += 1;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        continue;
                    };
                    idle = 0;
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(dice.between(0, 6).unsigned_abs())).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    assert!(db.finish(&claimed.attempt, &JobEnd::Succeeded([].into())).await.unwrap());
                    done += 1;
                }
                done
            });
        }
    }
    let done: i32 = workers.join_all().await.into_iter().sum();
    let most = most.load(Ordering::SeqCst);
    assert!(done == 200 && (2..=5).contains(&most), "{done} jobs, {most} at once");
}

/// Writers change a row and request a run in one transaction; a runner claims and reads. A run that is claimed after a change was
/// committed must see the change. Rounds are short: a later run would hide what an earlier one missed.
#[tokio::test(flavor = "multi_thread")]
async fn every_committed_change_has_a_later_coalesced_run() {
    const ROUNDS: i64 = 250;
    let world = World::new().await;
    world
        .owner
        .batch_execute("CREATE TABLE noted (id bigint PRIMARY KEY); GRANT ALL ON noted TO haat_app")
        .await
        .unwrap();
    let writers = [(); 4].map(|()| world.database.adapter().core());
    let (runner, app) = (world.database.adapter().core(), Arc::new(world.database.app().await));
    for round in 0..ROUNDS {
        let is_done = Arc::new(AtomicBool::new(false));
        let mut writing = tokio::task::JoinSet::new();
        for (number, db) in (0_i64..).zip(&writers) {
            writing.spawn(note(db.clone(), world.ours, round * 4 + number));
        }
        let running = tokio::spawn(run_all(runner.clone(), app.clone(), is_done.clone()));
        let committed: BTreeSet<i64> = writing.join_all().await.into_iter().flatten().collect();
        is_done.store(true, Ordering::SeqCst);
        let seen = running.await.unwrap();
        let missed: Vec<&i64> = committed.difference(&seen).collect();
        assert!(missed.is_empty(), "round {round} missed {missed:?}");
    }
}

/// Changes a row and requests a run. Returns the change if it is committed.
async fn note(db: PgDatabase, tenant: TenantId, id: i64) -> Option<i64> {
    let mut dice = Dice::new(id.unsigned_abs());
    let mut pause = async || {
        tokio::time::sleep(Duration::from_micros(dice.between(0, 3_000).unsigned_abs())).await;
    };
    pause().await;
    let mut tx = db.open().await.unwrap();
    let note = format!("INSERT INTO noted VALUES ({id})");
    tx.query(async |connection| connection.batch_execute(&note).await).await.unwrap();
    let run = NewJob { dedupe: Some(Dedupe::Coalesce("noted".into())), ..job(tenant, &PROMPT) };
    tx.enqueue(&run).await.unwrap();
    pause().await;
    if id % 5 == 0 {
        tx.roll_back().await;
        return None;
    }
    tx.commit().await.unwrap();
    Some(id)
}

/// Runs jobs until the writers have ended and no job is left. Returns the changes that the runs have seen.
async fn run_all(db: PgDatabase, app: Arc<Client>, is_done: Arc<AtomicBool>) -> BTreeSet<i64> {
    let mut seen = BTreeSet::new();
    loop {
        // Read before the claim, so that a last claim follows the end of the writers.
        let writers_ended = is_done.load(Ordering::SeqCst);
        let Some(claimed) = db.claim(Lane::Prompt, &KINDS).await.unwrap() else {
            if writers_ended {
                return seen;
            }
            continue;
        };
        let rows = app.query("SELECT id FROM noted", &[]).await.unwrap();
        seen.extend(rows.iter().map(|row| row.get::<_, i64>(0)));
        assert!(db.finish(&claimed.attempt, &JobEnd::Succeeded([].into())).await.unwrap());
    }
}
