use std::marker::PhantomData;
use std::sync::Arc;

use haat_domain::job::{Job, JobError, JobReader};
use haat_domain::shared::{JobId, Page, PageRequest, StorageFailure};

use crate::shared::{Allowed, CursorKey, ReadError};

/// The number of rows with errors read at a time.
const CHUNK: u16 = 5_000;

/// Reads the jobs of one kind, which requires the permission `P`.
#[derive(Clone)]
pub struct ReadJob<P> {
    jobs: Arc<dyn JobReader>,
    kind: &'static str,
    permission: PhantomData<fn() -> P>,
}

impl<P> ReadJob<P> {
    /// Builds the use case.
    pub(crate) const fn new(jobs: Arc<dyn JobReader>, kind: &'static str) -> Self {
        Self { jobs, kind, permission: PhantomData }
    }

    /// Returns a job.
    pub async fn job(&self, allowed: &Allowed<P>, job: JobId) -> Result<Job, ReadError> {
        self.jobs.find(allowed.tenant, self.kind, job).await?.ok_or(ReadError::NotFound)
    }

    /// Lists jobs, the newest first.
    pub async fn list(
        &self,
        allowed: &Allowed<P>,
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure> {
        self.jobs.list(allowed.tenant, self.kind, page).await
    }

    /// Returns the next rows with errors of a job that [`job`](Self::job) has returned, after this one; an empty list after
    /// the last.
    pub async fn errors(
        &self,
        allowed: &Allowed<P>,
        job: &Job,
        after: Option<&JobError>,
    ) -> Result<Vec<JobError>, StorageFailure> {
        let after = after.map(|error| (error.row, error.field.clone()));
        self.jobs.errors(allowed.tenant, job.id, after, CHUNK).await
    }
}

impl CursorKey for JobId {
    type Parts = i64;

    fn parts(&self) -> i64 {
        self.get()
    }

    fn of(id: i64) -> Option<Self> {
        Some(Self::new(id))
    }
}
