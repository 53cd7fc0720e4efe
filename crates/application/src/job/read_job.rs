use std::sync::Arc;

use haat_domain::job::{Job, JobError, JobReader};
use haat_domain::shared::{JobId, StorageFailure};

use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// The number of rows with errors read at a time.
const CHUNK: u16 = 5_000;

/// Reasons why a job cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadJobError {
    /// The caller lacks the permission.
    #[error("the caller may not read the job")]
    Forbidden,
    /// The tenant has no such job of this kind.
    #[error("not found")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ReadJobError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Reads the jobs of one kind.
#[derive(Clone)]
pub struct ReadJob {
    jobs: Arc<dyn JobReader>,
    kind: &'static str,
    permission: Permission,
}

impl ReadJob {
    /// Builds the use case. Reading jobs of this kind requires `permission`.
    pub(crate) const fn new(jobs: Arc<dyn JobReader>, kind: &'static str, permission: Permission) -> Self {
        Self { jobs, kind, permission }
    }

    /// Returns a job.
    ///
    /// # Errors
    /// [`ReadJobError`].
    pub async fn job(&self, actor: &Actor, job: JobId) -> Result<Job, ReadJobError> {
        if !actor.may(self.permission) {
            return Err(ReadJobError::Forbidden);
        }
        self.jobs.find(actor.tenant, self.kind, job).await?.ok_or(ReadJobError::NotFound)
    }

    /// Returns the next rows of the job with errors, after this one; an empty list after the last.
    ///
    /// # Errors
    /// [`ReadJobError`].
    pub async fn errors(
        &self,
        actor: &Actor,
        job: JobId,
        after: Option<&JobError>,
    ) -> Result<Vec<JobError>, ReadJobError> {
        if !actor.may(self.permission) {
            return Err(ReadJobError::Forbidden);
        }
        let after = after.map(|error| (error.row, error.field.clone()));
        Ok(self.jobs.errors(actor.tenant, job, after, CHUNK).await?)
    }
}
