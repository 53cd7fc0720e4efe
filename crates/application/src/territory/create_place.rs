use std::sync::Arc;

use haat_domain::shared::{Begin, Clock, Receipt, StorageFailure};
use haat_domain::territory::{Above, Located, NewPlace, Place, PlaceKind, PlaceName, TerritoryTx};

use super::audit::{Deed, action, snapshot};
use crate::shared::{Actor, Begun, Change, ChangeError, Changed, Done, Permission, begin, close};

/// What is to be put on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePlaceInput {
    /// What it is.
    pub kind: PlaceKind,
    /// Name.
    pub name: PlaceName,
    /// Name in Bangla.
    pub name_bn: Option<PlaceName>,
    /// The region of an area, the area of a territory.
    pub parent: Option<i64>,
    /// How it is asked for.
    pub change: Change,
}

/// Why nothing was put on the map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreatePlaceError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no such place of this kind to put it into.
    #[error("there is no such {}", .0.as_str())]
    UnknownParent(PlaceKind),
    /// Another place of its kind there is called so.
    #[error("the name is taken")]
    Taken,
}

impl From<StorageFailure> for CreatePlaceError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Puts a place on the map.
pub struct CreatePlace {
    db: Arc<dyn Begin<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl CreatePlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The place. On trial its id means nothing. `receipt` makes the answer that a repetition will be given.
    ///
    /// # Errors
    /// [`CreatePlaceError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &CreatePlaceInput,
        receipt: &(dyn Fn(&Located) -> Receipt + Sync),
    ) -> Result<Done<Located>, CreatePlaceError> {
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
        input: &CreatePlaceInput,
    ) -> Result<Located, CreatePlaceError> {
        let places = tx.places();
        places.lock_map(actor.tenant).await?;
        let above = match (input.kind.parent(), input.parent) {
            (None, _) => Above::default(),
            (Some(kind), None) => return Err(CreatePlaceError::UnknownParent(kind)),
            (Some(kind), Some(id)) => {
                let above = places.above(actor.tenant, input.kind, id).await?;
                above.ok_or(CreatePlaceError::UnknownParent(kind))?
            }
        };
        let (name, parent) = (input.name.as_str(), input.parent);
        if !places.called(actor.tenant, input.kind, parent, name).await?.is_empty() {
            return Err(CreatePlaceError::Taken);
        }
        let new = NewPlace {
            tenant: actor.tenant,
            kind: input.kind,
            name: input.name.clone(),
            name_bn: input.name_bn.clone(),
            parent,
        };
        let id = places.add(&new).await?;
        let name_bn = input.name_bn.as_ref().map(|name| name.as_str().into());
        let place = Place { id, name: name.into(), name_bn, parent, version: 1 };
        let created = Changed {
            action: action(input.kind, Deed::Create),
            entity: input.kind.as_str(),
            id: id.to_string(),
            before: None,
            after: Some(snapshot(input.kind, &place)),
        };
        tx.audit().record(&[created.by(actor, &input.change, self.clock.now())]).await?;
        Ok(Located { place, above })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{MockPlaceWriter, Named};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn input() -> CreatePlaceInput {
        CreatePlaceInput {
            kind: PlaceKind::Area,
            name: PlaceName::parse("Savar").unwrap(),
            name_bn: PlaceName::parse("সাভার").ok(),
            parent: Some(4),
            change: Change { request_id: "r-1".into(), ..Change::default() },
        }
    }

    fn above() -> Above {
        Above { area: None, region: Some(Named { id: 4, name: "Dhaka".into() }) }
    }

    fn created() -> Located {
        let name_bn = Some("সাভার".into());
        let place = Place { id: 9, name: "Savar".into(), name_bn, parent: Some(4), version: 1 };
        Located { place, above: above() }
    }

    fn writer(known: bool, namesake: Option<i64>, adds: usize) -> MockPlaceWriter {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer
            .expect_above()
            .withf(|tenant, kind, id| (*tenant, *kind, *id) == (actor().tenant, PlaceKind::Area, 4))
            .returning(move |_, _, _| Ok(known.then(above)));
        writer
            .expect_called()
            .withf(|_, kind, parent, name| (*kind, *parent, name) == (PlaceKind::Area, Some(4), "Savar"))
            .returning(move |_, _, _, _| Ok(namesake.into_iter().collect()));
        writer
            .expect_add()
            .times(adds)
            .withf(|new| new.tenant == actor().tenant && new.kind == PlaceKind::Area && new.parent == Some(4))
            .returning(|_| Ok(9));
        writer
    }

    async fn execute(
        writer: MockPlaceWriter,
        audits: usize,
        input: &CreatePlaceInput,
    ) -> (Result<Done<Located>, CreatePlaceError>, bool) {
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .times(audits)
            .withf(|entries| {
                entries[0].action == "area.create"
                    && entries[0].entity_id.as_deref() == Some("9")
                    && entries[0].before.is_none()
                    && entries[0].after.as_ref().is_some_and(|after| after.contains(&("region", 4.into())))
            })
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audit));
        let committed = tx.committed();
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let receipt = |_: &Located| Receipt { status: 201, location: None, etag: None, body: Vec::new() };
        let result = CreatePlace::new(Arc::new(tx), Arc::new(clock)).execute(&admin(), input, &receipt).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_place_is_put_into_another_and_audited() {
        let (result, committed) = execute(writer(true, None, 1), 1, &input()).await;
        assert_eq!((result, committed), (Ok(Done::Now(created())), true));
    }

    #[tokio::test]
    async fn a_trial_tells_the_same_and_keeps_nothing() {
        let input = CreatePlaceInput { change: Change { validate_only: true, ..input().change }, ..input() };
        let (result, committed) = execute(writer(true, None, 1), 1, &input).await;
        assert_eq!((result, committed), (Ok(Done::Now(created())), false));
    }

    #[tokio::test]
    async fn an_unknown_parent_and_a_taken_name_are_refused() {
        let (result, committed) = execute(writer(false, None, 0), 0, &input()).await;
        let unknown = CreatePlaceError::UnknownParent(PlaceKind::Region);
        assert_eq!((result, committed), (Err(unknown.clone()), false));
        let orphan = CreatePlaceInput { parent: None, ..input() };
        assert_eq!(execute(writer(true, None, 0), 0, &orphan).await.0, Err(unknown));
        let (result, committed) = execute(writer(true, Some(3), 0), 0, &input()).await;
        assert_eq!((result, committed), (Err(CreatePlaceError::Taken), false));
    }

    #[tokio::test]
    async fn a_representative_does_not_even_begin() {
        let receipt = |_: &Located| Receipt { status: 201, location: None, etag: None, body: Vec::new() };
        let create =
            CreatePlace::new(Arc::new(OneTx::<FakeTx<MockPlaceWriter>>::none()), Arc::new(MockClock::new()));
        let result = create.execute(&actor(), &input(), &receipt).await;
        assert_eq!(result, Err(CreatePlaceError::Change(ChangeError::Forbidden)));
    }
}
