use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::change::StoredResponse;
use haat_domain::shared::{Page, PageRequest, StorageFailure};
use haat_domain::territory::{
    AliasFilter, AliasedKind, NamedRef, NewPlaceAlias, PlaceAlias, PlaceKey, PlaceName, PlaceWithAncestors,
    SalesMapReader, TerritoryTx,
};

use super::audit::alias_snapshot;
use super::refusals::{check_names, same_name, unknown};
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, CursorKey, ManageMap, Rendered, WriteOptions,
};

/// An alias to create: an alternative spelling of a place's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePlaceAlias {
    /// The kind of the place.
    pub kind: AliasedKind,
    /// The id of the place.
    pub place: i64,
    /// The alias.
    pub alias: PlaceName,
}

/// Lists, creates and deletes the aliases of places, by which search and import find them too.
pub struct PlaceAliases {
    maps: Arc<dyn SalesMapReader>,
    changes: Changes<dyn TerritoryTx>,
}

impl PlaceAliases {
    /// Builds the use cases.
    #[must_use]
    pub fn new(maps: Arc<dyn SalesMapReader>, changes: Changes<dyn TerritoryTx>) -> Self {
        Self { maps, changes }
    }

    /// Returns a page of the aliases.
    pub async fn list(
        &self,
        allowed: &Allowed<ManageMap>,
        filter: &AliasFilter,
        page: &PageRequest<PlaceKey>,
    ) -> Result<Page<PlaceAlias, PlaceKey>, StorageFailure> {
        Ok(self.maps.read(allowed.tenant).await?.aliases(filter, page))
    }

    /// Creates an alias. The id from a dry run is meaningless.
    ///
    /// # Errors
    /// [`ChangeError`]; `Invalid` if the place does not exist, `Taken` if the place or a sibling has the name.
    pub async fn create(
        &self,
        allowed: &Allowed<ManageMap>,
        input: CreatePlaceAlias,
        options: &WriteOptions,
        render: impl FnOnce(&PlaceAlias) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let CreatePlaceAlias { kind, place, alias } = input;
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let places = tx.places();
                places.lock_map(tenant).await?;
                let found = places.lock(tenant, kind.get(), place).await?;
                let PlaceWithAncestors { place, .. } = found.ok_or_else(|| unknown("place", kind.get()))?;
                let siblings = places.names_under(tenant, kind.get(), place.parent).await?;
                if siblings.has(place.id, alias.as_str()) {
                    return Err(same_name("alias"));
                }
                check_names(&siblings, Some(place.id), [("alias", Some(alias.as_str()))])?;
                let new = NewPlaceAlias { tenant, kind, place: place.id, alias: alias.clone() };
                let id = places.add_alias(&new).await?;
                let place = NamedRef { id: place.id, name: place.name };
                let alias = PlaceAlias { id, kind, place, alias: alias.as_str().into() };
                let after = alias_snapshot(&alias);
                let created = AuditedChange::created(AuditAction::PlaceAliasCreate, id.to_string(), after);
                Ok(Audited::new(alias, created))
            })
            .await
    }

    /// Deletes an alias.
    pub async fn delete(
        &self,
        allowed: &Allowed<ManageMap>,
        id: i64,
        options: &WriteOptions,
        render: impl FnOnce(&()) -> Rendered,
    ) -> Result<StoredResponse, ChangeError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let places = tx.places();
                places.lock_map(tenant).await?;
                let alias = places.remove_alias(tenant, id).await?.ok_or(ChangeError::NotFound)?;
                let before = alias_snapshot(&alias);
                let deleted = AuditedChange::deleted(AuditAction::PlaceAliasDelete, id.to_string(), before);
                Ok(Audited::new((), deleted))
            })
            .await
    }
}

impl CursorKey for PlaceKey {
    type Parts = (String, i64);

    fn parts(&self) -> Self::Parts {
        (self.name.as_ref().to_owned(), self.id)
    }

    fn of((name, id): Self::Parts) -> Option<Self> {
        Some(Self { name: name.into(), id })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::territory::{
        Ancestors, MockPlaceWriter, MockSalesMapReader, Place, PlaceKind, SiblingNames,
    };

    use super::super::refusals::taken;
    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, allowed, audits, changes, response};

    /// Creates the alias "Comilla" of a place. Area 9 is known, and the ids are those of places with this name.
    async fn create(place: i64, namesakes: &'static [i64]) -> Option<ChangeError> {
        let mut writer = MockPlaceWriter::new();
        let mut order = mockall::Sequence::new();
        writer.expect_lock_map().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        writer.expect_lock().times(1).in_sequence(&mut order).returning(|tenant, kind, id| {
            let place = Place { id, name: "Cumilla".into(), name_bn: None, parent: Some(4), version: 1 };
            let known = (tenant, kind, id) == (actor().tenant, PlaceKind::Area, 9);
            Ok(known.then(|| PlaceWithAncestors { place, ancestors: Ancestors::default() }))
        });
        writer
            .expect_names_under()
            .withf(|tenant, kind, parent| {
                (*tenant, *kind, *parent) == (actor().tenant, PlaceKind::Area, Some(4))
            })
            .returning(|_, _, _| Ok(SiblingNames::new(namesakes.iter().map(|id| (*id, "COMILLA ")))));
        let created = place == 9 && namesakes.is_empty();
        writer.expect_add_alias().times(usize::from(created)).returning(|_| Ok(31));
        let action = created.then_some(AuditAction::PlaceAliasCreate);
        let tx = OneTx::new(FakeTx::of(writer).with_audit(audits(action)));
        let aliases = PlaceAliases::new(Arc::new(MockSalesMapReader::new()), changes(tx));
        let (kind, alias) = (AliasedKind::parse("area").unwrap(), PlaceName::parse("Comilla").unwrap());
        let input = CreatePlaceAlias { kind, place, alias };
        aliases.create(&allowed(), input, &WriteOptions::default(), response).await.err()
    }

    #[tokio::test]
    async fn rejects_unknown_places_and_ambiguous_aliases() {
        assert_eq!(create(9, &[]).await, None);
        for (place, namesakes, error) in [
            (8, &[][..], unknown("place", PlaceKind::Area)),
            (9, &[9], same_name("alias")),
            (9, &[7, 9], same_name("alias")),
            (9, &[7], ChangeError::Taken(vec![taken("alias")])),
        ] {
            assert_eq!(create(place, namesakes).await, Some(error));
        }
    }
}
