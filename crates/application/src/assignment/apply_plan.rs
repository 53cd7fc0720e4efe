use std::sync::Arc;

use haat_domain::assignment::{AssignmentTx, Batch, BatchRecord, BatchState, Moved};
use haat_domain::shared::{BatchId, Begin, Clock, Receipt, StorageFailure};

use super::Outcome;
use super::draw::{apply, lock_staged, with_names};
use crate::shared::{Actor, Begun, Change, ChangeError, Done, Permission, begin, finish};

/// Why a plan was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyPlanError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no such plan.
    #[error("there is no such plan")]
    NotFound,
    /// It was applied, and has been taken back since.
    #[error("the plan was applied and has been taken back")]
    Undone,
    /// The world is not what the plan saw: in how many places, and the first of them.
    #[error("the world has moved since the plan was made, in {0} places")]
    Outdated(i64, Vec<Moved>),
}

impl From<StorageFailure> for ApplyPlanError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Does what a plan showed, or nothing.
pub struct ApplyPlan {
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl ApplyPlan {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// What was done. A plan that has been applied stays so: its outcome is told again.
    ///
    /// # Errors
    /// [`ApplyPlanError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        plan: BatchId,
        change: &Change,
        receipt: &(dyn Fn(&Outcome) -> Receipt + Sync),
    ) -> Result<Done<Outcome>, ApplyPlanError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let tenant = actor.tenant;
        let batch = tx.assignments().lock_batch(tenant, plan).await?.ok_or(ApplyPlanError::NotFound)?;
        let mut outcome = Outcome { batch: Some(plan), ..Outcome::default() };
        if batch.state == BatchState::Undone {
            tx.roll_back().await;
            return Err(ApplyPlanError::Undone);
        }
        if batch.state == BatchState::Planned {
            tx.assignments().stage_plan(tenant, plan).await?;
            let locked = lock_staged(&mut *tx, (tenant, plan)).await?;
            let (count, moved) = tx.assignments().verify_plan(tenant, plan).await?;
            if count > 0 {
                tx.roll_back().await;
                return Err(ApplyPlanError::Outdated(count, moved));
            }
            outcome.loads = with_names(&tx.assignments().loads(tenant, plan).await?, &locked);
            outcome.totals = tx.assignments().sum_up(tenant, plan).await?;
            let record = self.record(actor, change, &batch, &outcome);
            apply(&mut *tx, &record).await?;
        } else {
            outcome.totals = batch.totals;
        }
        finish(tx, actor, change, || receipt(&outcome)).await?;
        Ok(Done::Now(outcome))
    }

    fn record(&self, actor: &Actor, change: &Change, batch: &Batch, outcome: &Outcome) -> BatchRecord {
        BatchRecord {
            tenant: actor.tenant,
            batch: batch.id,
            kind: batch.kind,
            actor: (actor.user, actor.role),
            at: self.clock.now(),
            request_id: change.request_id.clone(),
            reason: batch.reason.clone(),
            if_assigned: batch.if_assigned,
            force: batch.force,
            totals: outcome.totals.clone(),
            loads: outcome.loads.clone(),
            undoes: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{Applied, MockAssignmentWriter, NamedRep, ShopLock, Totals};
    use haat_domain::shared::MockClock;

    use super::super::testing::{admin, batch, load, locked, receipt, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon};

    const PLAN: BatchId = BatchId::new(2);

    fn writer(found: Option<Batch>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer
            .expect_lock_batch()
            .withf(|tenant, id| *tenant == actor().tenant && *id == PLAN)
            .returning(move |_, _| Ok(found.clone()));
        writer
    }

    fn planned(moved: i64) -> MockAssignmentWriter {
        let mut writer = writer(Some(batch(BatchState::Planned)));
        writer.expect_stage_plan().times(1).returning(|_, _| Ok(()));
        writer
            .expect_named_reps()
            .returning(|_, _| Ok(vec![NamedRep { name: "5".into(), row: 0, found: Some((rep(), true)) }]));
        writer
            .expect_lock()
            .withf(|_, _, _, how| *how == ShopLock::Alone)
            .times(1)
            .returning(|_, _, _, _| Ok(vec![locked()]));
        writer.expect_verify_plan().times(1).returning(move |_, _| Ok((moved, Vec::new())));
        writer
    }

    async fn execute(
        writer: MockAssignmentWriter,
        actor: &Actor,
    ) -> (Result<Done<Outcome>, ApplyPlanError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let use_case = ApplyPlan::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(actor, PLAN, &Change::default(), &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_plan_that_still_holds_is_applied_as_it_was_asked_for() {
        let mut writer = planned(0);
        writer.expect_loads().returning(|_, _| Ok(vec![load(1)]));
        writer.expect_sum_up().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        writer
            .expect_apply()
            .times(1)
            .withf(|record| record.batch == PLAN && record.reason.as_deref() == Some("why") && record.force)
            .returning(|_| Ok(Applied { drawn: (1, 0), done: (1, 0) }));
        writer.expect_clear().times(1).returning(|_, _| Ok(()));
        let (result, committed) = execute(writer, &admin()).await;
        assert!(matches!(result, Ok(Done::Now(outcome)) if outcome.batch == Some(PLAN)) && committed);
    }

    #[tokio::test]
    async fn one_that_does_not_is_refused() {
        let (result, committed) = execute(planned(4), &admin()).await;
        assert_eq!((result, committed), (Err(ApplyPlanError::Outdated(4, Vec::new())), false));
    }

    #[tokio::test]
    async fn one_that_has_been_applied_is_told_again() {
        let (result, _) = execute(writer(Some(batch(BatchState::Applied))), &admin()).await;
        assert!(matches!(result, Ok(Done::Now(outcome)) if outcome.totals.assigned == 7));
        let (result, _) = execute(writer(Some(batch(BatchState::Undone))), &admin()).await;
        assert_eq!(result, Err(ApplyPlanError::Undone));
    }

    #[tokio::test]
    async fn one_that_is_not_there_is_not_found_and_representatives_have_none() {
        assert_eq!(execute(writer(None), &admin()).await.0, Err(ApplyPlanError::NotFound));
        let (result, _) = execute(MockAssignmentWriter::new(), &actor()).await;
        assert_eq!(result, Err(ApplyPlanError::Change(ChangeError::Forbidden)));
    }
}
