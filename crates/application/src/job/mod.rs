//! Doing long work.

mod asker;
mod run_jobs;

pub(crate) use asker::asker;
pub use run_jobs::{JobFailure, JobHandler, JobHandlers, RunJobs};
