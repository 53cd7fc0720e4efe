use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{PoolRetailer, PoolRetailerReader, Retailer, RetailerUid, ServingRep};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

use super::queries::known_to_tenant;
use crate::PgDatabase;
use crate::shared::{inconsistent, statement};

statement! {
    /// Reads the members that only administrators see.
    Complete = "complete.sql" -> (
        BigInt, Timestamptz, Nullable<Timestamptz>, Nullable<BigInt>, Nullable<Text>, Nullable<Text>, Nullable<Timestamptz>
    ) {
        tenant: i64 as BigInt,
        retailers: Vec<i64> as Array<BigInt>,
    }
}

/// A retailer's id, creation and deletion times; and the id, username, name and assignment time of a sales rep.
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
    pub(super) fn of(tenant: TenantId, retailers: &[Retailer]) -> Self {
        Self { tenant: tenant.get(), retailers: retailers.iter().map(|retailer| retailer.id.get()).collect() }
    }
}

/// Completes retailers with the rows of [`Complete`].
pub(super) fn completed(
    retailers: Vec<Retailer>,
    rows: Vec<CompleteRow>,
) -> Result<Vec<PoolRetailer>, StorageFailure> {
    let mut by_id = HashMap::with_capacity(retailers.len());
    for (id, created_at, deleted_at, rep, username, name, assigned_at) in rows {
        let (_, _, sales_reps) = by_id.entry(id).or_insert((created_at, deleted_at, Vec::new()));
        if let (Some(rep), Some(username), Some(name), Some(assigned_at)) = (rep, username, name, assigned_at)
        {
            sales_reps.push(ServingRep { id: UserId::new(rep), username, name, assigned_at });
        }
    }
    let complete = |retailer: Retailer| {
        let missing = || inconsistent("retailers", "id", "a retailer that was read is missing");
        let (created_at, deleted_at, sales_reps) = by_id.remove(&retailer.id.get()).ok_or_else(missing)?;
        // The time of each assignment is part of its sales rep.
        let retailer = Retailer { assigned_at: None, ..retailer };
        Ok(PoolRetailer { retailer, created_at, deleted_at, sales_reps })
    };
    retailers.into_iter().map(complete).collect()
}

#[async_trait]
impl PoolRetailerReader for PgDatabase {
    async fn find(
        &self,
        tenant: TenantId,
        uid: &RetailerUid,
    ) -> Result<Option<PoolRetailer>, StorageFailure> {
        let mut rows = self.load(known_to_tenant(tenant, uid)).await?;
        if rows.is_empty()
            && let Some(uid) = self.stored_uid(tenant, uid).await?
        {
            rows = self.load(known_to_tenant(tenant, &uid)).await?;
        }
        let retailers = rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(self.complete(tenant, retailers).await?.pop())
    }

    async fn complete(
        &self,
        tenant: TenantId,
        retailers: Vec<Retailer>,
    ) -> Result<Vec<PoolRetailer>, StorageFailure> {
        if retailers.is_empty() {
            return Ok(Vec::new());
        }
        let statement = Complete::of(tenant, &retailers);
        completed(retailers, self.query(async |connection| statement.load(connection).await).await?)
    }
}
