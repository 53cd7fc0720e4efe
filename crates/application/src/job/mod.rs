//! Background jobs and their schedules.

use haat_domain::job::JobKind;
use haat_domain::schedule::Schedule;

mod add_partitions;
mod added_columns;
pub mod codes;
mod drain;
mod enqueue;
mod error_file;
mod job_requester;
mod manage_jobs;
mod messages;
mod prune;
mod read_job;
mod remove_file;
mod run_jobs;
mod schedules;
mod submit_file;
mod sweep;
mod tick_schedules;

pub use add_partitions::AddPartitions;
use add_partitions::{ADD_PARTITIONS, PARTITIONS_SCHEDULE};
pub(crate) use added_columns::column_names;
pub use drain::{Drain, Drained};
pub(crate) use enqueue::enqueue;
pub use error_file::{ErrorFile, ErrorFileError};
pub(crate) use error_file::{FailedRows, FileFormat};
pub(crate) use job_requester::{begin_job, job_requester, required_requester};
pub use manage_jobs::{Jobs, ManageJobError, RowNumber};
pub(crate) use messages::cell_message;
pub use messages::file_message;
pub use prune::Prune;
use prune::{PRUNE, PRUNE_SCHEDULE};
pub use read_job::ReadJob;
pub(crate) use read_job::{FILE, FileJobs, lane_of_file};
pub(crate) use remove_file::remove_file;
pub use run_jobs::{INTERNAL_ERROR, JobFailure, JobHandler, JobHandlers, Outcome, RunJobs, TIMED_OUT};
pub use schedules::{ListedSchedule, ManageSchedules, ScheduleChangeError};
pub use submit_file::SubmitFile;
pub use sweep::{Sweep, SweepHandler};
pub use tick_schedules::{SlotOutcome, TickSchedules, Ticked};

/// The kinds of jobs of this context.
pub const JOB_KINDS: &[&JobKind] = &[&PRUNE, &ADD_PARTITIONS];

/// The schedules of this context.
pub const SCHEDULES: &[&Schedule] = &[&PRUNE_SCHEDULE, &PARTITIONS_SCHEDULE];

/// The use cases of the context.
pub struct JobUseCases {
    /// Shows and manages jobs.
    pub jobs: Jobs,
    /// Shows and manages schedules.
    pub schedules: ManageSchedules,
}
