//! Doing long work.

mod run_jobs;

pub use run_jobs::{JobFailure, JobHandler, JobHandlers, RunJobs};
