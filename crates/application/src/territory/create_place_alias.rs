use std::sync::Arc;

use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::{
    AliasedKind, Located, Named, NewPlaceAlias, PlaceAlias, PlaceKind, PlaceName, TerritoryTx,
};

use super::audit::alias_snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, close};

/// Which place is called what, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePlaceAliasInput {
    /// What the place is.
    pub kind: AliasedKind,
    /// Which one.
    pub place: i64,
    /// The spelling.
    pub alias: PlaceName,
    /// How it is asked for.
    pub change: Change,
}

/// Why no spelling was added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreatePlaceAliasError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no such place of this kind.
    #[error("there is no such {}", .0.as_str())]
    UnknownPlace(PlaceKind),
    /// The place itself is called so already.
    #[error("the place is called so already")]
    Same,
    /// Another place of its kind beside it is called so: nobody could tell which one is meant.
    #[error("another place there is called so")]
    Taken,
}

impl From<StorageFailure> for CreatePlaceAliasError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Lets a place be found by another spelling.
pub struct CreatePlaceAlias {
    db: Arc<dyn Begin<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl CreatePlaceAlias {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The spelling. On trial its id means nothing. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`CreatePlaceAliasError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &CreatePlaceAliasInput,
        receipt: &(dyn Fn(&PlaceAlias) -> Receipt + Sync),
    ) -> Result<Done<PlaceAlias>, CreatePlaceAliasError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.create(&mut *tx, actor, input).await;
        close(tx, actor, &input.change, outcome, receipt).await
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
        let Located { place, .. } = found.ok_or(CreatePlaceAliasError::UnknownPlace(kind))?;
        let namesakes = places.called(tenant, kind, place.parent, input.alias.as_str()).await?;
        if namesakes.contains(&place.id) {
            return Err(CreatePlaceAliasError::Same);
        }
        if !namesakes.is_empty() {
            return Err(CreatePlaceAliasError::Taken);
        }
        let new = NewPlaceAlias { tenant, kind: input.kind, place: place.id, alias: input.alias.clone() };
        let id = places.add_alias(&new).await?;
        let named = Named { id: place.id, name: place.name };
        let alias = PlaceAlias { id, kind: input.kind, place: named, alias: input.alias.as_str().into() };
        let created = Changed {
            action: "place-alias.create",
            entity: "place-alias",
            id: id.to_string(),
            before: None,
            after: Some(alias_snapshot(&alias)),
        };
        tx.audit().record(&[created.by(actor, &input.change, self.clock.now())]).await?;
        Ok(alias)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{Above, MockPlaceWriter, Place};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn input() -> CreatePlaceAliasInput {
        CreatePlaceAliasInput {
            kind: AliasedKind::parse("area").unwrap(),
            place: 9,
            alias: PlaceName::parse("Comilla").unwrap(),
            change: Change { request_id: "r-1".into(), ..Change::default() },
        }
    }

    /// A writer that knows the area 9 of the region 4, and who is called so there.
    fn writer(called: &'static [i64], adds: usize) -> MockPlaceWriter {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer.expect_lock().times(1).in_sequence(&mut order).returning(|tenant, kind, id| {
            let place = Place { id, name: "Cumilla".into(), name_bn: None, parent: Some(4), version: 1 };
            let known = (tenant, kind, id) == (actor().tenant, PlaceKind::Area, 9);
            Ok(known.then(|| Located { place, above: Above::default() }))
        });
        writer
            .expect_called()
            .withf(|_, kind, parent, name| (*kind, *parent, name) == (PlaceKind::Area, Some(4), "Comilla"))
            .returning(|_, _, _, _| Ok(called.to_vec()));
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
    ) -> (Result<Done<PlaceAlias>, CreatePlaceAliasError>, bool) {
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
        let receipt = |_: &PlaceAlias| Receipt { status: 201, location: None, etag: None, body: Vec::new() };
        let create = CreatePlaceAlias::new(Arc::new(tx), Arc::new(clock));
        (create.execute(&admin(), input, &receipt).await, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_spelling_is_added_and_audited_and_on_trial_only_told() {
        let place = Named { id: 9, name: "Cumilla".into() };
        let alias = PlaceAlias { id: 31, kind: input().kind, place, alias: "Comilla".into() };
        for trial in [false, true] {
            let change = Change { validate_only: trial, ..input().change };
            let input = CreatePlaceAliasInput { change, ..input() };
            let (result, committed) = execute(writer(&[], 1), 1, &input).await;
            assert_eq!((result, committed), (Ok(Done::Now(alias.clone())), !trial));
        }
    }

    #[tokio::test]
    async fn what_names_no_place_or_two_is_refused() {
        for (place, called, error) in [
            (8, &[][..], CreatePlaceAliasError::UnknownPlace(PlaceKind::Area)),
            (9, &[9], CreatePlaceAliasError::Same),
            (9, &[7, 9], CreatePlaceAliasError::Same),
            (9, &[7], CreatePlaceAliasError::Taken),
        ] {
            let input = CreatePlaceAliasInput { place, ..input() };
            let (result, committed) = execute(writer(called, 0), 0, &input).await;
            assert_eq!((result, committed), (Err(error), false));
        }
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let receipt = |_: &PlaceAlias| Receipt { status: 201, location: None, etag: None, body: Vec::new() };
        let none = Arc::new(OneTx::<FakeTx<MockPlaceWriter>>::none());
        let create = CreatePlaceAlias::new(none, Arc::new(MockClock::new()));
        let result = create.execute(&actor(), &input(), &receipt).await;
        assert_eq!(result, Err(CreatePlaceAliasError::Change(ChangeError::Forbidden)));
    }
}
