use std::time::Duration;

use async_trait::async_trait;

use super::{Attempt, FailedRow, Job, JobEnd, JobError, JobNumbers, NewJob};
use crate::shared::{JobId, Page, PageRequest, StorageFailure, TenantId, UserId};

/// Adds and ends jobs inside a transaction: a job exists exactly if the change that requested it was
/// committed, and is completed exactly if its work was committed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobWriter: Send {
    /// Adds a job.
    async fn enqueue(&mut self, job: &NewJob) -> Result<JobId, StorageFailure>;

    /// Records in this transaction that the attempt has made progress, so that it does not count as one
    /// attempt too many, and prevents other workers from taking over the job until the transaction ends.
    /// Returns false if another attempt has already taken over.
    async fn hold(&mut self, attempt: &Attempt) -> Result<bool, StorageFailure>;

    /// Records rows that could not be processed. A row that is already recorded stays unchanged.
    async fn note_errors(&mut self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure>;

    /// Ends a job. Returns false if another attempt has taken over: the transaction must not be committed in
    /// that case.
    async fn end(&mut self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure>;
}

/// Assigns jobs to workers, each job to one worker at a time.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Takes the next job of one of these kinds that is due, or that has had no heartbeat for `stale`.
    async fn take(&self, kinds: &[&'static str], stale: Duration) -> Result<Option<Attempt>, StorageFailure>;

    /// Records a heartbeat and the progress of a job. Returns false if another attempt has taken over.
    async fn heartbeat(
        &self,
        attempt: &Attempt,
        progress: Option<JobNumbers>,
    ) -> Result<bool, StorageFailure>;

    /// Ends a job in a transaction of its own; does nothing if another attempt has taken over.
    async fn end(&self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure>;

    /// Puts a job back into the queue, to be retried after `wait`.
    async fn requeue(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure>;

    /// Records rows that could not be processed. A row that is already recorded stays unchanged.
    async fn note_errors(&self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure>;
}

/// Reads jobs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobReader: Send + Sync {
    /// Returns a job of this kind.
    async fn find(
        &self,
        tenant: TenantId,
        kind: &'static str,
        job: JobId,
    ) -> Result<Option<Job>, StorageFailure>;

    /// Returns a page of the jobs of this kind, the newest first; only those that `actor` requested, if given.
    async fn list(
        &self,
        tenant: TenantId,
        kind: &'static str,
        actor: Option<UserId>,
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure>;

    /// Returns the rows with errors after the row `after`, by row number, at most `at_most`.
    async fn failed_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        after: i64,
        at_most: u16,
    ) -> Result<Vec<FailedRow>, StorageFailure>;
}
