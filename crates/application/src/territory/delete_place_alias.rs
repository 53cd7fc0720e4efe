use std::sync::Arc;

use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::TerritoryTx;

use super::audit::alias_snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, close};

/// Why no spelling was taken away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletePlaceAliasError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such spelling on the caller's map.
    #[error("there is no such spelling")]
    NotFound,
}

impl From<StorageFailure> for DeletePlaceAliasError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Lets a place no longer be found by another spelling.
pub struct DeletePlaceAlias {
    db: Arc<dyn Begin<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl DeletePlaceAlias {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Does it. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`DeletePlaceAliasError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: i64,
        change: &Change,
        receipt: impl FnOnce() -> Receipt + Send,
    ) -> Result<Done<()>, DeletePlaceAliasError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.delete(&mut *tx, actor, id, change).await;
        close(tx, actor, change, outcome, |()| receipt()).await
    }

    async fn delete(
        &self,
        tx: &mut dyn TerritoryTx,
        actor: &Actor,
        id: i64,
        change: &Change,
    ) -> Result<(), DeletePlaceAliasError> {
        let places = tx.places();
        places.lock_map(actor.tenant).await?;
        let alias = places.remove_alias(actor.tenant, id).await?.ok_or(DeletePlaceAliasError::NotFound)?;
        let deleted = Changed {
            action: "place-alias.delete",
            entity: "place-alias",
            id: id.to_string(),
            before: Some(alias_snapshot(&alias)),
            after: None,
        };
        tx.audit().record(&[deleted.by(actor, change, self.clock.now())]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{AliasedKind, MockPlaceWriter, Named, PlaceAlias};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    async fn execute(id: i64, validate_only: bool) -> (Result<Done<()>, DeletePlaceAliasError>, bool) {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer
            .expect_remove_alias()
            .times(1)
            .in_sequence(&mut order)
            .withf(|tenant, _| *tenant == actor().tenant)
            .returning(|_, id| {
                let (kind, place) =
                    (AliasedKind::parse("area").unwrap(), Named { id: 9, name: "Cumilla".into() });
                Ok((id == 31).then(|| PlaceAlias { id, kind, place, alias: "Comilla".into() }))
            });
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .times(usize::from(id == 31))
            .withf(|entries| {
                entries[0].action == "place-alias.delete"
                    && entries[0].before.as_ref().unwrap().contains(&("alias", "Comilla".into()))
                    && entries[0].after.is_none()
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let change = Change { validate_only, ..Change::default() };
        let receipt = || Receipt { status: 204, location: None, etag: None, body: Vec::new() };
        let delete = DeletePlaceAlias::new(Arc::new(tx), Arc::new(clock));
        (delete.execute(&admin(), id, &change, receipt).await, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_spelling_is_taken_away_and_audited() {
        assert_eq!(execute(31, false).await, (Ok(Done::Now(())), true));
        assert_eq!(execute(31, true).await, (Ok(Done::Now(())), false));
        assert_eq!(execute(30, false).await, (Err(DeletePlaceAliasError::NotFound), false));
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let none = Arc::new(OneTx::<FakeTx<MockPlaceWriter>>::none());
        let delete = DeletePlaceAlias::new(none, Arc::new(MockClock::new()));
        let receipt = || Receipt { status: 204, location: None, etag: None, body: Vec::new() };
        let result = delete.execute(&actor(), 31, &Change::default(), receipt).await;
        assert_eq!(result, Err(DeletePlaceAliasError::Change(ChangeError::Forbidden)));
    }
}
