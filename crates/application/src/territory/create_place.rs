use std::sync::Arc;

use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, StoredResponse};
use haat_domain::territory::{
    Ancestors, NewPlace, Place, PlaceKind, PlaceName, PlaceWithAncestors, TerritoryTx,
};

use super::audit::{PlaceAction, action, snapshot};
use crate::shared::{
    Actor, AuditedChange, ChangeError, Idempotent, Permission, Started, WriteOptions, begin, close,
};

/// A place to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePlaceInput {
    /// The kind.
    pub kind: PlaceKind,
    /// The name.
    pub name: PlaceName,
    /// The name in Bangla.
    pub name_bn: Option<PlaceName>,
    /// The parent: the region of an area, the area of a territory.
    pub parent: Option<i64>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a place was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreatePlaceError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The parent, a place of this kind, does not exist.
    #[error("{} not found", .0.as_str())]
    UnknownParent(PlaceKind),
    /// Another place of this kind with the same parent has the name.
    #[error("the name is taken")]
    Taken,
}

impl From<StorageFailure> for CreatePlaceError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Creates a place.
pub struct CreatePlace {
    db: Arc<dyn BeginTransaction<dyn TerritoryTx>>,
    clock: Arc<dyn Clock>,
}

impl CreatePlace {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn TerritoryTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Creates the place and returns it. The id from a dry run is meaningless. `stored_response` renders the
    /// response that is stored for replays.
    ///
    /// # Errors
    /// [`CreatePlaceError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &CreatePlaceInput,
        stored_response: &(dyn Fn(&PlaceWithAncestors) -> StoredResponse + Sync),
    ) -> Result<Idempotent<PlaceWithAncestors>, CreatePlaceError> {
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
        input: &CreatePlaceInput,
    ) -> Result<PlaceWithAncestors, CreatePlaceError> {
        let places = tx.places();
        places.lock_map(actor.tenant).await?;
        let ancestors = match (input.kind.parent(), input.parent) {
            (None, _) => Ancestors::default(),
            (Some(kind), None) => return Err(CreatePlaceError::UnknownParent(kind)),
            (Some(kind), Some(id)) => {
                let ancestors = places.ancestors(actor.tenant, input.kind, id).await?;
                ancestors.ok_or(CreatePlaceError::UnknownParent(kind))?
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
        let created = AuditedChange {
            action: action(input.kind, PlaceAction::Create),
            entity: input.kind.as_str(),
            id: id.to_string(),
            before: None,
            after: Some(snapshot(input.kind, &place)),
        };
        tx.audit().record(&[created.by(actor, &input.write_options, self.clock.now())]).await?;
        Ok(PlaceWithAncestors { place, ancestors })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::shared::MockClock;
    use haat_domain::territory::{MockPlaceWriter, NamedRef};

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon};

    fn input() -> CreatePlaceInput {
        CreatePlaceInput {
            kind: PlaceKind::Area,
            name: PlaceName::parse("Savar").unwrap(),
            name_bn: PlaceName::parse("সাভার").ok(),
            parent: Some(4),
            write_options: WriteOptions { request_id: "r-1".into(), ..WriteOptions::default() },
        }
    }

    fn ancestors() -> Ancestors {
        Ancestors { area: None, region: Some(NamedRef { id: 4, name: "Dhaka".into() }) }
    }

    fn created() -> PlaceWithAncestors {
        let name_bn = Some("সাভার".into());
        let place = Place { id: 9, name: "Savar".into(), name_bn, parent: Some(4), version: 1 };
        PlaceWithAncestors { place, ancestors: ancestors() }
    }

    fn writer(known: bool, namesake: Option<i64>, adds: usize) -> MockPlaceWriter {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer
            .expect_ancestors()
            .withf(|tenant, kind, id| (*tenant, *kind, *id) == (actor().tenant, PlaceKind::Area, 4))
            .returning(move |_, _, _| Ok(known.then(ancestors)));
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
    ) -> (Result<Idempotent<PlaceWithAncestors>, CreatePlaceError>, bool) {
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
        let stored_response = |_: &PlaceWithAncestors| StoredResponse {
            status: 201,
            location: None,
            etag: None,
            body: Vec::new(),
        };
        let result =
            CreatePlace::new(Arc::new(tx), Arc::new(clock)).execute(&admin(), input, &stored_response).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn creates_and_audits_a_place() {
        let (result, committed) = execute(writer(true, None, 1), 1, &input()).await;
        assert_eq!((result, committed), (Ok(Idempotent::Executed(created())), true));
    }

    #[tokio::test]
    async fn a_dry_run_returns_the_same_and_creates_nothing() {
        let input = CreatePlaceInput {
            write_options: WriteOptions { validate_only: true, ..input().write_options },
            ..input()
        };
        let (result, committed) = execute(writer(true, None, 1), 1, &input).await;
        assert_eq!((result, committed), (Ok(Idempotent::Executed(created())), false));
    }

    #[tokio::test]
    async fn rejects_an_unknown_parent_and_a_taken_name() {
        let (result, committed) = execute(writer(false, None, 0), 0, &input()).await;
        let unknown = CreatePlaceError::UnknownParent(PlaceKind::Region);
        assert_eq!((result, committed), (Err(unknown.clone()), false));
        let orphan = CreatePlaceInput { parent: None, ..input() };
        assert_eq!(execute(writer(true, None, 0), 0, &orphan).await.0, Err(unknown));
        let (result, committed) = execute(writer(true, Some(3), 0), 0, &input()).await;
        assert_eq!((result, committed), (Err(CreatePlaceError::Taken), false));
    }

    #[tokio::test]
    async fn rejects_sales_reps_before_beginning_a_transaction() {
        let stored_response = |_: &PlaceWithAncestors| StoredResponse {
            status: 201,
            location: None,
            etag: None,
            body: Vec::new(),
        };
        let create =
            CreatePlace::new(Arc::new(OneTx::<FakeTx<MockPlaceWriter>>::none()), Arc::new(MockClock::new()));
        let result = create.execute(&actor(), &input(), &stored_response).await;
        assert_eq!(result, Err(CreatePlaceError::Change(ChangeError::Forbidden)));
    }
}
