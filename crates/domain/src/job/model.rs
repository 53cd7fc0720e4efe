use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::shared::{JobId, TenantId, UserId};

/// The input of a job, interpreted by its kind.
pub type JobFacts = BTreeMap<String, String>;

/// The progress or the result of a job.
pub type JobNumbers = BTreeMap<String, i64>;

/// The key in a job's progress for the number of the last attempt that made progress.
pub const LATEST: &str = "attempt";

/// A job to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The tenant.
    pub tenant: TenantId,
    /// The kind of work.
    pub kind: &'static str,
    /// The requester; `None` for the operator at the command line.
    pub actor: Option<UserId>,
    /// The input.
    pub facts: JobFacts,
    /// The time of the request.
    pub created_at: DateTime<Utc>,
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

impl JobState {
    /// Returns the word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
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
    /// The input.
    pub facts: JobFacts,
    /// The state.
    pub state: JobState,
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
    pub facts: JobFacts,
    /// The progress of the previous attempt.
    pub progress: JobNumbers,
    /// The number of the attempt, from 1.
    pub number: i32,
}

/// The outcome of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Completed, with these numbers.
    Succeeded(JobNumbers),
    /// Cannot be done, for this reason: a stable code.
    Failed(&'static str),
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
