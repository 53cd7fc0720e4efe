use std::sync::Arc;

use haat_domain::assignment::AssignmentTx;
use haat_domain::job::JobReader;
use haat_domain::shared::{FileStore, IdGenerator};

use super::assign_file::JOBS;
use crate::job::{ReadJob, SubmitFile};
use crate::shared::{ChangeAssignments, Changes};

/// Builds the use case that reads the jobs that assign by file.
#[must_use]
pub fn assignment_jobs(jobs: Arc<dyn JobReader>, files: Arc<dyn FileStore>) -> ReadJob<ChangeAssignments> {
    ReadJob::new(jobs, files, JOBS)
}

/// Builds the use case that receives assignment files.
#[must_use]
pub fn submit_assignments(
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    changes: Changes<dyn AssignmentTx>,
) -> SubmitFile<dyn AssignmentTx> {
    SubmitFile::new(JOBS, files, ids, changes)
}
