use std::sync::Arc;

use haat_domain::assignment::{AssignmentTx, Batch, BatchRecord, BatchState, PlanConflict};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{BatchId, BeginTransaction, Clock, StorageFailure};
use serde_json::json;

use super::Outcome;
use super::compute_steps::{apply, lock_staged, with_names};
use crate::shared::{
    Actor, ChangeError, Idempotent, Permission, Refusal, Refused, Started, WriteOptions, begin, codes, finish,
};

/// Reasons why a plan was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyPlanError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The plan does not exist.
    #[error("plan not found")]
    NotFound,
    /// The plan was applied and has been undone.
    #[error("the plan was applied and has been undone")]
    Undone,
    /// The data has changed since the plan was created: the number of conflicts, and the first of them.
    #[error("the data has changed since the plan was created: {0} conflicts")]
    Stale(i64, Vec<PlanConflict>),
}

impl Refusal for ApplyPlanError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Undone => Refused::new(&crate::assignment::codes::ALREADY_UNDONE),
            Self::Stale(count, conflicts) => {
                let subject = if *count == 1 { "retailer or sales rep" } else { "retailers or sales reps" };
                let first: Vec<_> = conflicts
                    .iter()
                    .map(|conflict| {
                        json!({"kind": conflict.kind, "name": conflict.name, "changed": conflict.what})
                    })
                    .collect();
                Refused::new(&crate::assignment::codes::PLAN_STALE)
                    .detail(
                        format!(
                            "This plan is out of date: {count} {subject} changed after it was created. Create a new plan."
                        ),
                        format!(
                            "এই পরিকল্পনাটি পুরোনো হয়ে গেছে: এটি তৈরির পরে {count}টি দোকান বা বিক্রয় প্রতিনিধির তথ্য বদলেছে। নতুন পরিকল্পনা তৈরি করুন।"
                        ),
                    )
                    .with("conflicts", json!({"count": count, "first": first}))
            }
        }
    }
}

impl From<StorageFailure> for ApplyPlanError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Applies a plan as a whole or not at all.
pub struct ApplyPlan {
    db: Arc<dyn BeginTransaction<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl ApplyPlan {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Applies the plan and returns its outcome. For a plan that is applied already, returns its totals
    /// again.
    ///
    /// # Errors
    /// [`ApplyPlanError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        plan: BatchId,
        write_options: &WriteOptions,
        stored_response: &(dyn Fn(&Outcome) -> StoredResponse + Sync),
    ) -> Result<Idempotent<Outcome>, ApplyPlanError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
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
            let (count, conflicts) = tx.assignments().verify_plan(tenant, plan).await?;
            if count > 0 {
                tx.roll_back().await;
                return Err(ApplyPlanError::Stale(count, conflicts));
            }
            outcome.assigned_counts =
                with_names(&tx.assignments().assigned_counts(tenant, plan).await?, &locked);
            outcome.totals = tx.assignments().totals(tenant, plan).await?;
            let record = self.record(actor, write_options, &batch, &outcome);
            apply(&mut *tx, &record).await?;
        } else {
            outcome.totals = batch.totals;
        }
        finish(tx, actor, write_options, || stored_response(&outcome)).await?;
        Ok(Idempotent::Executed(outcome))
    }

    fn record(
        &self,
        actor: &Actor,
        write_options: &WriteOptions,
        batch: &Batch,
        outcome: &Outcome,
    ) -> BatchRecord {
        BatchRecord {
            tenant: actor.tenant,
            batch: batch.id,
            kind: batch.kind,
            actor: (actor.user, actor.role),
            at: self.clock.now(),
            request_id: write_options.request_id.clone(),
            reason: batch.reason.clone(),
            if_assigned: batch.if_assigned,
            force: batch.force,
            totals: outcome.totals.clone(),
            assigned_counts: outcome.assigned_counts.clone(),
            undoes: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{Applied, MockAssignmentWriter, NamedRep, RetailerLock, Totals};
    use haat_domain::shared::MockClock;

    use super::super::testing::{admin, assigned_counts_of, batch, locked, rep, stored_response};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon};

    const PLAN: BatchId = BatchId::new(2);

    fn writer(batch: Option<Batch>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer
            .expect_lock_batch()
            .withf(|tenant, id| *tenant == actor().tenant && *id == PLAN)
            .returning(move |_, _| Ok(batch.clone()));
        writer
    }

    fn planned(conflicts: i64) -> MockAssignmentWriter {
        let mut writer = writer(Some(batch(BatchState::Planned)));
        writer.expect_stage_plan().times(1).returning(|_, _| Ok(()));
        writer
            .expect_named_reps()
            .returning(|_, _| Ok(vec![NamedRep { name: "5".into(), row: 0, found: Some((rep(), true)) }]));
        writer
            .expect_lock()
            .withf(|_, _, _, lock| *lock == RetailerLock::Exclusive)
            .times(1)
            .returning(|_, _, _, _| Ok(vec![locked()]));
        writer.expect_verify_plan().times(1).returning(move |_, _| Ok((conflicts, Vec::new())));
        writer
    }

    async fn execute(
        writer: MockAssignmentWriter,
        actor: &Actor,
    ) -> (Result<Idempotent<Outcome>, ApplyPlanError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let use_case = ApplyPlan::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(actor, PLAN, &WriteOptions::default(), &stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn applies_a_current_plan_with_its_options() {
        let mut writer = planned(0);
        writer.expect_assigned_counts().returning(|_, _| Ok(vec![assigned_counts_of(1)]));
        writer.expect_totals().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        writer
            .expect_apply()
            .times(1)
            .withf(|record| record.batch == PLAN && record.reason.as_deref() == Some("why") && record.force)
            .returning(|_| Ok(Applied { computed: (1, 0), applied: (1, 0) }));
        writer.expect_clear().times(1).returning(|_, _| Ok(()));
        let (result, committed) = execute(writer, &admin()).await;
        assert!(
            matches!(result, Ok(Idempotent::Executed(outcome)) if outcome.batch == Some(PLAN)) && committed
        );
    }

    #[tokio::test]
    async fn rejects_a_stale_plan() {
        let (result, committed) = execute(planned(4), &admin()).await;
        assert_eq!((result, committed), (Err(ApplyPlanError::Stale(4, Vec::new())), false));
    }

    #[tokio::test]
    async fn returns_the_totals_of_an_applied_plan_and_rejects_an_undone_one() {
        let (result, _) = execute(writer(Some(batch(BatchState::Applied))), &admin()).await;
        assert!(matches!(result, Ok(Idempotent::Executed(outcome)) if outcome.totals.assigned == 7));
        let (result, _) = execute(writer(Some(batch(BatchState::Undone))), &admin()).await;
        assert_eq!(result, Err(ApplyPlanError::Undone));
    }

    #[tokio::test]
    async fn unknown_plans_are_not_found_and_sales_reps_are_forbidden() {
        assert_eq!(execute(writer(None), &admin()).await.0, Err(ApplyPlanError::NotFound));
        let (result, _) = execute(MockAssignmentWriter::new(), &actor()).await;
        assert_eq!(result, Err(ApplyPlanError::Change(ChangeError::Forbidden)));
    }
}
