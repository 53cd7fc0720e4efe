use std::sync::Arc;

use haat_domain::change::StoredResponse;
use haat_domain::shared::{Page, PageRequest, SearchText, StorageFailure};
use haat_domain::territory::{
    Ancestors, NameLanguage, NewPlace, Place, PlaceChange, PlaceFilter, PlaceKey, PlaceKind, PlaceName,
    PlaceWithAncestors, SalesMapReader, SiblingNames, TerritoryTx,
};

use super::audit::{PlaceAction, action, snapshot};
use super::refusals::{check_names, in_use, unknown};
use crate::shared::{
    Actor, Allowed, AmbiguousPlace, Audited, AuditedChange, ChangeError, Changes, ManageMap, PermissionType,
    PlaceIds, PlaceSelector, PlaceSelectors, ReadError, Refusal, Refused, Rendered, WriteOptions,
};

/// A filter of places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPlaces {
    /// A part of any of the place's names.
    pub search: Option<SearchText>,
    /// The region.
    pub region: Option<PlaceSelector>,
    /// The area.
    pub area: Option<PlaceSelector>,
    /// The language of the names in the list.
    pub language: NameLanguage,
}

/// Reasons why places cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListPlacesError {
    /// The name of a place in the filter belongs to several places.
    #[error(transparent)]
    AmbiguousPlace(#[from] AmbiguousPlace),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ListPlacesError {
    fn refuse(&self) -> Refused {
        match self {
            Self::AmbiguousPlace(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// A place to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePlace {
    /// The kind.
    pub kind: PlaceKind,
    /// The name.
    pub name: PlaceName,
    /// The name in Bangla.
    pub name_bn: Option<PlaceName>,
    /// The parent: the region of an area, the area of a territory.
    pub parent: Option<i64>,
}

/// Reads and changes the places of the sales map. The four kinds of places have the same use cases.
pub struct Places {
    maps: Arc<dyn SalesMapReader>,
    changes: Changes<dyn TerritoryTx>,
}

impl Places {
    /// Builds the use cases.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>, changes: Changes<dyn TerritoryTx>) -> Self {
        Self { maps, changes }
    }

    /// Returns a page of the places of a kind. Every user of the tenant may read them. An unknown name of a region or
    /// area matches no place, like an unknown id.
    ///
    /// # Errors
    /// [`ListPlacesError`]; `AmbiguousPlace` if a name belongs to several places.
    pub async fn list<P: PermissionType>(
        &self,
        allowed: &Allowed<P>,
        kind: PlaceKind,
        ListPlaces { search, region, area, language }: &ListPlaces,
        page: &PageRequest<PlaceKey>,
    ) -> Result<Page<PlaceWithAncestors, PlaceKey>, ListPlacesError> {
        let map = self.maps.read(allowed.tenant).await?;
        // Only distributors are read by callers for whom not all of them are visible.
        let targets = Actor::targets(allowed, P::PERMISSION);
        let visible = || targets.distributors.iter().map(|id| id.get()).collect();
        let (region, area) = (region.as_ref(), area.as_ref());
        let PlaceIds { regions, areas, .. } =
            PlaceSelectors { region, area, ..PlaceSelectors::default() }.ids(&map)?;
        let ids = (!targets.all).then(visible);
        let filter = PlaceFilter { search: search.clone(), regions, areas, ids };
        let Page { rows, next } = map.list(kind, &filter, page);
        let rows = rows.into_iter().map(|row| map.in_language(row, *language)).collect();
        Ok(Page { rows, next })
    }

    /// Returns a place.
    pub async fn get(
        &self,
        allowed: &Allowed<ManageMap>,
        kind: PlaceKind,
        id: i64,
    ) -> Result<PlaceWithAncestors, ReadError> {
        self.maps.read(allowed.tenant).await?.find(kind, id).ok_or(ReadError::NotFound)
    }

    /// Creates a place. The id from a dry run is meaningless.
    ///
    /// # Errors
    /// [`ChangeError`]; `Invalid` if the parent does not exist, `Taken` if a sibling has one of the names.
    pub async fn create(
        &self,
        allowed: &Allowed<ManageMap>,
        input: CreatePlace,
        options: &WriteOptions,
        render: impl FnOnce(&PlaceWithAncestors) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let (tenant, CreatePlace { kind, name, name_bn, parent }) = (allowed.tenant, input);
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let places = tx.places();
                places.lock_map(tenant).await?;
                let ancestors = match (kind.parent(), parent) {
                    (None, _) => Ancestors::default(),
                    (Some(parent), None) => return Err(unknown(parent.as_str(), parent)),
                    (Some(parent), Some(id)) => {
                        let ancestors = places.ancestors(tenant, kind, id).await?;
                        ancestors.ok_or_else(|| unknown(parent.as_str(), parent))?
                    }
                };
                let siblings = places.names_under(tenant, kind, parent).await?;
                let names =
                    [("name", Some(name.as_str())), ("nameBn", name_bn.as_ref().map(PlaceName::as_str))];
                check_names(&siblings, None, names)?;
                let new = NewPlace { tenant, kind, name: name.clone(), name_bn: name_bn.clone(), parent };
                let id = places.add(&new).await?;
                let name_bn = name_bn.as_ref().map(|name| name.as_str().into());
                let place = Place { id, name: name.as_str().into(), name_bn, parent, version: 1 };
                let (action, after) = (action(kind, PlaceAction::Create), snapshot(kind, &place));
                let created = AuditedChange::created(action, id.to_string(), after);
                Ok(Audited::new(PlaceWithAncestors { place, ancestors }, created))
            })
            .await
    }

    /// Renames a place, or moves it to another parent together with all its retailers. A name that stays is not
    /// compared again, so that places that share a name from earlier can be changed until one is renamed.
    ///
    /// # Errors
    /// [`ChangeError`]; `Invalid` if the new parent does not exist, `Taken` if a sibling has one of the names.
    pub async fn update(
        &self,
        allowed: &Allowed<ManageMap>,
        (kind, id): (PlaceKind, i64),
        values: &PlaceChange,
        options: &WriteOptions,
        render: impl FnOnce(&PlaceWithAncestors) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, at| {
                let places = tx.places();
                places.lock_map(tenant).await?;
                let found = places.lock(tenant, kind, id).await?;
                let PlaceWithAncestors { place: before, mut ancestors } =
                    found.ok_or(ChangeError::NotFound)?;
                options.check_version(before.version)?;
                let after = values.of(&before);
                if after == before {
                    return Ok(Audited::unchanged(PlaceWithAncestors { place: before, ancestors }));
                }
                let destination = after.parent.filter(|_| after.parent != before.parent).zip(kind.parent());
                if let Some((id, parent)) = destination {
                    let found = places.ancestors(tenant, kind, id).await?;
                    ancestors = found.ok_or_else(|| unknown(parent.as_str(), parent))?;
                }
                let siblings = places.names_under(tenant, kind, after.parent).await?;
                let is_new = |differs: bool| destination.is_some() || differs;
                let names = [
                    ("name", Some(&*after.name).filter(|_| is_new(after.name != before.name))),
                    ("nameBn", after.name_bn.as_deref().filter(|_| is_new(after.name_bn != before.name_bn))),
                ];
                check_names(&siblings, Some(id), names)?;
                if let Some((_, parent)) = destination {
                    // The aliases move with the place; its names may change.
                    let own = places.names_under(tenant, kind, before.parent).await?;
                    let names = SiblingNames::new(
                        [Some(before.name.clone()), before.name_bn.clone()]
                            .into_iter()
                            .flatten()
                            .map(|n| (id, n)),
                    );
                    let aliases = own.of(id).filter(|name| !names.has(id, name));
                    check_names(&siblings, Some(id), aliases.map(|alias| (parent.as_str(), Some(alias))))?;
                }
                let after = Place { version: before.version + 1, ..after };
                let mut audited = snapshot(kind, &after);
                let place_action = if destination.is_some() {
                    let retailers = places.relocate(tenant, kind, &after, &ancestors, at).await?;
                    audited.push(("retailers", retailers.into()));
                    PlaceAction::Move
                } else {
                    places.rename(tenant, kind, &after).await?;
                    PlaceAction::Update
                };
                let (action, before) = (action(kind, place_action), snapshot(kind, &before));
                let updated = AuditedChange::updated(action, id.to_string(), before, audited);
                Ok(Audited::new(PlaceWithAncestors { place: after, ancestors }, updated))
            })
            .await
    }

    /// Deletes a place without references.
    ///
    /// # Errors
    /// [`ChangeError`]; `InUse` if other records refer to the place.
    pub async fn delete(
        &self,
        allowed: &Allowed<ManageMap>,
        (kind, id): (PlaceKind, i64),
        options: &WriteOptions,
        render: impl FnOnce(&()) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let places = tx.places();
                places.lock_map(tenant).await?;
                let place = places.lock(tenant, kind, id).await?.ok_or(ChangeError::NotFound)?.place;
                options.check_version(place.version)?;
                let references = places.references(tenant, kind, id).await?;
                if !references.is_none() {
                    return Err(in_use(references));
                }
                places.remove(tenant, kind, id).await?;
                let (action, before) = (action(kind, PlaceAction::Delete), snapshot(kind, &place));
                let deleted = AuditedChange::deleted(action, id.to_string(), before);
                Ok(Audited::new((), deleted))
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::audit::AuditAction;
    use haat_domain::auth::{Grant, GrantTarget, Grants};
    use haat_domain::shared::{DistributorId, Role};
    use haat_domain::territory::{MockPlaceWriter, MockSalesMapReader, NamedRef};

    use super::super::refusals::taken;
    use super::*;
    use crate::shared::{ReadDistributors, ReadMap};
    use crate::testing::{FakeTx, OneTx, actor, allowed, audits, changes, response, sales_map};
    use haat_domain::change::ExpectedVersions;

    fn place() -> Place {
        Place { id: 9, name: "Savar".into(), name_bn: None, parent: Some(4), version: 3 }
    }

    fn ancestors(region: i64) -> Ancestors {
        let region = NamedRef { id: region, name: format!("Region {region}").into() };
        Ancestors { area: None, region: Some(region) }
    }

    /// A writer that knows area 9 of region 4 with the alias "Sabar", region 5, and in both regions an area 1 with this
    /// name.
    fn writer(namesake: &'static str) -> MockPlaceWriter {
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
        writer.expect_names_under().returning(move |_, _, parent| {
            let own = [(9, "Savar"), (9, "Sabar")].into_iter().filter(|_| parent == Some(4));
            Ok(SiblingNames::new(own.chain([(1, namesake)])))
        });
        writer
    }

    /// Updates area 9; returns the error, if any, and whether the change was committed.
    async fn update(
        writer: MockPlaceWriter,
        action: Option<AuditAction>,
        values: PlaceChange,
        expected: Option<Vec<i64>>,
    ) -> (Option<ChangeError>, bool) {
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audits(action)));
        let committed = tx.committed();
        let places = Places::new(Arc::new(MockSalesMapReader::new()), changes(tx));
        let options = WriteOptions {
            expected: ExpectedVersions { accepted: expected, rejected: Vec::new() },
            ..WriteOptions::default()
        };
        let result = places.update(&allowed(), (PlaceKind::Area, 9), &values, &options, response).await;
        (result.err(), committed.load(std::sync::atomic::Ordering::SeqCst))
    }

    fn renaming() -> PlaceChange {
        PlaceChange { name: PlaceName::parse("Sabhar").ok(), ..PlaceChange::default() }
    }

    fn in_bangla() -> PlaceChange {
        PlaceChange { name_bn: Some(PlaceName::parse("সাভার").ok()), ..PlaceChange::default() }
    }

    fn moving(parent: i64) -> PlaceChange {
        PlaceChange { parent: Some(parent), ..PlaceChange::default() }
    }

    #[tokio::test]
    async fn renames_a_place_without_moving_it() {
        let renamed = Place { name: "Sabhar".into(), version: 4, ..place() };
        let mut writer = writer("Dhaka");
        writer
            .expect_rename()
            .times(1)
            .withf(move |_, _, place| *place == renamed)
            .returning(|_, _, _| Ok(()));
        assert_eq!(
            update(writer, Some(AuditAction::AreaUpdate), renaming(), Some(vec![3])).await,
            (None, true)
        );
    }

    #[tokio::test]
    async fn a_name_shared_from_earlier_does_not_prevent_other_changes() {
        let mut writer = writer("SAVAR");
        writer.expect_rename().times(1).returning(|_, _, _| Ok(()));
        assert_eq!(update(writer, Some(AuditAction::AreaUpdate), in_bangla(), None).await, (None, true));
    }

    #[tokio::test]
    async fn moves_a_place_with_its_retailers() {
        let moved = Place { parent: Some(5), version: 4, ..place() };
        let mut writer = writer("Dhaka");
        writer
            .expect_relocate()
            .times(1)
            .withf(move |_, _, place, to, _| (place, to) == (&moved, &ancestors(5)))
            .returning(|_, _, _, _, _| Ok(70));
        assert_eq!(update(writer, Some(AuditAction::AreaMove), moving(5), None).await, (None, true));
    }

    #[tokio::test]
    async fn equal_values_are_no_change() {
        let same = PlaceChange { name: PlaceName::parse("Savar").ok(), name_bn: Some(None), parent: Some(4) };
        for values in [same, PlaceChange::default()] {
            assert_eq!(update(writer("Savar"), None, values, None).await, (None, true));
        }
    }

    #[tokio::test]
    async fn rejected_updates_change_nothing() {
        for (namesake, values, expected, error) in [
            ("Dhaka", renaming(), Some(vec![2, 4]), ChangeError::Stale(3)),
            ("Dhaka", moving(6), None, unknown("region", PlaceKind::Region)),
            (" sabhar", renaming(), None, ChangeError::Taken(vec![taken("name")])),
            ("SAVAR", moving(5), None, ChangeError::Taken(vec![taken("name")])),
            ("sabar", moving(5), None, ChangeError::Taken(vec![taken("region")])),
            ("সাভার", in_bangla(), None, ChangeError::Taken(vec![taken("nameBn")])),
        ] {
            let result = update(writer(namesake), None, values, expected).await;
            assert_eq!(result, (Some(error), false));
        }
    }

    #[tokio::test]
    async fn resolves_names_to_ids_and_unknown_names_to_nothing() {
        for (region, count) in [
            (None, 1),
            (Some(PlaceSelector::Id(1)), 1),
            (Some(PlaceSelector::Name("Dhaka".into())), 1),
            (Some(PlaceSelector::Id(2)), 0),
            (Some(PlaceSelector::Name("Atlantis".into())), 0),
        ] {
            let mut maps = MockSalesMapReader::new();
            maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
            let places = Places::new(Arc::new(maps), changes(OneTx::<FakeTx<MockPlaceWriter>>::none()));
            let filter = ListPlaces { region: region.clone(), ..ListPlaces::default() };
            let page = PageRequest::default();
            let allowed = allowed::<ReadMap>();
            let found = places.list(&allowed, PlaceKind::Territory, &filter, &page).await.unwrap();
            assert_eq!(found.rows.len(), count, "{region:?}");
        }
    }

    #[tokio::test]
    async fn users_of_distributors_list_only_their_own() {
        for (id, count) in [(1, 1), (99, 0)] {
            let mut map = sales_map();
            let place = Place { id: 1, name: "Traders".into(), name_bn: None, parent: None, version: 1 };
            map.distributors.add(DistributorId::new(1), place);
            let mut maps = MockSalesMapReader::new();
            maps.expect_read().returning(move |_| Ok(Arc::new(map.clone())));
            let places = Places::new(Arc::new(maps), changes(OneTx::<FakeTx<MockPlaceWriter>>::none()));
            let target = GrantTarget::Distributor(DistributorId::new(id));
            let grants = Grants::of(Grant::new(Role::DistributorUser, Some(target)).into_iter().collect());
            let allowed = Allowed::<ReadDistributors>::check(Actor { grants, ..actor() }).unwrap();
            let (filter, page) = (ListPlaces::default(), PageRequest::default());
            let found = places.list(&allowed, PlaceKind::Distributor, &filter, &page).await.unwrap();
            assert_eq!(found.rows.len(), count, "{id}");
        }
    }
}
