use std::collections::HashMap;

use haat_domain::assignment::{
    AllocationRequest, AssignmentTx, BatchKind, BatchRecord, BatchState, IfAssigned,
};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{BatchId, StorageFailure, UserId};

use super::Outcome;
use super::compute_steps::{compute_steps, conclude, lock_staged};
use super::read_assignments::{batch_scope, is_in_scope};
use crate::shared::{
    Allowed, Audited, ChangeAssignments, ChangeError, Changes, Refusal, Refused, Rendered, WriteOptions,
};

/// Reasons why a batch was not undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoBatchError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The batch is a plan that has not been applied.
    #[error("the batch has not been applied")]
    NotApplied,
}

impl Refusal for UndoBatchError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotApplied => Refused::new(&crate::assignment::codes::NOT_APPLIED),
        }
    }
}

impl From<StorageFailure> for UndoBatchError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Undoes a batch, except for retailers whose assignments have changed since, or that have left the caller's scope: these are left
/// as they are and reported. The undo is a batch itself and can be undone too.
pub struct UndoBatch {
    changes: Changes<dyn AssignmentTx>,
}

impl UndoBatch {
    /// Builds the use case.
    #[must_use]
    pub fn new(changes: Changes<dyn AssignmentTx>) -> Self {
        Self { changes }
    }

    /// Undoes the batch and returns the outcome. If the batch is undone already, the outcome is empty and
    /// marked as repeated.
    ///
    /// # Errors
    /// [`UndoBatchError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        batch: BatchId,
        options: &WriteOptions,
        render: impl FnOnce(&Outcome) -> Rendered,
    ) -> Result<StoredResponse, UndoBatchError> {
        let tenant = allowed.tenant;
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| is_in_scope(tx, allowed, batch).await,
                render,
                async |tx, at| {
                    let scope = batch_scope(allowed);
                    let (undone, in_scope) = tx
                        .assignments()
                        .lock_batch(tenant, &scope, batch)
                        .await?
                        .ok_or(ChangeError::NotFound)?;
                    if !in_scope {
                        return Err(ChangeError::NotFound.into());
                    }
                    match undone.state {
                        BatchState::Planned | BatchState::Expired => return Err(UndoBatchError::NotApplied),
                        BatchState::Undone => {
                            return Ok(Audited::unchanged(Outcome { repeated: true, ..Outcome::default() }));
                        }
                        BatchState::Applied => {}
                    }
                    let id = tx.assignments().new_batch(tenant).await?;
                    tx.assignments().stage_batch(tenant, id, batch).await?;
                    let locked = lock_staged(tx, (tenant, id), scope.targets).await?;
                    let locked = locked.ok_or(ChangeError::NotFound)?;
                    let names: HashMap<UserId, String> =
                        locked.iter().map(|rep| (rep.id, rep.username.clone())).collect();
                    // Restores the previous assignments regardless of today's capacities; sales reps over theirs are
                    // reported.
                    let allocation = AllocationRequest::Undo(batch);
                    let outcome =
                        compute_steps(tx, (tenant, id), &allocation, (&locked, &names), true).await?;
                    let record = BatchRecord {
                        tenant,
                        batch: id,
                        kind: BatchKind::Undo,
                        actor: (allowed.user, allowed.role),
                        at,
                        request_id: options.request_id.clone(),
                        reason: None,
                        if_assigned: IfAssigned::Share,
                        force: true,
                        result: outcome.result.clone(),
                        assigned_counts: outcome.assigned_counts.clone(),
                        undoes: Some(batch),
                    };
                    Ok(conclude(tx, options, false, &record, outcome).await?)
                },
            )
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{
        Applied, Batch, MockAssignmentWriter, NamedRep, RepAssignedCounts, RetailerLock, Totals,
    };

    use super::super::testing::{BATCH, Executed, assigned_counts_of, batch, executed, locked, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, allowed, changes};

    const UNDONE: BatchId = BatchId::new(2);

    fn writer(batch: Option<Batch>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_lock_batch().returning(move |_, _, _| Ok(batch.clone().map(|batch| (batch, true))));
        writer
    }

    async fn execute(writer: MockAssignmentWriter) -> (Executed<UndoBatchError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer));
        let committed = tx.committed();
        let use_case = UndoBatch::new(changes(tx));
        let options = WriteOptions::default();
        let result =
            executed(async |render| use_case.execute(&allowed(), UNDONE, &options, render).await).await;
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
            .withf(|_, _, request| request.retailers == RetailerLock::Exclusive)
            .returning(|_, _, _| Ok(vec![locked()]));
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
        let (result, committed) = execute(writer).await;
        assert!(committed);
        let outcome = result.unwrap();
        assert_eq!((outcome.batch, outcome.result.over_capacity[0].refused), (Some(BATCH), 0));
    }

    #[tokio::test]
    async fn undoing_twice_changes_nothing() {
        let (result, _) = execute(writer(Some(batch(BatchState::Undone)))).await;
        assert_eq!(result, Ok(Outcome { repeated: true, ..Outcome::default() }));
    }

    #[tokio::test]
    async fn batches_with_sales_reps_outside_the_scope_are_not_found() {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_lock_batch().returning(|_, _, _| Ok(Some((batch(BatchState::Applied), false))));
        let not_found = Err(UndoBatchError::Change(ChangeError::NotFound));
        assert_eq!(execute(writer).await, (not_found.clone(), false));
        // A sales rep who leaves the scope before the locks.
        let mut writer = self::writer(Some(batch(BatchState::Applied)));
        writer.expect_new_batch().returning(|_| Ok(BATCH));
        writer.expect_stage_batch().returning(|_, _, _| Ok(()));
        writer
            .expect_named_reps()
            .returning(|_, _| Ok(vec![NamedRep { name: "5".into(), row: 0, found: Some((rep(), true)) }]));
        writer.expect_lock().returning(|_, _, _| Ok(Vec::new()));
        assert_eq!(execute(writer).await, (not_found, false));
    }

    #[tokio::test]
    async fn rejects_plans() {
        let planned = writer(Some(batch(BatchState::Planned)));
        assert_eq!(execute(planned).await, (Err(UndoBatchError::NotApplied), false));
    }
}
