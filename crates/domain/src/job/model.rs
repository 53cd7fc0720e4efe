use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{JobKind, Lane};
use crate::shared::{JobId, TenantId, UserId, words};

/// The input of a job, interpreted by its kind.
pub type JobArgs = BTreeMap<String, String>;

/// The progress or the result of a job.
pub type JobNumbers = BTreeMap<String, i64>;

/// The key in a job's progress for the number of the last attempt that made progress.
pub const PROGRESS_ATTEMPT: &str = "attempt";

/// A job to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The tenant.
    pub tenant: TenantId,
    /// The kind of work.
    pub kind: &'static JobKind,
    /// The lane.
    pub lane: Lane,
    /// The place within the lane, from 0, which is claimed first, to 9.
    pub priority: u8,
    /// The requester; `None` for the operator at the command line.
    pub actor: Option<UserId>,
    /// The input.
    pub args: JobArgs,
    /// The treatment of equal jobs.
    pub dedupe: Option<Dedupe>,
    /// The time until the job is due.
    pub delay: Duration,
    /// The time at which the job is cancelled if no worker has claimed it.
    pub expires_at: Option<DateTime<Utc>>,
    /// The schedule that a user runs now.
    pub schedule: Option<&'static str>,
    /// The time of the request.
    pub created_at: DateTime<Utc>,
}

impl NewJob {
    /// The default priority.
    pub const PRIORITY: u8 = 5;

    /// Returns a job that is due now, in the lane of its kind.
    #[must_use]
    pub const fn new(
        tenant: TenantId,
        kind: &'static JobKind,
        actor: Option<UserId>,
        args: JobArgs,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            tenant,
            kind,
            lane: kind.lane,
            priority: Self::PRIORITY,
            actor,
            args,
            dedupe: None,
            delay: Duration::ZERO,
            expires_at: None,
            schedule: None,
            created_at,
        }
    }
}

/// The treatment of jobs of one kind with an equal key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dedupe {
    /// A queued job with this key does the work of the new one. It starts after the commit of the transaction that requested the
    /// new one, so it sees the changes of that transaction.
    Coalesce(String),
    /// No job is added while one with this key is queued or running.
    ForbidOverlap(String),
}

impl Dedupe {
    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Coalesce(key) | Self::ForbidOverlap(key) => key,
        }
    }
}

/// The result of adding a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// The job was added.
    Created(JobId),
    /// A job with the same key does the work.
    Existing,
    /// The tenant has too many queued jobs of the kind.
    LimitReached,
}

/// The job of a schedule: what it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledFor {
    /// The name of the schedule.
    pub schedule: String,
    /// The slot; `None` if a user started the job.
    pub slot: Option<DateTime<Utc>>,
    /// The number of earlier slots whose work it does, too.
    pub missed: i32,
}

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waiting for a worker, for the first time or for a retry.
    Queued,
    /// A worker runs it.
    Running,
    /// Completed.
    Succeeded,
    /// Cannot be done.
    Failed,
    /// Cancelled.
    Cancelled,
}

words!(JobState {
    Queued = "queued",
    Running = "running",
    Succeeded = "succeeded",
    Failed = "failed",
    Cancelled = "cancelled",
});

impl JobState {
    /// Returns true if the job has ended.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A filter of jobs. A field that is `None` selects all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// The kind.
    pub kind: Option<String>,
    /// The lane.
    pub lane: Option<Lane>,
    /// The state.
    pub state: Option<JobState>,
    /// The schedule.
    pub schedule: Option<String>,
    /// The requester.
    pub actor: Option<UserId>,
    /// The earliest time of the request, inclusive.
    pub from: Option<DateTime<Utc>>,
    /// The latest time of the request, exclusive.
    pub to: Option<DateTime<Utc>>,
}

/// A job in its current state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The id.
    pub id: JobId,
    /// The kind of work.
    pub kind: String,
    /// The requester; `None` for the operator at the command line.
    pub actor: Option<UserId>,
    /// The current name of the requester.
    pub actor_name: Option<String>,
    /// The input.
    pub args: JobArgs,
    /// The lane.
    pub lane: Lane,
    /// The place within the lane, from 0, which is claimed first, to 9.
    pub priority: i16,
    /// The state.
    pub state: JobState,
    /// The number of attempts so far.
    pub attempts: i32,
    /// The time at which it is or was due.
    pub run_at: DateTime<Utc>,
    /// The time of the last heartbeat of the worker.
    pub heartbeat_at: Option<DateTime<Utc>>,
    /// The time at which a user requested to cancel it.
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// The schedule that it belongs to.
    pub scheduled: Option<ScheduledFor>,
    /// The progress, in numbers.
    pub progress: JobNumbers,
    /// The result, in numbers.
    pub result: JobNumbers,
    /// The reason why the whole job failed.
    pub failure: Option<String>,
    /// The time of the request.
    pub created_at: DateTime<Utc>,
    /// The time at which a worker first started it.
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An attempt of one worker at a job. Its number fences off earlier attempts: they can no longer write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The tenant.
    pub tenant: TenantId,
    /// The job.
    pub job: JobId,
    /// The kind of work.
    pub kind: String,
    /// The requester; `None` for the operator at the command line.
    pub actor: Option<UserId>,
    /// The input.
    pub args: JobArgs,
    /// The progress of the previous attempt.
    pub progress: JobNumbers,
    /// The number of the attempt, from 1.
    pub number: i32,
    /// The schedule that it belongs to.
    pub scheduled: Option<ScheduledFor>,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The attempt.
    pub attempt: Attempt,
    /// The time since the job was due.
    pub start_delay: Duration,
}

/// The jobs of a lane, of all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLoad {
    /// The lane.
    pub lane: Lane,
    /// The number of queued jobs of active tenants.
    pub queued: i64,
    /// The number of running jobs.
    pub running: i64,
    /// The time since the oldest of these queued jobs was due.
    pub oldest_due: Duration,
}

/// The claim of an attempt, at its heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimState {
    /// The attempt has the job.
    Held,
    /// The attempt has the job, and a user has requested to cancel it.
    CancelRequested,
    /// The attempt has lost the job: another one may run it, or the tenant is closed.
    Lost,
}

/// The reason of a job that a user has cancelled.
pub const CANCELLED: &str = "cancelled";

/// The reason of a job that no worker claimed in time.
pub const EXPIRED: &str = "expired";

/// The outcome of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Completed, with these numbers.
    Succeeded(JobNumbers),
    /// Not done, for this reason: a stable code.
    Failed(&'static str),
}

impl JobEnd {
    /// Returns the state of the job after it. A job that ended for the reason [`CANCELLED`] or [`EXPIRED`] is cancelled.
    #[must_use]
    pub fn state(&self) -> JobState {
        match self {
            Self::Succeeded(_) => JobState::Succeeded,
            Self::Failed(CANCELLED | EXPIRED) => JobState::Cancelled,
            Self::Failed(_) => JobState::Failed,
        }
    }
}

/// A row of a job's file that could not be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// The row, from 1, not counting the header.
    pub row: i64,
    /// The column.
    pub field: String,
    /// The error: a stable code.
    pub code: String,
    /// The value in the file, truncated.
    pub value: String,
}

/// All recorded errors of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// The row number, from 1.
    pub row: i64,
    /// Columns, codes and values.
    pub errors: Vec<(String, String, String)>,
}
