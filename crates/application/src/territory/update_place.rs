use std::sync::Arc;

use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::{Located, Place, PlaceChange, PlaceKind, TerritoryTx};

use super::audit::{Deed, action, snapshot};
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, close};

/// What to change of which place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePlaceInput {
    /// What it is.
    pub kind: PlaceKind,
    /// Which one.
    pub id: i64,
    /// New values.
    pub values: PlaceChange,
    /// If given, the versions of which the place must have one.
    pub expected: Option<Vec<i64>>,
    /// How it is asked for.
    pub change: Change,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdatePlaceError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such place on the caller's map.
    #[error("there is no such place")]
    NotFound,
    /// The place has another version than any expected.
    #[error("the place has been changed since")]
    Stale,
    /// There is no such place of this kind to put it into.
    #[error("there is no such {}", .0.as_str())]
    UnknownParent(PlaceKind),
    /// Another place of its kind there is called so.
    #[error("the name is taken")]
    Taken,
}

impl From<StorageFailure> for UpdatePlaceError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Gives a place other names, or puts it elsewhere with all the shops in it.
pub struct UpdatePlace {
    db: Arc<dyn Begin<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl UpdatePlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The place as it is after the change. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`UpdatePlaceError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &UpdatePlaceInput,
        receipt: &(dyn Fn(&Located) -> Receipt + Sync),
    ) -> Result<Done<Located>, UpdatePlaceError> {
        let mut tx = match begin(&*self.db, actor, Permission::ManageMap, &input.change).await? {
            Begun::Now(tx) => tx,
            Begun::Before(receipt) => return Ok(Done::Before(receipt)),
        };
        let outcome = self.update(&mut *tx, actor, input).await;
        close(tx, actor, &input.change, outcome, receipt).await
    }

    async fn update(
        &self,
        tx: &mut dyn TerritoryTx,
        actor: &Actor,
        input: &UpdatePlaceInput,
    ) -> Result<Located, UpdatePlaceError> {
        let (tenant, kind) = (actor.tenant, input.kind);
        let places = tx.places();
        places.lock_map(tenant).await?;
        let Located { place: before, mut above } =
            places.lock(tenant, kind, input.id).await?.ok_or(UpdatePlaceError::NotFound)?;
        if input.expected.as_ref().is_some_and(|expected| !expected.contains(&before.version)) {
            return Err(UpdatePlaceError::Stale);
        }
        let after = input.values.of(&before);
        if after == before {
            return Ok(Located { place: before, above });
        }
        let destination = after.parent.filter(|_| after.parent != before.parent).zip(kind.parent());
        if let Some((id, parent)) = destination {
            let found = places.above(tenant, kind, id).await?;
            above = found.ok_or(UpdatePlaceError::UnknownParent(parent))?;
        }
        let namesakes = places.called(tenant, kind, after.parent, &after.name).await?;
        if namesakes.iter().any(|id| *id != before.id) {
            return Err(UpdatePlaceError::Taken);
        }
        let after = Place { version: before.version + 1, ..after };
        let at = self.clock.now();
        let mut told = snapshot(kind, &after);
        let deed = if destination.is_some() {
            let retailers = places.relocate(tenant, kind, &after, &above, at).await?;
            told.push(("retailers", retailers.into()));
            Deed::Move
        } else {
            places.rename(tenant, kind, &after).await?;
            Deed::Update
        };
        let changed = Changed {
            action: action(kind, deed),
            entity: kind.as_str(),
            id: after.id.to_string(),
            before: Some(snapshot(kind, &before)),
            after: Some(told),
        };
        tx.audit().record(&[changed.by(actor, &input.change, at)]).await?;
        Ok(Located { place: after, above })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{Above, MockPlaceWriter, Named, PlaceName};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn place() -> Place {
        Place { id: 9, name: "Savar".into(), name_bn: None, parent: Some(4), version: 3 }
    }

    fn above(region: i64) -> Above {
        Above { area: None, region: Some(Named { id: region, name: format!("Region {region}").into() }) }
    }

    fn input(values: PlaceChange) -> UpdatePlaceInput {
        let change = Change { request_id: "r-1".into(), ..Change::default() };
        UpdatePlaceInput { kind: PlaceKind::Area, id: 9, values, expected: None, change }
    }

    fn renaming() -> UpdatePlaceInput {
        input(PlaceChange { name: PlaceName::parse("Sabhar").ok(), ..PlaceChange::default() })
    }

    fn moving() -> UpdatePlaceInput {
        input(PlaceChange { parent: Some(5), ..PlaceChange::default() })
    }

    /// A writer that knows the place, the regions 4 and 5, and a namesake.
    fn writer(namesake: Option<i64>) -> MockPlaceWriter {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer
            .expect_lock()
            .times(1)
            .in_sequence(&mut order)
            .withf(|tenant, kind, _| (*tenant, *kind) == (actor().tenant, PlaceKind::Area))
            .returning(|_, _, id| Ok((id == 9).then(|| Located { place: place(), above: above(4) })));
        writer.expect_above().returning(|_, _, id| Ok((id == 5).then(|| above(5))));
        writer.expect_called().returning(move |_, _, _, _| Ok(namesake.into_iter().collect()));
        writer
    }

    async fn execute(
        writer: MockPlaceWriter,
        audited: Option<&'static str>,
        input: &UpdatePlaceInput,
    ) -> (Result<Done<Located>, UpdatePlaceError>, bool) {
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
        let receipt = |_: &Located| Receipt { status: 200, location: None, etag: None, body: Vec::new() };
        let result = UpdatePlace::new(Arc::new(tx), Arc::new(clock)).execute(&admin(), input, &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_renamed_place_stays_where_it_is() {
        let renamed = Place { name: "Sabhar".into(), version: 4, ..place() };
        let mut writer = writer(None);
        let expected = renamed.clone();
        writer
            .expect_rename()
            .times(1)
            .withf(move |_, _, place| *place == expected)
            .returning(|_, _, _| Ok(()));
        let (result, committed) = execute(writer, Some("area.update"), &renaming()).await;
        let expected = Located { place: renamed, above: above(4) };
        assert_eq!((result, committed), (Ok(Done::Now(expected)), true));
    }

    #[tokio::test]
    async fn a_moved_place_takes_its_shops_along() {
        for trial in [false, true] {
            let mut writer = writer(Some(9));
            let moved = Place { parent: Some(5), version: 4, ..place() };
            let expected = moved.clone();
            writer
                .expect_relocate()
                .times(1)
                .withf(move |_, _, place, to, at| (place, to, *at) == (&expected, &above(5), noon()))
                .returning(|_, _, _, _, _| Ok(70));
            let change = Change { validate_only: trial, ..moving().change };
            let input = UpdatePlaceInput { change, ..moving() };
            let (result, committed) = execute(writer, Some("area.move"), &input).await;
            let expected = Located { place: moved, above: above(5) };
            assert_eq!((result, committed), (Ok(Done::Now(expected)), !trial));
        }
    }

    #[tokio::test]
    async fn what_is_already_so_is_no_change() {
        let same = PlaceChange { name: PlaceName::parse("Savar").ok(), name_bn: Some(None), parent: Some(4) };
        for values in [same, PlaceChange::default()] {
            let (result, committed) = execute(writer(Some(9)), None, &input(values)).await;
            let expected = Located { place: place(), above: above(4) };
            assert_eq!((result, committed), (Ok(Done::Now(expected)), true));
        }
    }

    #[tokio::test]
    async fn each_refusal_changes_nothing() {
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
