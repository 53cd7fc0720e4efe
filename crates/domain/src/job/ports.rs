use std::time::Duration;

use async_trait::async_trait;

use super::{Attempt, Job, JobEnd, JobError, JobNumbers, NewJob};
use crate::shared::{JobId, StorageFailure, TenantId};

/// Adds and ends jobs inside a transaction: a job is there exactly if what asked for it is, and is done exactly if its
/// work is.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobWriter: Send {
    /// Adds a job.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn enqueue(&mut self, job: &NewJob) -> Result<JobId, StorageFailure>;

    /// Says in this transaction that the attempt has come further, so that it is not one too many, and keeps others from
    /// taking the job over until it has ended; `false` where that has happened.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn hold(&mut self, attempt: &Attempt) -> Result<bool, StorageFailure>;

    /// Ends a job; `false` where another attempt has taken it over: the transaction must not be committed then.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn end(&mut self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure>;
}

/// Hands out jobs to workers, each to one at a time.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// The next job of one of these kinds that is due, or that nobody has tended for `stale`.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn take(&self, kinds: &[&'static str], stale: Duration) -> Result<Option<Attempt>, StorageFailure>;

    /// Tends a job and notes how far it is; `false` where another attempt has taken it over.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn tend(&self, attempt: &Attempt, progress: Option<JobNumbers>) -> Result<bool, StorageFailure>;

    /// Ends a job on its own; does nothing where another attempt has taken it over.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn end(&self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure>;

    /// Puts a job back, to be tried again after `wait`.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn put_back(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure>;

    /// Notes rows that could not be done; one that is noted already stays as it is.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take them.
    async fn note_errors(&self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure>;
}

/// Shows jobs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobReader: Send + Sync {
    /// A job of this kind.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(
        &self,
        tenant: TenantId,
        kind: &'static str,
        job: JobId,
    ) -> Result<Option<Job>, StorageFailure>;

    /// Rows that could not be done, in order of row and field, after this place, at most so many.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn errors(
        &self,
        tenant: TenantId,
        job: JobId,
        after: Option<(i64, String)>,
        most: u16,
    ) -> Result<Vec<JobError>, StorageFailure>;
}
