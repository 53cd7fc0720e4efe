use std::sync::Arc;

use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, StoredResponse};
use haat_domain::territory::TerritoryTx;

use super::audit::alias_snapshot;
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Started, WriteOptions, begin, close,
};

/// Reasons why an alias was not deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletePlaceAliasError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant's map has no such alias.
    #[error("alias not found")]
    NotFound,
}

impl From<StorageFailure> for DeletePlaceAliasError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Deletes an alias of a place.
pub struct DeletePlaceAlias {
    db: Arc<dyn BeginTransaction<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl DeletePlaceAlias {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Deletes the alias. `stored_response` renders the response that is stored for replays.
    ///
    /// # Errors
    /// [`DeletePlaceAliasError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: i64,
        write_options: &WriteOptions,
        stored_response: impl FnOnce() -> StoredResponse + Send,
    ) -> Result<Idempotent<()>, DeletePlaceAliasError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let outcome = self.delete(&mut *tx, actor, id, write_options).await;
        close(tx, actor, write_options, outcome, |()| stored_response()).await
    }

    async fn delete(
        &self,
        tx: &mut dyn TerritoryTx,
        actor: &Actor,
        id: i64,
        write_options: &WriteOptions,
    ) -> Result<(), DeletePlaceAliasError> {
        let places = tx.places();
        places.lock_map(actor.tenant).await?;
        let alias = places.remove_alias(actor.tenant, id).await?.ok_or(DeletePlaceAliasError::NotFound)?;
        let deleted = AuditedChange {
            action: "place-alias.delete",
            entity: "place-alias",
            id: id.to_string(),
            before: Some(alias_snapshot(&alias)),
            after: None,
        };
        tx.audit().record(&[deleted.by(actor, write_options, self.clock.now())]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{AliasedKind, MockPlaceWriter, NamedRef, PlaceAlias};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    async fn execute(id: i64, validate_only: bool) -> (Result<Idempotent<()>, DeletePlaceAliasError>, bool) {
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
                    (AliasedKind::parse("area").unwrap(), NamedRef { id: 9, name: "Cumilla".into() });
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
        let write_options = WriteOptions { validate_only, ..WriteOptions::default() };
        let stored_response = || StoredResponse { status: 204, location: None, etag: None, body: Vec::new() };
        let delete = DeletePlaceAlias::new(Arc::new(tx), Arc::new(clock));
        (
            delete.execute(&admin(), id, &write_options, stored_response).await,
            committed.load(Ordering::SeqCst),
        )
    }

    #[tokio::test]
    async fn deletes_and_audits_an_alias() {
        assert_eq!(execute(31, false).await, (Ok(Idempotent::Executed(())), true));
        assert_eq!(execute(31, true).await, (Ok(Idempotent::Executed(())), false));
        assert_eq!(execute(30, false).await, (Err(DeletePlaceAliasError::NotFound), false));
    }

    #[tokio::test]
    async fn rejects_sales_reps_before_beginning_a_transaction() {
        let none = Arc::new(OneTx::<FakeTx<MockPlaceWriter>>::none());
        let delete = DeletePlaceAlias::new(none, Arc::new(MockClock::new()));
        let stored_response = || StoredResponse { status: 204, location: None, etag: None, body: Vec::new() };
        let result = delete.execute(&actor(), 31, &WriteOptions::default(), stored_response).await;
        assert_eq!(result, Err(DeletePlaceAliasError::Change(ChangeError::Forbidden)));
    }
}
