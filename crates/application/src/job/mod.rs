//! Background jobs.

mod job_requester;
mod read_job;
mod run_jobs;

pub(crate) use job_requester::job_requester;
pub use read_job::ReadJob;
pub use run_jobs::{JobFailure, JobHandler, JobHandlers, RunJobs};
