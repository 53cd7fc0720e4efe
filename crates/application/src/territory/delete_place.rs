use std::sync::Arc;

use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::{PlaceKind, PlaceUses, TerritoryTx};

use super::audit::{Deed, action, snapshot};
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, close};

/// Which place to take off the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletePlaceInput {
    /// What it is.
    pub kind: PlaceKind,
    /// Which one.
    pub id: i64,
    /// If given, the versions of which the place must have one.
    pub expected: Option<Vec<i64>>,
    /// How it is asked for.
    pub change: Change,
}

/// Why nothing was taken off the map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletePlaceError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such place on the caller's map.
    #[error("there is no such place")]
    NotFound,
    /// The place has another version than any expected.
    #[error("the place has been changed since")]
    Stale,
    /// Something refers to it.
    #[error("the place is in use")]
    InUse(PlaceUses),
}

impl From<StorageFailure> for DeletePlaceError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Takes a place off the map that nothing refers to.
pub struct DeletePlace {
    db: Arc<dyn Begin<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl DeletePlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Does it. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`DeletePlaceError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &DeletePlaceInput,
        receipt: impl FnOnce() -> Receipt + Send,
    ) -> Result<Done<()>, DeletePlaceError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.delete(&mut *tx, actor, input).await;
        close(tx, actor, &input.change, outcome, |()| receipt()).await
    }

    async fn delete(
        &self,
        tx: &mut dyn TerritoryTx,
        actor: &Actor,
        input: &DeletePlaceInput,
    ) -> Result<(), DeletePlaceError> {
        let (tenant, kind, id) = (actor.tenant, input.kind, input.id);
        let places = tx.places();
        places.lock_map(tenant).await?;
        let place = places.lock(tenant, kind, id).await?.ok_or(DeletePlaceError::NotFound)?.place;
        if input.expected.as_ref().is_some_and(|expected| !expected.contains(&place.version)) {
            return Err(DeletePlaceError::Stale);
        }
        let uses = places.uses(tenant, kind, id).await?;
        if !uses.is_none() {
            return Err(DeletePlaceError::InUse(uses));
        }
        places.remove(tenant, kind, id).await?;
        let deleted = Changed {
            action: action(kind, Deed::Delete),
            entity: kind.as_str(),
            id: id.to_string(),
            before: Some(snapshot(kind, &place)),
            after: None,
        };
        tx.audit().record(&[deleted.by(actor, &input.change, self.clock.now())]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{Above, Located, MockPlaceWriter, Place};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn input() -> DeletePlaceInput {
        let change = Change { request_id: "r-1".into(), ..Change::default() };
        DeletePlaceInput { kind: PlaceKind::Region, id: 9, expected: Some(vec![3]), change }
    }

    async fn execute(
        uses: PlaceUses,
        removed: usize,
        input: &DeletePlaceInput,
    ) -> (Result<Done<()>, DeletePlaceError>, bool) {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer
            .expect_lock()
            .times(1)
            .in_sequence(&mut order)
            .withf(|tenant, kind, _| (*tenant, *kind) == (actor().tenant, PlaceKind::Region))
            .returning(|_, _, id| {
                let place = Place { id, name: "Dhaka".into(), name_bn: None, parent: None, version: 3 };
                Ok((id == 9).then(|| Located { place, above: Above::default() }))
            });
        writer.expect_uses().returning(move |_, _, _| Ok(uses));
        writer.expect_remove().times(removed).returning(|_, _, _| Ok(()));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .times(removed)
            .withf(|entries| {
                entries[0].action == "region.delete"
                    && entries[0].before.is_some()
                    && entries[0].after.is_none()
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let receipt = || Receipt { status: 204, location: None, etag: None, body: Vec::new() };
        let result = DeletePlace::new(Arc::new(tx), Arc::new(clock)).execute(&admin(), input, receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn what_nothing_refers_to_is_removed() {
        let uses = PlaceUses { areas: Some(0), territories: Some(0), ..PlaceUses::default() };
        assert_eq!(execute(uses, 1, &input()).await, (Ok(Done::Now(())), true));
        let trial = DeletePlaceInput { change: Change { validate_only: true, ..input().change }, ..input() };
        assert_eq!(execute(uses, 1, &trial).await, (Ok(Done::Now(())), false));
    }

    #[tokio::test]
    async fn each_refusal_changes_nothing() {
        let uses = PlaceUses { deleted_retailers: 2, ..PlaceUses::default() };
        for (uses, input, error) in [
            (uses, input(), DeletePlaceError::InUse(uses)),
            (PlaceUses::default(), DeletePlaceInput { id: 8, ..input() }, DeletePlaceError::NotFound),
            (
                PlaceUses::default(),
                DeletePlaceInput { expected: Some(vec![]), ..input() },
                DeletePlaceError::Stale,
            ),
        ] {
            assert_eq!(execute(uses, 0, &input).await, (Err(error), false));
        }
    }
}
