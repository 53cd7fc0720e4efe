//! Background jobs: long-running work that must survive the process that started it.

mod kind;
mod model;
mod ports;
mod retention;
mod schedule;
mod schedule_ports;

pub use kind::{JobKind, Lane, RetryPolicy};
pub use model::{
    Attempt, CANCELLED, ClaimState, ClaimedJob, Dedupe, EXPIRED, Enqueued, FailedRow, Job, JobArgs, JobEnd,
    JobError, JobFilter, JobNumbers, JobState, LaneLoad, NewJob, PROGRESS_ATTEMPT,
};
pub use ports::{JobMonitor, JobQueue, JobReader, JobWriter};

pub use retention::{DueRows, PartitionWriter, Retention, RetentionPolicy, RetentionRule, days, time_text};
pub use schedule::{
    DueSlots, Missed, ParsedSchedule, Schedule, ScheduleError, ScheduleScope, ScheduledFor, Schedules,
    overlap_key, slots_between,
};
pub use schedule_ports::{
    Decision, DueSchedule, DueSchedules, LastJob, ScheduleState, ScheduleStore, ScheduleTx, ScheduleWriter,
    SlotJob,
};

#[cfg(feature = "mock")]
pub use ports::{MockJobQueue, MockJobReader, MockJobWriter};
#[cfg(feature = "mock")]
pub use retention::{MockPartitionWriter, MockRetentionPolicy};
#[cfg(feature = "mock")]
pub use schedule_ports::{MockScheduleStore, MockScheduleWriter};
