use std::sync::Arc;

use haat_domain::job::JobReader;

use super::assign_file::KIND;
use crate::job::ReadJob;
use crate::shared::ChangeAssignments;

/// Builds the use case that reads the jobs that assign by file.
#[must_use]
pub fn assignment_jobs(jobs: Arc<dyn JobReader>) -> ReadJob<ChangeAssignments> {
    ReadJob::new(jobs, KIND)
}
