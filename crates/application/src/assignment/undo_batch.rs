use std::collections::HashMap;
use std::sync::Arc;

use haat_domain::assignment::{AssignmentTx, BatchKind, BatchRecord, BatchState, Drawing, IfAssigned};
use haat_domain::shared::{BatchId, Begin, Clock, Receipt, StorageFailure, UserId};

use super::Outcome;
use super::draw::{conclude, draw, lock_staged};
use crate::shared::{Actor, Begun, Change, ChangeError, Done, Permission, begin, finish};

/// Why a batch was not taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoBatchError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no such batch of assignments.
    #[error("there is no such batch")]
    NotFound,
    /// It is a plan: it has done nothing.
    #[error("the batch has not been applied")]
    NotApplied,
}

impl From<StorageFailure> for UndoBatchError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Takes back what a batch did, but for shops that have been changed since: these are told and left. What takes back is
/// a batch of its own, and can be taken back too.
pub struct UndoBatch {
    db: Arc<dyn Begin<dyn AssignmentTx>>,
    clock: Arc<dyn Clock>,
}

impl UndoBatch {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn AssignmentTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// What was taken back; nothing where it has been already.
    ///
    /// # Errors
    /// [`UndoBatchError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        batch: BatchId,
        change: &Change,
        receipt: &(dyn Fn(&Outcome) -> Receipt + Sync),
    ) -> Result<Done<Outcome>, UndoBatchError> {
        let mut tx = match begin(&*self.db, actor, Permission::ChangeAssignments, change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let tenant = actor.tenant;
        let undone = tx.assignments().lock_batch(tenant, batch).await?.ok_or(UndoBatchError::NotFound)?;
        match undone.state {
            BatchState::Planned => return Err(UndoBatchError::NotApplied),
            BatchState::Undone => {
                let outcome = Outcome::default();
                finish(tx, actor, change, || receipt(&outcome)).await?;
                return Ok(Done::Now(outcome));
            }
            BatchState::Applied => {}
        }
        let id = tx.assignments().new_batch(tenant).await?;
        tx.assignments().stage_batch(tenant, id, batch).await?;
        let locked = lock_staged(&mut *tx, (tenant, id)).await?;
        let named: HashMap<UserId, String> =
            locked.iter().map(|rep| (rep.id, rep.username.clone())).collect();
        // As it was before, whatever anybody's capacity is now; who has too many is told.
        let drawing = Drawing::Undo(batch);
        let mut outcome = draw(&mut *tx, (tenant, id), &drawing, (&locked, &named), true).await?;
        let record = BatchRecord {
            tenant,
            batch: id,
            kind: BatchKind::Undo,
            actor: (actor.user, actor.role),
            at: self.clock.now(),
            request_id: change.request_id.clone(),
            reason: None,
            if_assigned: IfAssigned::Share,
            force: true,
            totals: outcome.totals.clone(),
            loads: outcome.loads.clone(),
            undoes: Some(batch),
        };
        conclude(tx, actor, change, false, record, &mut outcome, receipt).await?;
        Ok(Done::Now(outcome))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::assignment::{
        Applied, Batch, MockAssignmentWriter, NamedRep, RepLoad, ShopLock, Totals,
    };
    use haat_domain::shared::MockClock;

    use super::super::testing::{BATCH, admin, batch, load, locked, receipt, rep};
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon};

    const UNDONE: BatchId = BatchId::new(2);

    fn writer(found: Option<Batch>) -> MockAssignmentWriter {
        let mut writer = MockAssignmentWriter::new();
        writer.expect_lock_batch().returning(move |_, _| Ok(found.clone()));
        writer
    }

    async fn execute(
        writer: MockAssignmentWriter,
        actor: &Actor,
    ) -> (Result<Done<Outcome>, UndoBatchError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let use_case = UndoBatch::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(actor, UNDONE, &Change::default(), &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn what_returns_is_a_batch_of_its_own_whatever_the_capacity() {
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
            .withf(|_, _, _, how| *how == ShopLock::Alone)
            .returning(|_, _, _, _| Ok(vec![locked()]));
        writer
            .expect_draw()
            .withf(|_, _, drawing| *drawing == Drawing::Undo(UNDONE))
            .times(1)
            .returning(|_, _, _| Ok(Vec::new()));
        writer.expect_loads().returning(|_, _| Ok(vec![RepLoad { capacity: 0, ..load(1) }]));
        writer.expect_flows().returning(|_, _| Ok(Vec::new()));
        writer.expect_sum_up().returning(|_, _| Ok(Totals { assigned: 1, ..Totals::default() }));
        writer
            .expect_apply()
            .times(1)
            .withf(|record| record.undoes == Some(UNDONE) && record.kind == BatchKind::Undo)
            .returning(|_| Ok(Applied { drawn: (1, 0), done: (1, 0) }));
        writer.expect_clear().times(1).returning(|_, _| Ok(()));
        let (result, committed) = execute(writer, &admin()).await;
        assert!(matches!(result, Ok(Done::Now(outcome))
            if outcome.batch == Some(BATCH) && outcome.over_capacity[0].refused == 0));
        assert!(committed);
    }

    #[tokio::test]
    async fn twice_is_once() {
        let (result, _) = execute(writer(Some(batch(BatchState::Undone))), &admin()).await;
        assert_eq!(result, Ok(Done::Now(Outcome::default())));
    }

    #[tokio::test]
    async fn a_plan_and_what_is_not_there_cannot_be_taken_back() {
        let planned = writer(Some(batch(BatchState::Planned)));
        assert_eq!(execute(planned, &admin()).await, (Err(UndoBatchError::NotApplied), false));
        assert_eq!(execute(writer(None), &admin()).await, (Err(UndoBatchError::NotFound), false));
        let (result, _) = execute(MockAssignmentWriter::new(), &actor()).await;
        assert_eq!(result, Err(UndoBatchError::Change(ChangeError::Forbidden)));
    }
}
