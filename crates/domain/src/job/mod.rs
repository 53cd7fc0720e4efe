//! Background jobs: long-running work that must survive the process that started it.

mod kind;
mod model;
mod ports;

pub use kind::{JobKind, Lane, RetryPolicy};
pub use model::{
    Attempt, CANCELLED, ClaimState, ClaimedJob, Dedupe, EXPIRED, Enqueued, FailedRow, Job, JobArgs, JobEnd,
    JobError, JobFilter, JobNumbers, JobState, LaneLoad, NewJob, PROGRESS_ATTEMPT,
};
pub use ports::{JobMonitor, JobQueue, JobReader, JobWriter};

#[cfg(feature = "mock")]
pub use ports::{MockJobQueue, MockJobReader, MockJobWriter};
