use std::collections::HashMap;

use async_trait::async_trait;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{Retailer, RetailerExporter, RetailerFilter, RetailerUid};
use haat_domain::shared::{RetailerId, Scope, StorageFailure, TenantId};

use super::queries::{part_of_rep, part_of_tenant};
use crate::PgDatabase;
use crate::shared::{Explain, statement};

statement! {
    /// Lists the sales reps who serve retailers.
    ServingReps = "serving_reps.sql" -> (BigInt, Array<Text>) {
        tenant: i64 as BigInt,
        retailers: Vec<i64> as Array<BigInt>,
    }
}

#[async_trait]
impl RetailerExporter for PgDatabase {
    async fn part(
        &self,
        tenant: TenantId,
        scope: &Scope,
        filter: &RetailerFilter,
        after: Option<RetailerUid>,
        at_most: u16,
    ) -> Result<Vec<Retailer>, StorageFailure> {
        let (after, rows) = (after.as_ref(), i64::from(at_most));
        let Some(filter) = scope.to_read(filter) else { return Ok(Vec::new()) };
        let filter = &*filter;
        let words = &self.word_conditions(tenant, filter).await?;
        let rows = match filter.rep {
            Some(_) if filter.leaves_no_served_retailer() => Ok(Vec::new()),
            Some(rep) => self.load(part_of_rep(tenant, rep, filter, words, after, rows)).await,
            None => self.load_with_custom_plan(part_of_tenant(tenant, filter, words, after, rows)).await,
        }?;
        rows.into_iter().map(Retailer::try_from).collect()
    }

    async fn serving_reps(
        &self,
        tenant: TenantId,
        retailers: &[RetailerId],
    ) -> Result<HashMap<RetailerId, Vec<String>>, StorageFailure> {
        let retailers = retailers.iter().copied().map(RetailerId::get).collect();
        let statement = ServingReps { tenant: tenant.get(), retailers };
        let rows: Vec<(i64, Vec<String>)> =
            self.query(async |connection| statement.load(connection).await).await?;
        Ok(rows.into_iter().map(|(retailer, usernames)| (RetailerId::new(retailer), usernames)).collect())
    }
}

impl PgDatabase {
    /// Explains the plan of [`RetailerExporter::serving_reps`].
    pub async fn explain_serving_reps(
        &self,
        tenant: TenantId,
        retailers: Vec<i64>,
    ) -> Result<String, StorageFailure> {
        let statement = Explain::new(ServingReps { tenant: tenant.get(), retailers });
        let lines: Vec<String> = self.query(async |connection| statement.load(connection).await).await?;
        Ok(lines.join("\n"))
    }

    /// Explains the plan of [`RetailerExporter::part`] for the pool.
    pub async fn explain_retailer_part(
        &self,
        tenant: TenantId,
        filter: &RetailerFilter,
        after: Option<RetailerUid>,
        at_most: u16,
    ) -> Result<String, StorageFailure> {
        let words = self.word_conditions(tenant, filter).await?;
        self.explain(part_of_tenant(tenant, filter, &words, after.as_ref(), i64::from(at_most))).await
    }
}
