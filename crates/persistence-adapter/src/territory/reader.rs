use std::sync::Arc;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::shared::{AreaId, DistributorId, RegionId, StorageFailure, TenantId, TerritoryId};
use haat_domain::territory::{Place, PlaceKind, SalesMap, SalesMapReader};

use crate::PgDatabase;
use crate::shared::{inconsistent, statement};

statement! {
    /// All places of a tenant and their other names: kind, id, name, name in Bangla, parent, version.
    SelectSalesMap = "sales_map.sql" -> (Text, BigInt, Text, Nullable<Text>, Nullable<BigInt>, Nullable<BigInt>) {
        tenant: i64 as BigInt,
    }
}

/// A row of it.
type Row = (String, i64, String, Option<String>, Option<i64>, Option<i64>);

#[async_trait]
impl SalesMapReader for PgDatabase {
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        let query = SelectSalesMap { tenant: tenant.get() };
        let rows: Vec<Row> = self.ask(async |connection| query.load(connection).await).await?;
        let mut map = SalesMap::default();
        let mut aliases = Vec::new();
        for (kind, id, name, name_bn, parent, version) in rows {
            let kind = PlaceKind::ALL.into_iter().find(|known| known.as_str() == kind);
            let kind = kind.ok_or_else(|| inconsistent("place_aliases", "kind", "not a kind of place"))?;
            let Some(version) = version else {
                aliases.push((kind, id, name));
                continue;
            };
            let name_bn = name_bn.map(Into::into);
            let place = Place { id, name: name.into(), name_bn, parent, version };
            match kind {
                PlaceKind::Region => map.regions.add(RegionId::new(id), place),
                PlaceKind::Area => map.areas.add(AreaId::new(id), place),
                PlaceKind::Territory => map.territories.add(TerritoryId::new(id), place),
                PlaceKind::Distributor => map.distributors.add(DistributorId::new(id), place),
            }
        }
        for (kind, id, alias) in aliases {
            match kind {
                PlaceKind::Region => map.regions.also_called(RegionId::new(id), alias),
                PlaceKind::Area => map.areas.also_called(AreaId::new(id), alias),
                PlaceKind::Territory => map.territories.also_called(TerritoryId::new(id), alias),
                PlaceKind::Distributor => map.distributors.also_called(DistributorId::new(id), alias),
            }
        }
        Ok(Arc::new(map))
    }

    async fn read_anew(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        self.read(tenant).await
    }
}
