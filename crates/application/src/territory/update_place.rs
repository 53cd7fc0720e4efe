use std::sync::Arc;

use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, StoredResponse};
use haat_domain::territory::{Place, PlaceChange, PlaceKind, PlaceWithAncestors, TerritoryTx};

use super::audit::{PlaceAction, action, snapshot};
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Started, WriteOptions, begin, close,
};

/// New values for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePlaceInput {
    /// The kind of the place.
    pub kind: PlaceKind,
    /// The id of the place.
    pub id: i64,
    /// The new values.
    pub values: PlaceChange,
    /// The accepted versions of the place; `None` accepts every version.
    pub expected: Option<Vec<i64>>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a place was not updated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdatePlaceError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant's map has no such place.
    #[error("place not found")]
    NotFound,
    /// The place's version is not among the accepted ones.
    #[error("the place has been changed in the meantime")]
    Stale,
    /// The new parent, a place of this kind, does not exist.
    #[error("{} not found", .0.as_str())]
    UnknownParent(PlaceKind),
    /// Another place of this kind with the same parent has the name.
    #[error("the name is taken")]
    Taken,
}

impl From<StorageFailure> for UpdatePlaceError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Renames a place, or moves it to another parent together with all its retailers.
pub struct UpdatePlace {
    db: Arc<dyn BeginTransaction<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl UpdatePlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Updates the place and returns its new state. `stored_response` renders the response that is stored for
    /// replays.
    ///
    /// # Errors
    /// [`UpdatePlaceError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &UpdatePlaceInput,
        stored_response: &(dyn Fn(&PlaceWithAncestors) -> StoredResponse + Sync),
    ) -> Result<Idempotent<PlaceWithAncestors>, UpdatePlaceError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, &input.write_options).await? {
            Started::Execute(tx) => tx,
            Started::Replay(stored_response) => return Ok(Idempotent::Replayed(stored_response)),
        };
        let outcome = self.update(&mut *tx, actor, input).await;
        close(tx, actor, &input.write_options, outcome, stored_response).await
    }

    async fn update(
        &self,
        tx: &mut dyn TerritoryTx,
        actor: &Actor,
        input: &UpdatePlaceInput,
    ) -> Result<PlaceWithAncestors, UpdatePlaceError> {
        let (tenant, kind) = (actor.tenant, input.kind);
        let places = tx.places();
        places.lock_map(tenant).await?;
        let PlaceWithAncestors { place: before, mut ancestors } =
            places.lock(tenant, kind, input.id).await?.ok_or(UpdatePlaceError::NotFound)?;
        if input.expected.as_ref().is_some_and(|expected| !expected.contains(&before.version)) {
            return Err(UpdatePlaceError::Stale);
        }
        let after = input.values.of(&before);
        if after == before {
            return Ok(PlaceWithAncestors { place: before, ancestors });
        }
        let destination = after.parent.filter(|_| after.parent != before.parent).zip(kind.parent());
        if let Some((id, parent)) = destination {
            let found = places.ancestors(tenant, kind, id).await?;
            ancestors = found.ok_or(UpdatePlaceError::UnknownParent(parent))?;
        }
        let namesakes = places.called(tenant, kind, after.parent, &after.name).await?;
        if namesakes.iter().any(|id| *id != before.id) {
            return Err(UpdatePlaceError::Taken);
        }
        let after = Place { version: before.version + 1, ..after };
        let at = self.clock.now();
        let mut audited = snapshot(kind, &after);
        let place_action = if destination.is_some() {
            let retailers = places.relocate(tenant, kind, &after, &ancestors, at).await?;
            audited.push(("retailers", retailers.into()));
            PlaceAction::Move
        } else {
            places.rename(tenant, kind, &after).await?;
            PlaceAction::Update
        };
        let changed = AuditedChange {
            action: action(kind, place_action),
            entity: kind.as_str(),
            id: after.id.to_string(),
            before: Some(snapshot(kind, &before)),
            after: Some(audited),
        };
        tx.audit().record(&[changed.by(actor, &input.write_options, at)]).await?;
        Ok(PlaceWithAncestors { place: after, ancestors })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{Ancestors, MockPlaceWriter, NamedRef, PlaceName};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn place() -> Place {
        Place { id: 9, name: "Savar".into(), name_bn: None, parent: Some(4), version: 3 }
    }

    fn ancestors(region: i64) -> Ancestors {
        Ancestors {
            area: None,
            region: Some(NamedRef { id: region, name: format!("Region {region}").into() }),
        }
    }

    fn input(values: PlaceChange) -> UpdatePlaceInput {
        let write_options = WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() };
        UpdatePlaceInput { kind: PlaceKind::Area, id: 9, values, expected: None, write_options }
    }

    fn renaming() -> UpdatePlaceInput {
        input(PlaceChange { name: PlaceName::parse("Sabhar").ok(), ..PlaceChange::default() })
    }

    fn moving() -> UpdatePlaceInput {
        input(PlaceChange { parent: Some(5), ..PlaceChange::default() })
    }

    /// A writer that knows the place, regions 4 and 5, and the id of a place with the same name.
    fn writer(namesake: Option<i64>) -> MockPlaceWriter {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer
            .expect_lock()
            .times(1)
            .in_sequence(&mut order)
            .withf(|tenant, kind, _| (*tenant, *kind) == (actor().tenant, PlaceKind::Area))
            .returning(|_, _, id| {
                Ok((id == 9).then(|| PlaceWithAncestors { place: place(), ancestors: ancestors(4) }))
            });
        writer.expect_ancestors().returning(|_, _, id| Ok((id == 5).then(|| ancestors(5))));
        writer.expect_called().returning(move |_, _, _, _| Ok(namesake.into_iter().collect()));
        writer
    }

    async fn execute(
        writer: MockPlaceWriter,
        audited: Option<&'static str>,
        input: &UpdatePlaceInput,
    ) -> (Result<Idempotent<PlaceWithAncestors>, UpdatePlaceError>, bool) {
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .times(usize::from(audited.is_some()))
            .withf(move |entries| {
                let after = entries[0].after.as_ref().unwrap();
                Some(entries[0].action) == audited
                    && entries[0].before.as_ref().unwrap().contains(&("version", 3.into()))
                    && after.contains(&("version", 4.into()))
                    && after.contains(&("retailers", 70.into())) == (audited == Some("area.move"))
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let stored_response = |_: &PlaceWithAncestors| StoredResponse {
            status: 200,
            location: None,
            etag: None,
            body: Vec::new(),
        };
        let result =
            UpdatePlace::new(Arc::new(tx), Arc::new(clock)).execute(&admin(), input, &stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn renames_a_place_without_moving_it() {
        let renamed = Place { name: "Sabhar".into(), version: 4, ..place() };
        let mut writer = writer(None);
        let expected = renamed.clone();
        writer
            .expect_rename()
            .times(1)
            .withf(move |_, _, place| *place == expected)
            .returning(|_, _, _| Ok(()));
        let (result, committed) = execute(writer, Some("area.update"), &renaming()).await;
        let expected = PlaceWithAncestors { place: renamed, ancestors: ancestors(4) };
        assert_eq!((result, committed), (Ok(Idempotent::Executed(expected)), true));
    }

    #[tokio::test]
    async fn moves_a_place_with_its_retailers() {
        for dry_run in [false, true] {
            let mut writer = writer(Some(9));
            let moved = Place { parent: Some(5), version: 4, ..place() };
            let expected = moved.clone();
            writer
                .expect_relocate()
                .times(1)
                .withf(move |_, _, place, to, at| (place, to, *at) == (&expected, &ancestors(5), noon()))
                .returning(|_, _, _, _, _| Ok(70));
            let write_options = WriteOptions { validate_only: dry_run, ..moving().write_options };
            let input = UpdatePlaceInput { write_options, ..moving() };
            let (result, committed) = execute(writer, Some("area.move"), &input).await;
            let expected = PlaceWithAncestors { place: moved, ancestors: ancestors(5) };
            assert_eq!((result, committed), (Ok(Idempotent::Executed(expected)), !dry_run));
        }
    }

    #[tokio::test]
    async fn equal_values_are_no_change() {
        let same = PlaceChange { name: PlaceName::parse("Savar").ok(), name_bn: Some(None), parent: Some(4) };
        for values in [same, PlaceChange::default()] {
            let (result, committed) = execute(writer(Some(9)), None, &input(values)).await;
            let expected = PlaceWithAncestors { place: place(), ancestors: ancestors(4) };
            assert_eq!((result, committed), (Ok(Idempotent::Executed(expected)), true));
        }
    }

    #[tokio::test]
    async fn rejected_requests_change_nothing() {
        let parent = |id| input(PlaceChange { parent: Some(id), ..PlaceChange::default() });
        for (namesake, input, error) in [
            (None, UpdatePlaceInput { id: 8, ..renaming() }, UpdatePlaceError::NotFound),
            (None, UpdatePlaceInput { expected: Some(vec![2, 4]), ..renaming() }, UpdatePlaceError::Stale),
            (None, parent(6), UpdatePlaceError::UnknownParent(PlaceKind::Region)),
            (Some(1), renaming(), UpdatePlaceError::Taken),
            (Some(1), moving(), UpdatePlaceError::Taken),
        ] {
            let (result, committed) = execute(writer(namesake), None, &input).await;
            assert_eq!((result, committed), (Err(error), false));
        }
    }
}
