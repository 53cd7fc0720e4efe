use std::sync::Arc;

use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, StoredResponse};
use haat_domain::territory::{PlaceKind, PlaceReferences, TerritoryTx};

use super::audit::{PlaceAction, action, snapshot};
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Started, WriteOptions, begin, close,
};

/// A place to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletePlaceInput {
    /// The kind of the place.
    pub kind: PlaceKind,
    /// The id of the place.
    pub id: i64,
    /// The accepted versions of the place; `None` accepts every version.
    pub expected: Option<Vec<i64>>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a place was not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletePlaceError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant's map has no such place.
    #[error("place not found")]
    NotFound,
    /// The place's version is not among the accepted ones.
    #[error("the place has been changed in the meantime")]
    Stale,
    /// Other records refer to the place.
    #[error("the place is in use")]
    InUse(PlaceReferences),
}

impl From<StorageFailure> for DeletePlaceError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Deletes a place without references.
pub struct DeletePlace {
    db: Arc<dyn BeginTransaction<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl DeletePlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Deletes the place. `stored_response` renders the response that is stored for replays.
    ///
    /// # Errors
    /// [`DeletePlaceError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &DeletePlaceInput,
        stored_response: impl FnOnce() -> StoredResponse + Send,
    ) -> Result<Idempotent<()>, DeletePlaceError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let outcome = self.delete(&mut *tx, actor, input).await;
        close(tx, actor, &input.write_options, outcome, |()| stored_response()).await
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
        let references = places.references(tenant, kind, id).await?;
        if !references.is_none() {
            return Err(DeletePlaceError::InUse(references));
        }
        places.remove(tenant, kind, id).await?;
        let deleted = AuditedChange {
            action: action(kind, PlaceAction::Delete),
            entity: kind.as_str(),
            id: id.to_string(),
            before: Some(snapshot(kind, &place)),
            after: None,
        };
        tx.audit().record(&[deleted.by(actor, &input.write_options, self.clock.now())]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{Ancestors, MockPlaceWriter, Place, PlaceWithAncestors};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn input() -> DeletePlaceInput {
        let write_options = WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() };
        DeletePlaceInput { kind: PlaceKind::Region, id: 9, expected: Some(vec![3]), write_options }
    }

    async fn execute(
        references: PlaceReferences,
        removed: usize,
        input: &DeletePlaceInput,
    ) -> (Result<Idempotent<()>, DeletePlaceError>, bool) {
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
                Ok((id == 9).then(|| PlaceWithAncestors { place, ancestors: Ancestors::default() }))
            });
        writer.expect_references().returning(move |_, _, _| Ok(references));
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
        let stored_response = || StoredResponse { status: 204, location: None, etag: None, body: Vec::new() };
        let result =
            DeletePlace::new(Arc::new(tx), Arc::new(clock)).execute(&admin(), input, stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn deletes_a_place_without_references() {
        let references =
            PlaceReferences { areas: Some(0), territories: Some(0), ..PlaceReferences::default() };
        assert_eq!(execute(references, 1, &input()).await, (Ok(Idempotent::Executed(())), true));
        let dry_run = DeletePlaceInput {
            write_options: WriteOptions { validate_only: true, ..input().write_options },
            ..input()
        };
        assert_eq!(execute(references, 1, &dry_run).await, (Ok(Idempotent::Executed(())), false));
    }

    #[tokio::test]
    async fn rejected_requests_change_nothing() {
        let references = PlaceReferences { deleted_retailers: 2, ..PlaceReferences::default() };
        for (references, input, error) in [
            (references, input(), DeletePlaceError::InUse(references)),
            (PlaceReferences::default(), DeletePlaceInput { id: 8, ..input() }, DeletePlaceError::NotFound),
            (
                PlaceReferences::default(),
                DeletePlaceInput { expected: Some(vec![]), ..input() },
                DeletePlaceError::Stale,
            ),
        ] {
            assert_eq!(execute(references, 0, &input).await, (Err(error), false));
        }
    }
}
