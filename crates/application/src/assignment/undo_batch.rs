use std::collections::HashMap;
use std::sync::Arc;

use haat_domain::assignment::{
    AllocationRequest, AssignmentTx, BatchKind, BatchRecord, BatchState, IfAssigned,
};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{BatchId, BeginTransaction, Clock, StorageFailure, UserId};

use super::Outcome;
use super::compute_steps::{compute_steps, conclude, lock_staged};
use crate::shared::{
    Actor, ChangeError, Idempotent, Permission, Refusal, Refused, Started, WriteOptions, begin, codes, finish,
};

/// Reasons why a batch was not undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoBatchError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The batch of assignments does not exist.
    #[error("batch not found")]
    NotFound,
    /// The batch is a plan that has not been applied.
    #[error("the batch has not been applied")]
    NotApplied,
}

impl Refusal for UndoBatchError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::NotApplied => Refused::new(&crate::assignment::codes::NOT_APPLIED),
        }
    }
}

impl From<StorageFailure> for UndoBatchError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Undoes a batch, except for retailers whose assignments have changed since: these are left as they are and
/// reported. The undo is a batch itself and can be undone too.
pub struct UndoBatch {
    db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl UndoBatch {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Undoes the batch and returns the outcome. The outcome is empty if the batch is undone already.
    ///
    /// # Errors
    /// [`UndoBatchError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        batch: BatchId,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&Outcome) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Outcome>, UndoBatchError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let tenant = actor.tenant;
        let undone = tx.assignments().lock_batch(tenant, batch).await?.ok_or(UndoBatchError::NotFound)?;
        match undone.state {
            BatchState::Planned => return Err(UndoBatchError::NotApplied),
            BatchState::Undone => {
                let outcome = Outcome::default();
                finish(tx, actor, write_options, || stored_response(&outcome)).await?;
                return Ok(Idempotent::Executed(outcome));
            }
            BatchState::Applied => {}
        }
        let id = tx.assignments().new_batch(tenant).await?;
        tx.assignments().stage_batch(tenant, id, batch).await?;
        let locked = lock_staged(&mut *tx, (tenant, id)).await?;
        let names: HashMap<UserId, String> =
            locked.iter().map(|rep| (rep.id, rep.username.clone())).collect();
        // Restores the previous assignments regardless of today's capacities; sales reps over theirs are
        // reported.
        let allocation = AllocationRequest::Undo(batch);
        let mut outcome = compute_steps(&mut *tx, (tenant, id), &allocation, (&locked, &names), true).await?;
        let record = BatchRecord {
            tenant,
            batch: id,
            kind: BatchKind::Undo,
            actor: (actor.user, actor.role),
            at: self.clock.now(),
            request_id: write_options.request_id.clone(),
            reason: None,
            if_assigned: IfAssigned::Share,
            force: true,
            totals: outcome.totals.clone(),
            assigned_counts: outcome.assigned_counts.clone(),
            undoes: Some(batch),
        };
        conclude(tx, actor, write_options, false, record, &mut outcome, stored_response).await?;
        Ok(Idempotent::Executed(outcome))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{
        Applied, Batch, MockAssignmentWriter, NamedRep, RepAssignedCounts, RetailerLock, Totals,
    };
    use haat_domain::shared::MockClock;

    use super::super::testing::{BATCH, admin, assigned_counts_of, batch, locked, rep, stored_response};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon};

    const UNDONE: BatchId = BatchId::new(2);

    fn writer(batch: Option<Batch>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_lock_batch().returning(move |_, _| Ok(batch.clone()));
        writer
    }

    async fn execute(
        writer: MockAssignmentWriter,
        actor: &Actor,
    ) -> (Result<Idempotent<Outcome>, UndoBatchError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let use_case = UndoBatch::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(actor, UNDONE, &WriteOptions::default(), &stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn undo_is_a_new_batch_and_ignores_capacities() {
        let mut writer = writer(Some(batch(BatchState::Applied)));
        writer.expect_new_batch().returning(|_| Ok(BATCH));
        writer
            .expect_stage_batch()
            .withf(|_, id, undone| (*id, *undone) == (BATCH, UNDONE))
            .times(1)
            .returning(|_, _, _| Ok(()));
        writer
            .expect_named_reps()
            .returning(|_, _| Ok(vec![NamedRep { name: "5".into(), row: 0, found: Some((rep(), true)) }]));
        writer
            .expect_lock()
            .withf(|_, _, _, lock| *lock == RetailerLock::Exclusive)
            .returning(|_, _, _, _| Ok(vec![locked()]));
        writer
            .expect_compute_steps()
            .withf(|_, _, allocation| *allocation == AllocationRequest::Undo(UNDONE))
            .times(1)
            .returning(|_, _, _| Ok(Vec::new()));
        writer
            .expect_assigned_counts()
            .returning(|_, _| Ok(vec![RepAssignedCounts { capacity: 0, ..assigned_counts_of(1) }]));
        writer.expect_transfer_counts().returning(|_, _| Ok(Vec::new()));
        writer.expect_totals().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        writer
            .expect_apply()
            .times(1)
            .withf(|record| record.undoes == Some(UNDONE) && record.kind == BatchKind::Undo)
            .returning(|_| Ok(Applied { computed: (1, 0), applied: (1, 0) }));
        writer.expect_clear().times(1).returning(|_, _| Ok(()));
        let (result, committed) = execute(writer, &admin()).await;
        assert!(matches!(result, Ok(Idempotent::Executed(outcome))
            if outcome.batch == Some(BATCH) && outcome.over_capacity[0].refused == 0));
        assert!(committed);
    }

    #[tokio::test]
    async fn undoing_twice_changes_nothing() {
        let (result, _) = execute(writer(Some(batch(BatchState::Undone))), &admin()).await;
        assert_eq!(result, Ok(Idempotent::Executed(Outcome::default())));
    }

    #[tokio::test]
    async fn rejects_plans_unknown_batches_and_sales_reps() {
        let planned = writer(Some(batch(BatchState::Planned)));
        assert_eq!(execute(planned, &admin()).await, (Err(UndoBatchError::NotApplied), false));
        assert_eq!(execute(writer(None), &admin()).await, (Err(UndoBatchError::NotFound), false));
        let (result, _) = execute(MockAssignmentWriter::new(), &actor()).await;
        assert_eq!(result, Err(UndoBatchError::Change(ChangeError::Forbidden)));
    }
}
