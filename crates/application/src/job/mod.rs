//! Background jobs.

mod job_requester;
mod run_jobs;

pub(crate) use job_requester::job_requester;
pub use run_jobs::{JobFailure, JobHandler, JobHandlers, RunJobs};
