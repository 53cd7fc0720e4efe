use std::hash::Hash;
use std::sync::Arc;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::shared::{AreaId, DistributorId, RegionId, StorageFailure, TenantId, TerritoryId};
use haat_domain::territory::{Places, SalesMap, SalesMapReader};

use crate::PgDatabase;
use crate::shared::{inconsistent, statement};

statement! {
    /// All places of a tenant: kind, id, name, and another name.
    SelectSalesMap = "sales_map.sql" -> (Text, BigInt, Nullable<Text>, Nullable<Text>) {
        tenant: i64 as BigInt,
    }
}

/// A row of it.
type Row = (String, i64, Option<String>, Option<String>);

#[async_trait]
impl SalesMapReader for PgDatabase {
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        let query = SelectSalesMap { tenant: tenant.get() };
        let rows: Vec<Row> = self.ask(async |connection| query.load(connection).await).await?;
        let mut map = SalesMap::default();
        for (kind, id, name, other) in rows {
            let (name, other) = (name.as_deref(), other.as_deref());
            match kind.as_str() {
                "region" => put(&mut map.regions, RegionId::new(id), name, other),
                "area" => put(&mut map.areas, AreaId::new(id), name, other),
                "territory" => put(&mut map.territories, TerritoryId::new(id), name, other),
                "distributor" => put(&mut map.distributors, DistributorId::new(id), name, other),
                _ => return Err(inconsistent("place_aliases", "kind", "not a kind of place")),
            }
        }
        Ok(Arc::new(map))
    }

    async fn read_anew(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        self.read(tenant).await
    }
}

fn put<Id: Copy + Eq + Hash>(places: &mut Places<Id>, id: Id, name: Option<&str>, other: Option<&str>) {
    if let Some(name) = name {
        places.add(id, name);
    }
    if let Some(other) = other {
        places.also_called(id, other);
    }
}
