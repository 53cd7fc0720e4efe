use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{OfficeRetailer, OfficeRetailerReader, Retailer, RetailerUid, ServingRep};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use super::queries::known_to_tenant;
use crate::PgDatabase;
use crate::shared::{inconsistent, statement};

statement! {
    /// What the office sees of shops beside what everybody does.
    Complete = "complete.sql" -> (
        BigInt, Timestamptz, Nullable<Timestamptz>, Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<Timestamptz>
    ) {
        tenant: i64 as BigInt,
        shops: Vec<i64> as Array<BigInt>,
    }
}

/// A shop's id, creation and deletion; and of one who serves it id, username, name and since when.
pub(super) type CompleteRow = (
    i64,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<DateTime<Utc>>,
);

impl Complete {
    pub(super) fn of(tenant: TenantId, shops: &[Retailer]) -> Self {
        Self { tenant: tenant.get(), shops: shops.iter().map(|shop| shop.id.get()).collect() }
    }
}

/// The shops, completed by the rows of [`Complete`].
pub(super) fn completed(
    shops: Vec<Retailer>,
    rows: Vec<CompleteRow>,
) -> Result<Vec<OfficeRetailer>, StorageFailure> {
    let mut found = HashMap::with_capacity(shops.len());
    for (shop, created_at, deleted_at, rep, username, name, assigned_at) in rows {
        let (_, _, sales_reps) = found.entry(shop).or_insert((created_at, deleted_at, Vec::new()));
        if let (Some(id), Some(username), Some(name), Some(assigned_at)) = (rep, username, name, assigned_at)
        {
            sales_reps.push(ServingRep { id: UserId::new(id), username, name, assigned_at });
        }
    }
    let complete = |retailer: Retailer| {
        let missing = || inconsistent("retailers", "id", "a shop that was read is not there");
        let (created_at, deleted_at, sales_reps) = found.remove(&retailer.id.get()).ok_or_else(missing)?;
        // Since when one representative serves it stands beside their name.
        let retailer = Retailer { assigned_at: None, ..retailer };
        Ok(OfficeRetailer { retailer, created_at, deleted_at, sales_reps })
    };
    shops.into_iter().map(complete).collect()
}

#[async_trait]
impl OfficeRetailerReader for PgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<OfficeRetailer>, StorageFailure> {
        let rows = self.load(known_to_tenant(tenant, uid)).await?;
        let shops = rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(self.complete(tenant, shops).await?.pop())
    }

    async fn complete(
        &self,
        tenant: TenantId,
        shops: Vec<Retailer>,
    ) -> Result<Vec<OfficeRetailer>, StorageFailure> {
        if shops.is_empty() {
            return Ok(Vec::new());
        }
        let statement = Complete::of(tenant, &shops);
        completed(shops, self.ask(async |connection| statement.load(connection).await).await?)
    }
}
