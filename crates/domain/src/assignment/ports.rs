use async_trait::async_trait;

use super::{
    AllocationRequest, Applied, AssignedCounts, Batch, BatchChange, BatchChangeKey, BatchFilter, BatchRecord,
    BatchScope, FailedRows, Interval, LockRequest, LockedRep, NamedRep, PlanConflict, RepAssignedCounts,
    RepSelector, RepSpan, RepSpanKey, RequestedAssignment, RowFaults, Span, SpanKey, Totals, TransferCount,
    When,
};
use crate::change::ChangeTx;
use crate::retailer::RetailerUid;
use crate::shared::{BatchId, JobId, Page, PageRequest, StorageFailure, Targets, TenantId, UserId};

/// Reads batches and the history of assignments. `targets` are those of the caller's permission. Sales reps and retailers
/// that they do not cover are not found. They cover members of the target teams and of teams with a home area in the target
/// regions and areas; retailers in these regions and areas; and retailers that members of the target teams serve.
///
/// All methods fail with [`StorageFailure`] if the storage fails.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentReader: Send + Sync {
    /// Returns a batch, with the assigned counts of each affected sales rep, sorted by username.
    async fn find(
        &self,
        tenant: TenantId,
        scope: &BatchScope,
        batch: BatchId,
    ) -> Result<Option<(Batch, Vec<AssignedCounts>)>, StorageFailure>;

    /// Returns a page of batches, the latest first.
    async fn list(
        &self,
        tenant: TenantId,
        scope: &BatchScope,
        filter: &BatchFilter,
        page: &PageRequest<BatchId>,
    ) -> Result<Page<Batch, BatchId>, StorageFailure>;

    /// Returns a page of the changes that a batch makes or made, sorted by retailer and sales rep.
    async fn changes(
        &self,
        tenant: TenantId,
        batch: BatchId,
        page: &PageRequest<BatchChangeKey>,
    ) -> Result<Page<BatchChange, BatchChangeKey>, StorageFailure>;

    /// Returns a page of the assignment periods of a retailer, the latest first; `None` if the retailer does
    /// not exist. Targets of less than the whole tenant cover no deleted retailer.
    async fn spans(
        &self,
        tenant: TenantId,
        targets: &Targets,
        uid: &RetailerUid,
        when: When,
        page: &PageRequest<SpanKey>,
    ) -> Result<Option<Page<Span, SpanKey>>, StorageFailure>;

    /// Returns a page of the assignment periods of a sales rep that overlap an interval and whose retailer is covered, the
    /// latest first; `None` if the sales rep does not exist.
    async fn rep_spans(
        &self,
        tenant: TenantId,
        targets: &Targets,
        rep: UserId,
        interval: Interval,
        page: &PageRequest<RepSpanKey>,
    ) -> Result<Option<Page<RepSpan, RepSpanKey>>, StorageFailure>;
}

/// Changes assignments inside a transaction, in these steps: the requested assignments are staged under a new
/// batch, the affected rows are locked, the steps are computed and checked, and then applied or stored as a
/// plan. Each call runs a fixed number of statements, regardless of the number of retailers. `targets` are those of the
/// caller's permission, as in [`AssignmentReader`].
///
/// All methods fail with [`StorageFailure`] if the storage fails.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentWriter: Send {
    /// Returns the id for a new batch.
    async fn new_batch(&mut self, tenant: TenantId) -> Result<BatchId, StorageFailure>;

    /// Stages requested assignments.
    async fn stage(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        rows: &[RequestedAssignment],
    ) -> Result<(), StorageFailure>;

    /// Stages in `batch` the changes of the batch `undone`, to undo them.
    async fn stage_batch(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        undone: BatchId,
    ) -> Result<(), StorageFailure>;

    /// Stages the changes of a plan.
    async fn stage_plan(&mut self, tenant: TenantId, plan: BatchId) -> Result<(), StorageFailure>;

    /// Returns the number of staged assignments.
    async fn staged(&mut self, tenant: TenantId, batch: BatchId) -> Result<i64, StorageFailure>;

    /// Returns the sales reps named in the staged assignments, in order of rows.
    async fn named_reps(&mut self, tenant: TenantId, batch: BatchId)
    -> Result<Vec<NamedRep>, StorageFailure>;

    /// Locks the staged retailers and then these sales reps, each in order of id, so that concurrent
    /// transactions cannot deadlock. [`RetailerLock::Exclusive`] also locks all sales reps who serve the
    /// retailers. Locks only what the targets cover, and the memberships on which that depends. Other sales reps are not
    /// returned; staged rows with other retailers are treated like rows with unknown uids.
    async fn lock(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        request: &LockRequest,
    ) -> Result<Vec<LockedRep>, StorageFailure>;

    /// Computes the steps of a batch from the staged and locked rows. Returns the staged uids that no
    /// retailer has, without duplicates.
    async fn compute_steps(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        allocation: &AllocationRequest,
    ) -> Result<Vec<String>, StorageFailure>;

    /// Returns the effect of the steps on each sales rep whose retailers would change.
    async fn assigned_counts(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<RepAssignedCounts>, StorageFailure>;

    /// Returns the number of retailers that would move, by source and recipient.
    async fn transfer_counts(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<TransferCount>, StorageFailure>;

    /// Marks the `start` steps of these sales reps as refused, and deletes the `end` steps of retailers that no
    /// sales rep would then receive or keep.
    async fn refuse(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        reps: &[UserId],
    ) -> Result<(), StorageFailure>;

    /// Returns the totals of the steps.
    async fn totals(&mut self, tenant: TenantId, batch: BatchId) -> Result<Totals, StorageFailure>;

    /// Deletes the other staged assignments of each row that names one of these sales reps, so that no row is applied in
    /// part. Returns the number of deleted assignments.
    async fn drop_rows_of(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        names: &[String],
    ) -> Result<i64, StorageFailure>;

    /// Records the staged rows that will not be applied as errors of a job: rows with an unknown sales rep or retailer, rows
    /// whose `start` step was refused, and transfers from a sales rep who does not serve the retailer. Returns the numbers of
    /// rows of the job that have an error.
    async fn note_row_errors(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        job: JobId,
        faults: &RowFaults,
    ) -> Result<FailedRows, StorageFailure>;

    /// Stores the steps as a plan.
    async fn save_plan(&mut self, record: &BatchRecord) -> Result<(), StorageFailure>;

    /// Applies the steps, with history, audit entry and change feed entries.
    async fn apply(&mut self, record: &BatchRecord) -> Result<Applied, StorageFailure>;

    /// Deletes the staged assignments and the steps.
    async fn clear(&mut self, tenant: TenantId, batch: BatchId) -> Result<(), StorageFailure>;

    /// Compares a locked plan with the current data. Returns the number of conflicts, and the first 100 of them.
    async fn verify_plan(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        plan: BatchId,
    ) -> Result<(i64, Vec<PlanConflict>), StorageFailure>;

    /// Locks a batch, so that no other transaction can apply or undo it until this one ends. Returns the batch, and true if
    /// all its sales reps are in the scope. A batch of another user is found only if the targets cover the tenant.
    async fn lock_batch(
        &mut self,
        tenant: TenantId,
        scope: &BatchScope,
        batch: BatchId,
    ) -> Result<Option<(Batch, bool)>, StorageFailure>;

    /// Returns the assigned counts that a batch was stored with, in the order of usernames.
    async fn stored_counts(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Vec<AssignedCounts>, StorageFailure>;

    /// Returns sales reps in the order of `reps`, each with the number of assigned retailers; `None` if no covered
    /// sales rep matches the selector.
    async fn reps(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        reps: &[RepSelector],
    ) -> Result<Vec<Option<(LockedRep, i64)>>, StorageFailure>;

    /// Returns the covered retailers of a sales rep, grouped by territory.
    async fn retailers_of(
        &mut self,
        tenant: TenantId,
        targets: &Targets,
        rep: UserId,
    ) -> Result<Vec<RetailerUid>, StorageFailure>;
}

/// Stages millions of requested assignments, outside any transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentStager: Send + Sync {
    /// Opens the stage of a batch.
    async fn open(
        &self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Box<dyn AssignmentStage>, StorageFailure>;
}

/// A stage to which the rows of a batch are added. They become available when the stage is closed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentStage: Send {
    /// Adds requested assignments.
    async fn add(&mut self, rows: &[RequestedAssignment]) -> Result<(), StorageFailure>;

    /// Closes the stage and makes its rows available.
    async fn close(self: Box<Self>) -> Result<(), StorageFailure>;
}

/// A transaction, as the use cases of assignments see it.
pub trait AssignmentTx: ChangeTx {
    /// Returns the assignments.
    fn assignments(&mut self) -> &mut dyn AssignmentWriter;
}
