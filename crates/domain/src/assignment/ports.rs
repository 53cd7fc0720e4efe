use async_trait::async_trait;

use super::{
    Applied, Batch, BatchChange, BatchChangeKey, BatchFilter, BatchRecord, Drawing, Flow, Load, LockedRep,
    Moved, NamedRep, RepLoad, RepRef, RowFaults, ShopLock, Span, SpanKey, Totals, When, WishedRow,
};
use crate::retailer::RetailerUid;
use crate::shared::{BatchId, ChangeTx, JobId, Page, PageRequest, StorageFailure, TenantId, UserId};

/// Reads batches, and who served which shop when.
///
/// All of it fails with [`StorageFailure`] when the storage could not answer.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentReader: Send + Sync {
    /// A batch of assignments, with the representatives concerned in order of username.
    async fn find(
        &self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Option<(Batch, Vec<Load>)>, StorageFailure>;

    /// A page of batches, the latest first.
    async fn list(
        &self,
        tenant: TenantId,
        filter: &BatchFilter,
        page: &PageRequest<BatchId>,
    ) -> Result<Page<Batch, BatchId>, StorageFailure>;

    /// A page of what a batch does or did, in order of shop and representative.
    async fn changes(
        &self,
        tenant: TenantId,
        batch: BatchId,
        page: &PageRequest<BatchChangeKey>,
    ) -> Result<Page<BatchChange, BatchChangeKey>, StorageFailure>;

    /// A page of the times during which somebody served a shop, the latest first; `None` where there is no such shop.
    async fn spans(
        &self,
        tenant: TenantId,
        uid: &RetailerUid,
        when: When,
        page: &PageRequest<SpanKey>,
    ) -> Result<Option<Page<Span, SpanKey>>, StorageFailure>;
}

/// Changes who serves which shop, inside a transaction, in these steps: wishes are staged under a new batch, what they
/// concern is locked, steps are drawn from them and judged, and then applied or kept as a plan. Each call is a fixed
/// number of statements, however many shops there are.
///
/// All of it fails with [`StorageFailure`] when the storage could not answer.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentWriter: Send {
    /// The id of a batch to be.
    async fn new_batch(&mut self, tenant: TenantId) -> Result<BatchId, StorageFailure>;

    /// Stages wishes.
    async fn stage(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        rows: &[WishedRow],
    ) -> Result<(), StorageFailure>;

    /// Stages what a batch did, to be taken back.
    async fn stage_batch(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        undone: BatchId,
    ) -> Result<(), StorageFailure>;

    /// Stages what a plan would do.
    async fn stage_plan(&mut self, tenant: TenantId, plan: BatchId) -> Result<(), StorageFailure>;

    /// How many wishes are staged.
    async fn staged(&mut self, tenant: TenantId, batch: BatchId) -> Result<i64, StorageFailure>;

    /// Who is named in the staged wishes, in order of rows.
    async fn named_reps(&mut self, tenant: TenantId, batch: BatchId)
    -> Result<Vec<NamedRep>, StorageFailure>;

    /// Locks the staged shops and then these representatives, each in order of id, so that two who lock wait for each
    /// other and not both. [`ShopLock::Alone`] locks all who serve the shops too.
    async fn lock(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        reps: &[UserId],
        how: ShopLock,
    ) -> Result<Vec<LockedRep>, StorageFailure>;

    /// Draws the steps of a batch from what is staged and locked. Gives the staged uids of no shop, each once.
    async fn draw(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        drawing: &Drawing,
    ) -> Result<Vec<String>, StorageFailure>;

    /// What the steps mean to each representative whose shops would change.
    async fn loads(&mut self, tenant: TenantId, batch: BatchId) -> Result<Vec<RepLoad>, StorageFailure>;

    /// From whom to whom shops would go.
    async fn flows(&mut self, tenant: TenantId, batch: BatchId) -> Result<Vec<Flow>, StorageFailure>;

    /// Takes the beginnings of these representatives out of the steps, and the ends that came with them.
    async fn refuse(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        reps: &[UserId],
    ) -> Result<(), StorageFailure>;

    /// What the steps would do.
    async fn sum_up(&mut self, tenant: TenantId, batch: BatchId) -> Result<Totals, StorageFailure>;

    /// Notes as errors of a job the staged rows that will not be done: of nobody who could serve shops (`unknown` and
    /// `disabled` names), of no shop, or (of `reps`, as named and by id) of somebody refused. Gives how many rows of the
    /// job have an error.
    async fn note_row_errors(
        &mut self,
        tenant: TenantId,
        batch: BatchId,
        job: JobId,
        faults: &RowFaults,
    ) -> Result<i64, StorageFailure>;

    /// Keeps the steps as a plan.
    async fn keep_plan(&mut self, record: &BatchRecord) -> Result<(), StorageFailure>;

    /// Does what the steps say, with history, audit entry and lines of the change feed.
    async fn apply(&mut self, record: &BatchRecord) -> Result<Applied, StorageFailure>;

    /// Forgets wishes and steps.
    async fn clear(&mut self, tenant: TenantId, batch: BatchId) -> Result<(), StorageFailure>;

    /// Where the world is not what a plan saw: how many places, and the first hundred of them.
    async fn verify_plan(
        &mut self,
        tenant: TenantId,
        plan: BatchId,
    ) -> Result<(i64, Vec<Moved>), StorageFailure>;

    /// A batch of assignments, which nobody else applies or takes back until the transaction ends.
    async fn lock_batch(&mut self, tenant: TenantId, batch: BatchId)
    -> Result<Option<Batch>, StorageFailure>;

    /// Representatives, each in the place of their name, with their shops now; `None` where there is nobody of that name.
    async fn reps(
        &mut self,
        tenant: TenantId,
        reps: &[RepRef],
    ) -> Result<Vec<Option<(LockedRep, i64)>>, StorageFailure>;

    /// The shops of a representative, those of one territory together.
    async fn shops_of(&mut self, tenant: TenantId, rep: UserId) -> Result<Vec<RetailerUid>, StorageFailure>;
}

/// Stages wishes by the million, outside any transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentStager: Send + Sync {
    /// Opens the rows of a batch.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn open(
        &self,
        tenant: TenantId,
        batch: BatchId,
    ) -> Result<Box<dyn AssignmentStage>, StorageFailure>;
}

/// The rows of a batch, while they are added. They are there once it is closed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AssignmentStage: Send {
    /// Adds wishes.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take them.
    async fn add(&mut self, rows: &[WishedRow]) -> Result<(), StorageFailure>;

    /// Makes them be there.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take them.
    async fn close(self: Box<Self>) -> Result<(), StorageFailure>;
}

/// What use cases of assignment see of a transaction.
pub trait AssignmentTx: ChangeTx {
    /// Assignments.
    fn assignments(&mut self) -> &mut dyn AssignmentWriter;
}
