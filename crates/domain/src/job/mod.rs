//! Background jobs: long-running work that must survive the process that started it.

mod kind;
mod model;
mod ports;
mod retention;

pub use kind::{JobKind, Lane, RetryPolicy};
pub use model::{
    Attempt, CANCELLED, ClaimState, ClaimedJob, Dedupe, EXPIRED, Enqueued, FailedRow, Job, JobArgs, JobEnd,
    JobError, JobFilter, JobNumbers, JobState, LaneLoad, NewJob, PROGRESS_ATTEMPT, ScheduledFor,
};
pub use ports::{JobMonitor, JobQueue, JobReader, JobWriter};
pub use retention::{DueRows, PartitionWriter, Retention, RetentionPolicy, RetentionRule, days, time_text};

#[cfg(feature = "mock")]
pub use ports::{MockJobQueue, MockJobReader, MockJobWriter};
#[cfg(feature = "mock")]
pub use retention::{MockPartitionWriter, MockRetentionPolicy};
