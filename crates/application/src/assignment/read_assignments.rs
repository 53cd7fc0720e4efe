use std::sync::Arc;

use haat_domain::assignment::{
    AssignedCounts, AssignmentReader, AssignmentTx, Batch, BatchChange, BatchChangeKey, BatchFilter,
    BatchScope, Interval, RepSpan, RepSpanKey, Span, SpanKey, When,
};
use haat_domain::retailer::RetailerUid;
use haat_domain::shared::{BatchId, Page, PageRequest, RetailerId, StorageFailure, UserId};

use crate::shared::{Allowed, ChangeAssignments, CursorKey, ReadError, ReadPool, stored_time};

/// Reads batches and assignment periods.
pub struct ReadAssignments {
    assignments: Arc<dyn AssignmentReader>,
}

impl ReadAssignments {
    /// Builds the use case.
    #[must_use]
    pub fn new(assignments: Arc<dyn AssignmentReader>) -> Self {
        Self { assignments }
    }

    /// Returns a batch or plan and the counts of the sales reps it affects.
    pub async fn batch(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        batch: BatchId,
    ) -> Result<(Batch, Vec<AssignedCounts>), ReadError> {
        let found = self.assignments.find(allowed.tenant, &batch_scope(allowed), batch).await?;
        found.ok_or(ReadError::NotFound)
    }

    /// Returns a page of batches and plans, the latest first.
    pub async fn batches(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        filter: &BatchFilter,
        page: &PageRequest<BatchId>,
    ) -> Result<Page<Batch, BatchId>, StorageFailure> {
        self.assignments.list(allowed.tenant, &batch_scope(allowed), filter, page).await
    }

    /// Returns a page of the changes that a batch made or a plan would make.
    pub async fn changes(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        batch: BatchId,
        page: &PageRequest<BatchChangeKey>,
    ) -> Result<Page<BatchChange, BatchChangeKey>, ReadError> {
        self.batch(allowed, batch).await?;
        Ok(self.assignments.changes(allowed.tenant, batch, page).await?)
    }

    /// Returns a page of the assignment periods of a retailer, the latest first. For callers with the whole tenant, the retailer
    /// may be deleted.
    pub async fn spans(
        &self,
        allowed: &Allowed<ReadPool>,
        uid: &RetailerUid,
        when: When,
        page: &PageRequest<SpanKey>,
    ) -> Result<Page<Span, SpanKey>, ReadError> {
        let spans = self.assignments.spans(allowed.tenant, &allowed.targets(), uid, when, page).await?;
        spans.ok_or(ReadError::NotFound)
    }

    /// Returns a page of the assignment periods of a sales rep that overlap an interval, the latest first. The
    /// sales rep may be disabled. For callers with the whole tenant, a retailer may be deleted.
    pub async fn rep_spans(
        &self,
        allowed: &Allowed<ReadPool>,
        rep: UserId,
        interval: Interval,
        page: &PageRequest<RepSpanKey>,
    ) -> Result<Page<RepSpan, RepSpanKey>, ReadError> {
        let targets = allowed.targets();
        let spans = self.assignments.rep_spans(allowed.tenant, &targets, rep, interval, page).await?;
        spans.ok_or(ReadError::NotFound)
    }
}

/// Returns the batches that the caller may see.
pub(super) fn batch_scope(allowed: &Allowed<ChangeAssignments>) -> BatchScope {
    BatchScope { caller: allowed.user, targets: allowed.targets() }
}

/// Returns true if the caller may see the batch, with all its sales reps.
pub(super) async fn is_in_scope(
    tx: &mut dyn AssignmentTx,
    allowed: &Allowed<ChangeAssignments>,
    batch: BatchId,
) -> Result<bool, StorageFailure> {
    let found = tx.assignments().lock_batch(allowed.tenant, &batch_scope(allowed), batch).await?;
    Ok(found.is_some_and(|(_, in_scope)| in_scope))
}

impl CursorKey for BatchId {
    type Parts = i64;

    fn parts(&self) -> i64 {
        self.get()
    }

    fn of(id: i64) -> Option<Self> {
        Some(Self::new(id))
    }
}

impl CursorKey for BatchChangeKey {
    type Parts = (i64, i64);

    fn parts(&self) -> (i64, i64) {
        (self.0.get(), self.1.get())
    }

    fn of((retailer, rep): (i64, i64)) -> Option<Self> {
        Some((RetailerId::new(retailer), UserId::new(rep)))
    }
}

impl CursorKey for RepSpanKey {
    type Parts = (i64, i64);

    fn parts(&self) -> (i64, i64) {
        (self.0.timestamp_micros(), self.1.get())
    }

    fn of((from, retailer): (i64, i64)) -> Option<Self> {
        Some((stored_time(from)?, RetailerId::new(retailer)))
    }
}

impl CursorKey for SpanKey {
    type Parts = (i64, i64);

    fn parts(&self) -> (i64, i64) {
        (self.0.timestamp_micros(), self.1.get())
    }

    fn of((from, rep): (i64, i64)) -> Option<Self> {
        Some((stored_time(from)?, UserId::new(rep)))
    }
}
