use std::sync::Arc;

use haat_domain::job::{Job, JobError, JobReader};
use haat_domain::shared::JobId;

use super::ReadAssignmentsError;
use super::assign_file::KIND;
use crate::shared::{Actor, Permission};

/// The number of rows with errors read at a time.
const CHUNK: u16 = 5_000;

/// Reads the jobs that assign by file.
pub struct ReadJob {
    jobs: Arc<dyn JobReader>,
}

impl ReadJob {
    /// Builds the use case.
    #[must_use]
    pub fn new(jobs: Arc<dyn JobReader>) -> Self {
        Self { jobs }
    }

    /// Returns a job.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn job(&self, actor: &Actor, job: JobId) -> Result<Job, ReadAssignmentsError> {
        if !actor.may(Permission::ChangeAssignments) {
            return Err(ReadAssignmentsError::Forbidden);
        }
        self.jobs.find(actor.tenant, KIND, job).await?.ok_or(ReadAssignmentsError::NotFound)
    }

    /// Returns the next rows of the job with errors, after this one; an empty list after the last.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn errors(
        &self,
        actor: &Actor,
        job: JobId,
        after: Option<&JobError>,
    ) -> Result<Vec<JobError>, ReadAssignmentsError> {
        if !actor.may(Permission::ChangeAssignments) {
            return Err(ReadAssignmentsError::Forbidden);
        }
        let after = after.map(|error| (error.row, error.field.clone()));
        Ok(self.jobs.errors(actor.tenant, job, after, CHUNK).await?)
    }
}
