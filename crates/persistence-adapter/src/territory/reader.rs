use std::sync::Arc;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::shared::{AreaId, DistributorId, RegionId, StorageFailure, TenantId, TerritoryId};
use haat_domain::territory::{NamedRef, Place, PlaceAlias, PlaceKind, SalesMap, SalesMapReader};

use super::aliases::aliased_kind;
use crate::PgDatabase;
use crate::shared::{inconsistent, statement};

statement! {
    /// Reads all places of a tenant and their aliases: kind, id, name, name in Bangla, parent, version.
    SelectSalesMap = "sales_map.sql" -> (Text, BigInt, Text, Nullable<Text>, Nullable<BigInt>, Nullable<BigInt>) {
        tenant: i64 as BigInt,
    }
}

/// A row of [`SelectSalesMap`].
type Row = (String, i64, String, Option<String>, Option<i64>, Option<i64>);

#[async_trait]
impl SalesMapReader for PgDatabase {
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        let query = SelectSalesMap { tenant: tenant.get() };
        let rows: Vec<Row> = self.query(async |connection| query.load(connection).await).await?;
        let mut map = SalesMap::default();
        let mut aliases = Vec::new();
        for (kind, id, name, name_bn, parent, version) in rows {
            let Some(version) = version else {
                aliases.push((aliased_kind(&kind)?, id, name, parent));
                continue;
            };
            let kind = PlaceKind::ALL.into_iter().find(|known| known.as_str() == kind);
            let kind = kind.ok_or_else(|| inconsistent("places", "kind", "not a kind of place"))?;
            let name_bn = name_bn.map(Into::into);
            let place = Place { id, name: name.into(), name_bn, parent, version };
            match kind {
                PlaceKind::Region => map.regions.add(RegionId::new(id), place),
                PlaceKind::Area => map.areas.add(AreaId::new(id), place),
                PlaceKind::Territory => map.territories.add(TerritoryId::new(id), place),
                PlaceKind::Distributor => map.distributors.add(DistributorId::new(id), place),
            }
        }
        for (kind, id, alias, place) in aliases {
            let place = place.and_then(|place| map.find(kind.get(), place)).map(|found| found.place);
            let place = place.ok_or_else(|| inconsistent("place_aliases", "kind", "refers to no place"))?;
            let place = NamedRef { id: place.id, name: place.name };
            map.add_alias(PlaceAlias { id, kind, place, alias: alias.into() });
        }
        Ok(Arc::new(map))
    }

    async fn read_uncached(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        self.read(tenant).await
    }
}
