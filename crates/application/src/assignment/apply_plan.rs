use haat_domain::assignment::{AssignmentTx, Batch, BatchRecord, BatchState, PlanConflict};
use haat_domain::change::StoredResponse;
use haat_domain::shared::{BatchId, StorageFailure};
use serde_json::json;

use super::Outcome;
use super::compute_steps::{apply, lock_staged};
use super::read_assignments::{batch_scope, is_in_scope};
use crate::shared::{
    Actor, Allowed, Audited, ChangeAssignments, ChangeError, Changes, Refusal, Refused, Rendered,
    WriteOptions,
};

/// Reasons why a plan was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyPlanError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The plan was not applied in time.
    #[error("the plan has expired")]
    Expired,
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
            Self::Expired => Refused::new(&crate::assignment::codes::PLAN_EXPIRED),
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
    changes: Changes<dyn AssignmentTx>,
}

impl ApplyPlan {
    /// Builds the use case.
    #[must_use]
    pub fn new(changes: Changes<dyn AssignmentTx>) -> Self {
        Self { changes }
    }

    /// Applies the plan and returns its outcome. For a plan that is applied already, returns the same
    /// outcome, marked as repeated.
    ///
    /// # Errors
    /// [`ApplyPlanError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        allowed: &Allowed<ChangeAssignments>,
        plan: BatchId,
        options: &WriteOptions,
        render: impl FnOnce(&Outcome) -> Rendered,
    ) -> Result<StoredResponse, ApplyPlanError> {
        let tenant = allowed.tenant;
        self.changes
            .run_on(
                allowed,
                options,
                async |tx, _| is_in_scope(tx, allowed, plan).await,
                render,
                async |tx, _| {
                    let scope = batch_scope(allowed);
                    let (batch, in_scope) = tx
                        .assignments()
                        .lock_batch(tenant, &scope, plan)
                        .await?
                        .ok_or(ChangeError::NotFound)?;
                    let repeated = match batch.state {
                        // Sales reps of the plan who have left the scope are conflicts, which `verify_plan` reports.
                        BatchState::Planned => false,
                        _ if !in_scope => return Err(ChangeError::NotFound.into()),
                        BatchState::Expired => return Err(ApplyPlanError::Expired),
                        BatchState::Undone => return Err(ApplyPlanError::Undone),
                        BatchState::Applied => true,
                    };
                    let assigned_counts = tx.assignments().stored_counts(tenant, plan).await?;
                    let result = batch.result.clone();
                    let outcome = Outcome { batch: Some(plan), result, assigned_counts, repeated };
                    if !repeated {
                        tx.assignments().stage_plan(tenant, plan).await?;
                        let locked = lock_staged(tx, (tenant, plan), scope.targets.clone()).await?;
                        let (count, conflicts) =
                            tx.assignments().verify_plan(tenant, &scope.targets, plan).await?;
                        // A sales rep who was out of scope at the time of the locks is not locked, even if they are back.
                        if count > 0 || locked.is_none() {
                            return Err(ApplyPlanError::Stale(count.max(1), conflicts));
                        }
                        apply(tx, &self.record(allowed, options, &batch, &outcome)).await?;
                    }
                    Ok(Audited::recorded(outcome))
                },
            )
            .await
    }

    fn record(&self, actor: &Actor, options: &WriteOptions, batch: &Batch, outcome: &Outcome) -> BatchRecord {
        BatchRecord {
            tenant: actor.tenant,
            batch: batch.id,
            kind: batch.kind,
            actor: (actor.user, actor.role),
            at: self.changes.now(),
            request_id: options.request_id.clone(),
            reason: batch.reason.clone(),
            if_assigned: batch.if_assigned,
            force: batch.force,
            result: outcome.result.clone(),
            assigned_counts: outcome.assigned_counts.clone(),
            undoes: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{Applied, AssignedCounts, MockAssignmentWriter, NamedRep, RetailerLock};

    use super::super::testing::{Executed, batch, executed, locked, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, allowed, changes};

    const PLAN: BatchId = BatchId::new(2);

    fn writer(batch: Option<Batch>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer
            .expect_lock_batch()
            .withf(|tenant, scope, id| (*tenant, scope.caller, *id) == (actor().tenant, actor().user, PLAN))
            .returning(move |_, _, _| Ok(batch.clone().map(|batch| (batch, true))));
        writer
    }

    fn stored() -> AssignedCounts {
        AssignedCounts { rep: rep(), username: "sr00001".into(), before: 0, after: 7, capacity: 120 }
    }

    fn planned(conflicts: i64) -> MockAssignmentWriter {
        let mut writer = writer(Some(batch(BatchState::Planned)));
        writer.expect_stage_plan().times(1).returning(|_, _| Ok(()));
        writer
            .expect_named_reps()
            .returning(|_, _| Ok(vec![NamedRep { name: "5".into(), row: 0, found: Some((rep(), true)) }]));
        writer
            .expect_lock()
            .withf(|_, _, request| request.retailers == RetailerLock::Exclusive)
            .times(1)
            .returning(|_, _, _| Ok(vec![locked()]));
        writer.expect_stored_counts().times(1).returning(|_, _| Ok(vec![stored()]));
        writer.expect_verify_plan().times(1).returning(move |_, _, _| Ok((conflicts, Vec::new())));
        writer
    }

    async fn execute(writer: MockAssignmentWriter) -> (Executed<ApplyPlanError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer));
        let committed = tx.committed();
        let use_case = ApplyPlan::new(changes(tx));
        let options = WriteOptions::default();
        let result =
            executed(async |render| use_case.execute(&allowed(), PLAN, &options, render).await).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn applies_a_current_plan_with_its_options() {
        let mut writer = planned(0);
        writer
            .expect_apply()
            .times(1)
            .withf(|record| record.batch == PLAN && record.reason.as_deref() == Some("why") && record.force)
            .returning(|_| Ok(Applied { computed: (1, 0), applied: (1, 0) }));
        writer.expect_clear().times(1).returning(|_, _| Ok(()));
        let (result, committed) = execute(writer).await;
        let outcome = result.unwrap();
        assert_eq!((outcome.batch, outcome.repeated, committed), (Some(PLAN), false, true));
        assert_eq!((outcome.result.totals.assigned, outcome.assigned_counts), (7, vec![stored()]));
    }

    #[tokio::test]
    async fn rejects_a_stale_plan() {
        let (result, committed) = execute(planned(4)).await;
        assert_eq!((result, committed), (Err(ApplyPlanError::Stale(4, Vec::new())), false));
    }

    #[tokio::test]
    async fn an_applied_plan_with_sales_reps_outside_the_scope_is_not_found() {
        for state in [BatchState::Applied, BatchState::Undone] {
            let mut writer = MockAssignmentWriter::new();
            writer.expect_lock_batch().returning(move |_, _, _| Ok(Some((batch(state), false))));
            let not_found = Err(ApplyPlanError::Change(ChangeError::NotFound));
            assert_eq!(execute(writer).await, (not_found, false));
        }
    }

    #[tokio::test]
    async fn returns_the_outcome_of_an_applied_plan_as_repeated_and_rejects_an_undone_one() {
        let mut applied = writer(Some(batch(BatchState::Applied)));
        applied.expect_stored_counts().times(1).returning(|_, _| Ok(vec![stored()]));
        let outcome = execute(applied).await.0.unwrap();
        assert_eq!((outcome.batch, outcome.repeated), (Some(PLAN), true));
        assert_eq!((outcome.result.totals.assigned, outcome.assigned_counts), (7, vec![stored()]));
        let (result, _) = execute(writer(Some(batch(BatchState::Undone)))).await;
        assert_eq!(result, Err(ApplyPlanError::Undone));
    }
}
