use std::sync::Arc;

use haat_domain::assignment::{Assigned, AssignmentTx};
use haat_domain::shared::{Begin, Clock, Receipt};

use super::bulk::{Prepared, prepare};
use super::{BulkError, BulkInput};
use crate::shared::{Actor, Done, finish};

/// Lets representatives serve more shops, whoever else serves them.
pub struct AssignRetailers {
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl AssignRetailers {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// What became of each uid. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`BulkError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &BulkInput,
        receipt: &(dyn Fn(&Assigned) -> Receipt + Sync),
    ) -> Result<Done<Assigned>, BulkError> {
        let prepared = prepare(&*self.db, &*self.clock, actor, input, false).await?;
        let mut work = match prepared {
            Prepared::Now(work) => work,
            Prepared::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let mut outcome = work.tx.assignments().assign(&work.change).await?;
        outcome.not_found = work.not_found(std::mem::take(&mut outcome.not_found));
        if input.change.validate_only {
            // It is rolled back, and so is its batch.
            outcome.batch = None;
        }
        finish(work.tx, actor, &input.change, || receipt(&outcome)).await?;
        Ok(Done::Now(outcome))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{AssignmentGroup, FoundRep, MockAssignmentWriter, RepRef};
    use haat_domain::identity::Role;
    use haat_domain::shared::{BatchId, Claim, IdempotencyKey, MockClock, MockReceiptWriter, Once, UserId};

    use super::*;
    use crate::assignment::RepFault;
    use crate::shared::{Change, ChangeError, OnceError};
    use crate::testing::{FakeTx, OneTx, actor, noon};

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    fn input() -> BulkInput {
        let groups = vec![AssignmentGroup { rep: RepRef::Id(5), retailers: vec!["A".into(), "B".into()] }];
        let change = Change { request_id: "r-1".into(), ..Change::default() };
        BulkInput { groups, reason: Some("why".into()), change, ..BulkInput::default() }
    }

    fn outcome() -> Assigned {
        Assigned { batch: Some(BatchId::new(3)), assigned: 2, ..Assigned::default() }
    }

    fn receipt(_: &Assigned) -> Receipt {
        Receipt { status: 200, location: None, etag: None, body: b"{}".to_vec() }
    }

    fn writer(rep: Option<FoundRep>, assigns: usize) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_lock_reps().returning(move |_, reps| Ok(vec![rep; reps.len()]));
        writer
            .expect_assign()
            .times(assigns)
            .withf(|change| {
                change.tenant == actor().tenant
                    && change.actor == (actor().user, Role::Admin)
                    && change.at == noon()
                    && change.reason.as_deref() == Some("why")
                    && change.groups[0].rep.id == UserId::new(5)
                    && change.groups[0].retailers.len() == 2
            })
            .returning(|_| Ok(outcome()));
        writer
    }

    const REP: Option<FoundRep> = Some(FoundRep { id: UserId::new(5), active: true, capacity: 10 });

    async fn execute(
        tx: OneTx<FakeTx<MockAssignmentWriter>>,
        actor: &Actor,
        input: &BulkInput,
    ) -> (Result<Done<Assigned>, BulkError>, bool) {
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let result =
            AssignRetailers::new(Arc::new(tx), Arc::new(clock)).execute(actor, input, &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn tx(rep: Option<FoundRep>, assigns: usize) -> OneTx<FakeTx<MockAssignmentWriter>> {
        OneTx::new(FakeTx::of(writer(rep, assigns)))
    }

    #[tokio::test]
    async fn an_administrator_assigns() {
        let (result, committed) = execute(tx(REP, 1), &admin(), &input()).await;
        assert_eq!((result, committed), (Ok(Done::Now(outcome())), true));
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let (result, _) = execute(OneTx::none(), &actor(), &input()).await;
        assert_eq!(result, Err(BulkError::Change(ChangeError::Forbidden)));
    }

    #[tokio::test]
    async fn a_trial_changes_nothing() {
        let input = BulkInput { change: Change { validate_only: true, ..input().change }, ..input() };
        let (result, committed) = execute(tx(REP, 1), &admin(), &input).await;
        assert_eq!((result, committed), (Ok(Done::Now(Assigned { batch: None, ..outcome() })), false));
    }

    #[tokio::test]
    async fn nobody_who_is_disabled_assigns_or_is_assigned_to() {
        let (result, committed) =
            execute(OneTx::new(FakeTx::of(writer(REP, 0)).ended()), &admin(), &input()).await;
        assert_eq!((result, committed), (Err(BulkError::Change(ChangeError::CallerEnded)), false));
        for (rep, disabled) in [(None, false), (REP.map(|rep| FoundRep { active: false, ..rep }), true)] {
            let (result, committed) = execute(tx(rep, 0), &admin(), &input()).await;
            let faults = vec![RepFault { group: 0, disabled }];
            assert_eq!((result, committed), (Err(BulkError::Reps(faults)), false));
        }
    }

    #[tokio::test]
    async fn under_a_key_it_is_done_once() {
        let once =
            Once { key: IdempotencyKey::parse("k").unwrap(), route: "POST".into(), body_hash: [1; 32] };
        let input = BulkInput { change: Change { once: Some(once), ..input().change }, ..input() };
        for (claim, kept, expected) in [
            (Claim::New, 1, Ok(Done::Now(outcome()))),
            (Claim::Done(receipt(&outcome())), 0, Ok(Done::Before(receipt(&outcome())))),
            (Claim::InFlight, 0, Err(ChangeError::from(OnceError::InFlight).into())),
            (Claim::OtherRequest, 0, Err(ChangeError::from(OnceError::OtherRequest).into())),
        ] {
            let mut receipts = MockReceiptWriter::new();
            receipts.expect_claim().times(1).return_once(move |_, _, _| Ok(claim));
            receipts.expect_keep().times(kept).returning(|_, _, _, _| Ok(()));
            let tx = OneTx::new(FakeTx::of(writer(REP, kept)).with_receipts(receipts));
            let (result, committed) = execute(tx, &admin(), &input).await;
            assert_eq!((result, committed), (expected, kept == 1));
        }
    }
}
