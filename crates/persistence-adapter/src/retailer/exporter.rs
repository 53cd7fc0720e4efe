use async_trait::async_trait;
use haat_domain::retailer::{Retailer, RetailerExporter, RetailerFilter, RetailerUid};
use haat_domain::shared::{Scope, StorageFailure, TenantId};

use super::queries::{part_of_rep, part_of_tenant};
use crate::PgDatabase;

#[async_trait]
impl RetailerExporter for PgDatabase {
    async fn part(
        &self,
        tenant: TenantId,
        scope: Scope,
        filter: &RetailerFilter,
        after: Option<RetailerUid>,
        at_most: u16,
    ) -> Result<Vec<Retailer>, StorageFailure> {
        let (after, rows) = (after.as_ref(), i64::from(at_most));
        let words = &self.word_conditions(tenant, filter).await?;
        let rows = match scope {
            Scope::Rep(_) if filter.leaves_no_served_retailer() => Ok(Vec::new()),
            Scope::Rep(rep) => self.load(part_of_rep(tenant, rep, filter, words, after, rows)).await,
            Scope::All => {
                self.load_with_custom_plan(part_of_tenant(tenant, filter, words, after, rows)).await
            }
        }?;
        rows.into_iter().map(Retailer::try_from).collect()
    }
}

impl PgDatabase {
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
