use std::sync::Arc;

use haat_domain::job::JobReader;
use haat_domain::shared::FileStore;

use super::assign_file::JOBS;
use crate::job::ReadJob;
use crate::shared::ChangeAssignments;

/// Builds the use case that reads the jobs that assign by file.
#[must_use]
pub fn assignment_jobs(jobs: Arc<dyn JobReader>, files: Arc<dyn FileStore>) -> ReadJob<ChangeAssignments> {
    ReadJob::new(jobs, files, JOBS)
}
