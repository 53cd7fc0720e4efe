use std::sync::Arc;

use haat_domain::job::JobReader;
use haat_domain::people::PeopleTx;
use haat_domain::shared::{FileStore, IdGenerator};

use super::create_from_file::JOBS;
use crate::job::{ReadJob, SubmitFile};
use crate::shared::{Changes, ManageUsers};

/// Builds the use case that receives files of sales reps.
#[must_use]
pub fn submit_sales_reps(
    files: Arc<dyn FileStore>,
    ids: Arc<dyn IdGenerator>,
    changes: Changes<dyn PeopleTx>,
) -> SubmitFile<dyn PeopleTx> {
    SubmitFile::new(JOBS, files, ids, changes)
}

/// Builds the use case that reads the jobs of these files.
#[must_use]
pub fn sales_rep_jobs(jobs: Arc<dyn JobReader>, files: Arc<dyn FileStore>) -> ReadJob<ManageUsers> {
    ReadJob::new(jobs, files, JOBS)
}
