use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::shared::{JobId, TenantId, UserId};

/// What a job is to do, as its kind knows it.
pub type JobFacts = BTreeMap<String, String>;

/// How far a job is, or what became of it.
pub type JobNumbers = BTreeMap<String, i64>;

/// Of a job's progress: the number of the attempt that has come further last.
pub const LATEST: &str = "attempt";

/// A job about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The company.
    pub tenant: TenantId,
    /// Who does this kind of work.
    pub kind: &'static str,
    /// Who asked for it; nobody for the operator at the command line.
    pub actor: Option<UserId>,
    /// What it is to do.
    pub facts: JobFacts,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Nobody works on it yet, or just now.
    Queued,
    /// Somebody works on it.
    Running,
    /// Done.
    Succeeded,
    /// It cannot be done.
    Failed,
    /// It was called off.
    Cancelled,
}

impl JobState {
    /// The word in the database.
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

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A job as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The id.
    pub id: JobId,
    /// Who does this kind of work.
    pub kind: String,
    /// Who asked for it.
    pub actor: Option<UserId>,
    /// What it is to do.
    pub facts: JobFacts,
    /// How far it is.
    pub state: JobState,
    /// How far it is, in numbers.
    pub progress: JobNumbers,
    /// What became of it, in numbers.
    pub result: JobNumbers,
    /// Why it failed as a whole.
    pub failure: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When somebody first worked on it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A job in the hands of one worker. Its number fences off whoever had it before: they can write nothing any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The company.
    pub tenant: TenantId,
    /// The job.
    pub job: JobId,
    /// Who does this kind of work.
    pub kind: String,
    /// Who asked for it.
    pub actor: Option<UserId>,
    /// What it is to do.
    pub facts: JobFacts,
    /// How far the attempt before came.
    pub progress: JobNumbers,
    /// Which attempt it is, from 1.
    pub number: i32,
}

/// How a job ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobEnd {
    /// Done, with these numbers.
    Succeeded(JobNumbers),
    /// It cannot be done, for this reason: a stable word.
    Failed(&'static str),
}

/// A row of a job's file that could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError {
    /// The row, from 1, the header not counted.
    pub row: i64,
    /// The column.
    pub field: String,
    /// What is wrong: a stable word.
    pub code: String,
    /// What stands there, cut short.
    pub value: String,
}
