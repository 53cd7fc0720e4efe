use std::sync::Arc;

use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, StoredResponse};
use haat_domain::territory::{
    AliasedKind, NamedRef, NewPlaceAlias, PlaceAlias, PlaceKind, PlaceName, PlaceWithAncestors, TerritoryTx,
};

use super::audit::alias_snapshot;
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Started, WriteOptions, begin, close,
};

/// An alias to create: an alternative spelling of a place's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePlaceAliasInput {
    /// The kind of the place.
    pub kind: AliasedKind,
    /// The id of the place.
    pub place: i64,
    /// The alias.
    pub alias: PlaceName,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why an alias was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreatePlaceAliasError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The place, of this kind, does not exist.
    #[error("{} not found", .0.as_str())]
    UnknownPlace(PlaceKind),
    /// The place itself has this name or alias already.
    #[error("the place has this name already")]
    Same,
    /// Another place of this kind with the same parent has the name, so the alias would be ambiguous.
    #[error("another place has this name")]
    Taken,
}

impl From<StorageFailure> for CreatePlaceAliasError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Creates an alias, by which search and import find the place too.
pub struct CreatePlaceAlias {
    db: Arc<dyn BeginTransaction<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl CreatePlaceAlias {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Creates the alias and returns it. The id from a dry run is meaningless. `stored_response` renders the
    /// response that is stored for replays.
    ///
    /// # Errors
    /// [`CreatePlaceAliasError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &CreatePlaceAliasInput,
        stored_response: &(dyn Fn(&PlaceAlias) -> StoredResponse + Sync),
    ) -> Result<Idempotent<PlaceAlias>, CreatePlaceAliasError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let outcome = self.create(&mut *tx, actor, input).await;
        close(tx, actor, &input.write_options, outcome, stored_response).await
    }

    async fn create(
        &self,
        tx: &mut dyn TerritoryTx,
        actor: &Actor,
        input: &CreatePlaceAliasInput,
    ) -> Result<PlaceAlias, CreatePlaceAliasError> {
        let (tenant, kind) = (actor.tenant, input.kind.get());
        let places = tx.places();
        places.lock_map(tenant).await?;
        let found = places.lock(tenant, kind, input.place).await?;
        let PlaceWithAncestors { place, .. } = found.ok_or(CreatePlaceAliasError::UnknownPlace(kind))?;
        let namesakes = places.called(tenant, kind, place.parent, input.alias.as_str()).await?;
        if namesakes.contains(&place.id) {
            return Err(CreatePlaceAliasError::Same);
        }
        if !namesakes.is_empty() {
            return Err(CreatePlaceAliasError::Taken);
        }
        let new = NewPlaceAlias { tenant, kind: input.kind, place: place.id, alias: input.alias.clone() };
        let id = places.add_alias(&new).await?;
        let named = NamedRef { id: place.id, name: place.name };
        let alias = PlaceAlias { id, kind: input.kind, place: named, alias: input.alias.as_str().into() };
        let created = AuditedChange {
            action: "place-alias.create",
            entity: "place-alias",
            id: id.to_string(),
            before: None,
            after: Some(alias_snapshot(&alias)),
        };
        tx.audit().record(&[created.by(actor, &input.write_options, self.clock.now())]).await?;
        Ok(alias)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{Ancestors, MockPlaceWriter, Place};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn input() -> CreatePlaceAliasInput {
        CreatePlaceAliasInput {
            kind: AliasedKind::parse("area").unwrap(),
            place: 9,
            alias: PlaceName::parse("Comilla").unwrap(),
            write_options: WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() },
        }
    }

    /// A writer that knows area 9 of region 4, and the ids of the places that have the name.
    fn writer(namesakes: &'static [i64], adds: usize) -> MockPlaceWriter {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer.expect_lock().times(1).in_sequence(&mut order).returning(|tenant, kind, id| {
            let place = Place { id, name: "Cumilla".into(), name_bn: None, parent: Some(4), version: 1 };
            let known = (tenant, kind, id) == (actor().tenant, PlaceKind::Area, 9);
            Ok(known.then(|| PlaceWithAncestors { place, ancestors: Ancestors::default() }))
        });
        writer
            .expect_called()
            .withf(|_, kind, parent, name| (*kind, *parent, name) == (PlaceKind::Area, Some(4), "Comilla"))
            .returning(|_, _, _, _| Ok(namesakes.to_vec()));
        writer
            .expect_add_alias()
            .times(adds)
            .withf(|new| new.tenant == actor().tenant && new.place == 9 && new.alias.as_str() == "Comilla")
            .returning(|_| Ok(31));
        writer
    }

    async fn execute(
        writer: MockPlaceWriter,
        audits: usize,
        input: &CreatePlaceAliasInput,
    ) -> (Result<Idempotent<PlaceAlias>, CreatePlaceAliasError>, bool) {
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .times(audits)
            .withf(|entries| {
                entries[0].action == "place-alias.create"
                    && (entries[0].entity, entries[0].entity_id.as_deref()) == ("place-alias", Some("31"))
                    && entries[0].before.is_none()
                    && entries[0].after.as_ref().is_some_and(|after| after.contains(&("place", 9.into())))
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let stored_response =
            |_: &PlaceAlias| StoredResponse { status: 201, location: None, etag: None, body: Vec::new() };
        let create = CreatePlaceAlias::new(Arc::new(tx), Arc::new(clock));
        (create.execute(&admin(), input, &stored_response).await, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn creates_and_audits_an_alias_except_in_a_dry_run() {
        let place = NamedRef { id: 9, name: "Cumilla".into() };
        let alias = PlaceAlias { id: 31, kind: input().kind, place, alias: "Comilla".into() };
        for dry_run in [false, true] {
            let write_options = WriteOptions { validate_only: dry_run, ..input().write_options };
            let input = CreatePlaceAliasInput { write_options, ..input() };
            let (result, committed) = execute(writer(&[], 1), 1, &input).await;
            assert_eq!((result, committed), (Ok(Idempotent::Executed(alias.clone())), !dry_run));
        }
    }

    #[tokio::test]
    async fn rejects_unknown_places_and_ambiguous_aliases() {
        for (place, namesakes, error) in [
            (8, &[][..], CreatePlaceAliasError::UnknownPlace(PlaceKind::Area)),
            (9, &[9], CreatePlaceAliasError::Same),
            (9, &[7, 9], CreatePlaceAliasError::Same),
            (9, &[7], CreatePlaceAliasError::Taken),
        ] {
            let input = CreatePlaceAliasInput { place, ..input() };
            let (result, committed) = execute(writer(namesakes, 0), 0, &input).await;
            assert_eq!((result, committed), (Err(error), false));
        }
    }

    #[tokio::test]
    async fn rejects_sales_reps_before_beginning_a_transaction() {
        let stored_response =
            |_: &PlaceAlias| StoredResponse { status: 201, location: None, etag: None, body: Vec::new() };
        let none = Arc::new(OneTx::<FakeTx<MockPlaceWriter>>::none());
        let create = CreatePlaceAlias::new(none, Arc::new(MockClock::new()));
        let result = create.execute(&actor(), &input(), &stored_response).await;
        assert_eq!(result, Err(CreatePlaceAliasError::Change(ChangeError::Forbidden)));
    }
}
