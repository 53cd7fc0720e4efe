use std::time::Duration;

use async_trait::async_trait;

use super::{
    Attempt, ClaimState, ClaimedJob, Enqueued, FailedRow, Job, JobEnd, JobError, JobFilter, JobKind,
    JobNumbers, Lane, LaneLoad, NewJob,
};
use crate::shared::{JobId, Page, PageRequest, StorageFailure, TenantId};

/// Adds and ends jobs inside a transaction: a job exists exactly if the change that requested it was
/// committed, and is completed exactly if its work was committed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobWriter: Send {
    /// Adds a job, unless an equal one does its work or the tenant has too many. Best called last in a transaction: other
    /// transactions that add a job with the same key wait for this one.
    async fn enqueue(&mut self, job: &NewJob) -> Result<Enqueued, StorageFailure>;

    /// Records in this transaction that the attempt has made progress, so that it does not count as one
    /// attempt too many, and prevents other workers from taking over the job until the transaction ends.
    /// Returns false if another attempt has already taken over.
    async fn confirm_claim(&mut self, attempt: &Attempt) -> Result<bool, StorageFailure>;

    /// Records rows that could not be processed. A row that is already recorded stays unchanged.
    async fn note_errors(&mut self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure>;

    /// Ends a job. Returns false if another attempt has taken over: the transaction must not be committed in
    /// that case.
    async fn finish(&mut self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure>;

    /// Locks a job and returns it. Waits for a worker that is recording progress.
    async fn lock(&mut self, tenant: TenantId, job: JobId) -> Result<Option<Job>, StorageFailure>;

    /// Requests to cancel a locked job. Its worker, or any worker if it is queued, then ends it.
    async fn request_cancel(&mut self, tenant: TenantId, job: JobId) -> Result<(), StorageFailure>;

    /// Returns a locked job that has ended to the queue; its attempts are counted anew. Returns false if an equal job is queued or
    /// running.
    async fn requeue(&mut self, tenant: TenantId, job: JobId) -> Result<bool, StorageFailure>;
}

/// Assigns jobs to workers, each job to one worker at a time.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Claims the next due job of a lane, of one of these kinds, whose tenant is active and below its limit of running jobs.
    async fn claim(
        &self,
        lane: Lane,
        kinds: &[&'static JobKind],
    ) -> Result<Option<ClaimedJob>, StorageFailure>;

    /// Claims a queued job of one of these kinds that is to be cancelled, in any lane, with the reason.
    async fn claim_unwanted(
        &self,
        kinds: &[&'static JobKind],
    ) -> Result<Option<(Attempt, &'static str)>, StorageFailure>;

    /// Returns running jobs without a heartbeat for `stale` to the queue: their process has stopped. Returns their kinds.
    async fn recover(&self, stale: Duration) -> Result<Vec<String>, StorageFailure>;

    /// Records a heartbeat and the progress of a job.
    async fn heartbeat(
        &self,
        attempt: &Attempt,
        progress: Option<JobNumbers>,
    ) -> Result<ClaimState, StorageFailure>;

    /// Ends a job in a transaction of its own; does nothing if another attempt has taken over.
    async fn finish(&self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure>;

    /// Returns a job to the queue after a failed attempt, to be claimed again after `wait`; does nothing if another attempt has taken
    /// over.
    async fn reschedule(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure>;

    /// Like [`reschedule`](Self::reschedule), but the attempt does not count as one without progress.
    async fn postpone(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure>;

    /// Records rows that could not be processed. A row that is already recorded stays unchanged.
    async fn note_errors(&self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure>;
}

/// Measures the jobs of all tenants.
#[async_trait]
pub trait JobMonitor: Send + Sync {
    /// Returns the load of each lane.
    async fn lanes(&self) -> Result<Vec<LaneLoad>, StorageFailure>;

    /// Returns the time since a slot that no process has decided about, of the latest tenant, for those of these schedules that
    /// have one.
    async fn late_schedules(&self, names: &[&'static str])
    -> Result<Vec<(String, Duration)>, StorageFailure>;
}

/// Reads jobs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait JobReader: Send + Sync {
    /// Returns a job.
    async fn find(&self, tenant: TenantId, job: JobId) -> Result<Option<Job>, StorageFailure>;

    /// Returns a page of the selected jobs, the newest first.
    async fn list(
        &self,
        tenant: TenantId,
        filter: &JobFilter,
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
