use std::sync::Arc;

use haat_domain::job::{Job, JobError, JobReader};
use haat_domain::shared::JobId;

use super::ReadAssignmentsError;
use super::assign_file::KIND;
use crate::shared::{Actor, Permission};

/// Rows with errors are read in so many at a time.
const CHUNK: u16 = 5_000;

/// Shows jobs that assign by file.
pub struct ReadJob {
    jobs: Arc<dyn JobReader>,
}

impl ReadJob {
    /// Builds the use case.
    #[must_use]
    pub fn new(jobs: Arc<dyn JobReader>) -> Self {
        Self { jobs }
    }

    /// One job.
    ///
    /// # Errors
    /// [`ReadAssignmentsError`].
    pub async fn job(&self, actor: &Actor, job: JobId) -> Result<Job, ReadAssignmentsError> {
        if !actor.may(Permission::ChangeAssignments) {
            return Err(ReadAssignmentsError::Forbidden);
        }
        self.jobs.find(actor.tenant, KIND, job).await?.ok_or(ReadAssignmentsError::NotFound)
    }

    /// The next of its rows that could not be done, after this one; none are left when it gives none.
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
