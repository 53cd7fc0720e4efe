//! Background jobs.

mod added_columns;
mod error_file;
mod job_requester;
mod messages;
mod read_job;
mod remove_file;
mod run_jobs;
mod submit_file;

pub(crate) use added_columns::column_names;
pub use error_file::{ErrorFile, ErrorFileError};
pub(crate) use error_file::{FailedRows, FileFormat};
pub(crate) use job_requester::{begin_job, job_requester, required_requester};
pub(crate) use messages::cell_message;
pub use messages::file_message;
pub use read_job::ReadJob;
pub(crate) use read_job::{FILE, FileJobs};
pub(crate) use remove_file::remove_file;
pub use run_jobs::{JobFailure, JobHandler, JobHandlers, RunJobs};
pub use submit_file::SubmitFile;
