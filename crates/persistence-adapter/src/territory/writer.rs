use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::OptionalExtension as _;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use haat_domain::shared::{StorageFailure, TenantId, fold};
use haat_domain::territory::{
    Ancestors, NamedRef, NewPlace, NewPlaceAlias, Place, PlaceAlias, PlaceKind, PlaceName, PlaceReferences,
    PlaceWithAncestors, PlaceWriter, SiblingNames, TerritoryTx,
};

use crate::PgDatabase;
use crate::shared::{PgTx, statement, view};

statement! {
    /// Locks the sales map, waiting for other changes of it.
    LockMap = "lock_map.sql" -> (Bool,) {
        tenant: i64 as BigInt,
    }
}

statement! {
    /// Locks a place: id, name, name in Bangla, version; id and name of its area and of its region.
    LockPlace = "lock_place.sql" -> (BigInt, Text, Nullable<Text>, BigInt, Nullable<BigInt>, Nullable<Text>, Nullable<BigInt>, Nullable<Text>) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        id: i64 as BigInt,
    }
}

statement! {
    /// Reads id and name of the area and of the region of a place with this parent.
    SelectAncestors = "ancestors.sql" -> (Nullable<BigInt>, Nullable<Text>, Nullable<BigInt>, Nullable<Text>) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        parent: i64 as BigInt,
    }
}

statement! {
    /// Reads id and name of the places under a parent, a row for each of their names.
    SelectNames = "names_under.sql" -> (BigInt, Text) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        parent: Option<i64> as Nullable<BigInt>,
    }
}

statement! {
    /// Adds a place, with a feed entry.
    AddPlace = "add_place.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        parent: Option<i64> as Nullable<BigInt>,
        name: String as Text,
        name_bn: Option<String> as Nullable<Text>,
        name_key: String as Text,
        name_bn_key: Option<String> as Nullable<Text>,
    }
}

statement! {
    /// Changes a place, with a feed entry.
    ChangePlace = "change_place.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        id: i64 as BigInt,
        parent: Option<i64> as Nullable<BigInt>,
        name: String as Text,
        name_bn: Option<String> as Nullable<Text>,
        version: i64 as BigInt,
        entry_kind: &'static str as Text,
        name_key: String as Text,
        name_bn_key: Option<String> as Nullable<Text>,
    }
}

statement! {
    /// Locks the retailers in a place.
    LockRetailers = "lock_retailers.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        id: i64 as BigInt,
    }
}

statement! {
    /// Moves the retailers of a place with it, with a feed entry for each sales rep that serves one of them.
    RelocateRetailers = "relocate_retailers.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        id: i64 as BigInt,
        area: Option<i64> as Nullable<BigInt>,
        region: Option<i64> as Nullable<BigInt>,
        at: DateTime<Utc> as Timestamptz,
    }
}

statement! {
    /// Counts the areas, territories, teams, roles, retailers and deleted retailers that refer to a place.
    CountReferences = "references.sql" -> (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        id: i64 as BigInt,
    }
}

statement! {
    /// Removes a place, with a feed entry.
    RemovePlace = "remove_place.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        kind: &'static str as Text,
        id: i64 as BigInt,
    }
}

/// Id and name of the area, id and name of the region.
type AncestorsRow = (Option<i64>, Option<String>, Option<i64>, Option<String>);

fn ancestors((area, area_name, region, region_name): AncestorsRow) -> Ancestors {
    let named = |id: Option<i64>, name: Option<String>| {
        id.zip(name).map(|(id, name)| NamedRef { id, name: name.into() })
    };
    Ancestors { area: named(area, area_name), region: named(region, region_name) }
}

#[async_trait]
impl PlaceWriter for PgTx {
    async fn lock_map(&mut self, tenant: TenantId) -> Result<(), StorageFailure> {
        let statement = LockMap { tenant: tenant.get() };
        let _: (bool,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn lock(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        id: i64,
    ) -> Result<Option<PlaceWithAncestors>, StorageFailure> {
        type Row =
            (i64, String, Option<String>, i64, Option<i64>, Option<String>, Option<i64>, Option<String>);
        let statement = LockPlace { tenant: tenant.get(), kind: kind.as_str(), id };
        let row: Option<Row> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        Ok(row.map(|(id, name, name_bn, version, area, area_name, region, region_name)| {
            let parent = area.or(region);
            let place = Place { id, name: name.into(), name_bn: name_bn.map(Into::into), parent, version };
            PlaceWithAncestors { place, ancestors: ancestors((area, area_name, region, region_name)) }
        }))
    }

    async fn ancestors(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        parent: i64,
    ) -> Result<Option<Ancestors>, StorageFailure> {
        let statement = SelectAncestors { tenant: tenant.get(), kind: kind.as_str(), parent };
        let row: Option<AncestorsRow> =
            self.query(async |connection| statement.get_result(connection).await.optional()).await?;
        Ok(row.map(ancestors))
    }

    async fn names_under(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        parent: Option<i64>,
    ) -> Result<SiblingNames, StorageFailure> {
        let statement = SelectNames { tenant: tenant.get(), kind: kind.as_str(), parent };
        let rows: Vec<(i64, String)> =
            self.query(async |connection| statement.load(connection).await).await?;
        Ok(SiblingNames::new(rows))
    }

    async fn add(&mut self, place: &NewPlace) -> Result<i64, StorageFailure> {
        let statement = AddPlace {
            tenant: place.tenant.get(),
            kind: place.kind.as_str(),
            parent: place.parent,
            name: place.name.as_str().to_owned(),
            name_bn: place.name_bn.as_ref().map(PlaceName::as_str).map(str::to_owned),
            name_key: fold(place.name.as_str()),
            name_bn_key: place.name_bn.as_ref().map(|name| fold(name.as_str())),
        };
        let (id,): (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(id)
    }

    async fn rename(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
    ) -> Result<(), StorageFailure> {
        self.change_place(tenant, kind, place, "updated").await
    }

    async fn relocate(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
        ancestors: &Ancestors,
        at: DateTime<Utc>,
    ) -> Result<i64, StorageFailure> {
        let lock = LockRetailers { tenant: tenant.get(), kind: kind.as_str(), id: place.id };
        let _: (i64,) = self.query(async |connection| lock.get_result(connection).await).await?;
        // Place and retailers contradict each other between the next two statements, but not at the commit.
        let defer = "SET CONSTRAINTS ALL DEFERRED";
        self.query(async |connection| connection.batch_execute(defer).await).await?;
        self.change_place(tenant, kind, place, "moved").await?;
        let relocate = RelocateRetailers {
            tenant: tenant.get(),
            kind: kind.as_str(),
            id: place.id,
            area: ancestors.area.as_ref().map(|area| area.id),
            region: ancestors.region.as_ref().map(|region| region.id),
            at,
        };
        let (relocated,): (i64,) =
            self.query(async |connection| relocate.get_result(connection).await).await?;
        Ok(relocated)
    }

    async fn references(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        id: i64,
    ) -> Result<PlaceReferences, StorageFailure> {
        let statement = CountReferences { tenant: tenant.get(), kind: kind.as_str(), id };
        let (areas, territories, teams, roles, retailers, deleted_retailers): (i64, i64, i64, i64, i64, i64) =
            self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(PlaceReferences {
            areas: (kind == PlaceKind::Region).then_some(areas),
            territories: matches!(kind, PlaceKind::Region | PlaceKind::Area).then_some(territories),
            teams: (kind == PlaceKind::Area).then_some(teams),
            roles: (kind != PlaceKind::Territory).then_some(roles),
            retailers,
            deleted_retailers,
        })
    }

    async fn remove(&mut self, tenant: TenantId, kind: PlaceKind, id: i64) -> Result<(), StorageFailure> {
        let statement = RemovePlace { tenant: tenant.get(), kind: kind.as_str(), id };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }

    async fn add_alias(&mut self, alias: &NewPlaceAlias) -> Result<i64, StorageFailure> {
        self.insert_alias(alias).await
    }

    async fn remove_alias(
        &mut self,
        tenant: TenantId,
        id: i64,
    ) -> Result<Option<PlaceAlias>, StorageFailure> {
        self.delete_alias(tenant, id).await
    }
}

impl PgTx {
    async fn change_place(
        &mut self,
        tenant: TenantId,
        kind: PlaceKind,
        place: &Place,
        entry_kind: &'static str,
    ) -> Result<(), StorageFailure> {
        let statement = ChangePlace {
            tenant: tenant.get(),
            kind: kind.as_str(),
            id: place.id,
            parent: place.parent,
            name: place.name.as_ref().to_owned(),
            name_bn: place.name_bn.as_deref().map(str::to_owned),
            version: place.version,
            entry_kind,
            name_key: fold(&place.name),
            name_bn_key: place.name_bn.as_deref().map(fold),
        };
        let _: (i64,) = self.query(async |connection| statement.get_result(connection).await).await?;
        Ok(())
    }
}

view!(PgDatabase, PgTx as TerritoryTx { places: PlaceWriter });
