use async_trait::async_trait;
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{RetailerKey, RetailerReader, RetailerSort, RetailerUid, RetailerView};
use haat_domain::shared::{Page, PageRequest, Scope, StorageFailure, TenantId};

use super::queries::{RetailerQuery, list_of_rep, list_of_tenant, one_of_rep, one_of_tenant};
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::Explain;

#[async_trait]
impl RetailerReader for PgDatabase {
    async fn list(
        &self,
        tenant: TenantId,
        scope: Scope,
        sort: RetailerSort,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<RetailerView, RetailerKey>, StorageFailure> {
        let (after, rows) = (page.after.as_ref(), surplus(page));
        let rows: Vec<RetailerRow> = match scope {
            Scope::Rep(rep) => self.load(list_of_rep(tenant, rep, sort, after, rows)).await,
            Scope::All => self.load(list_of_tenant(tenant, sort, after, rows)).await,
        }?;
        let rows = rows.into_iter().map(RetailerView::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, sort.field)))
    }

    async fn find(
        &self,
        tenant: TenantId,
        scope: Scope,
        uid: &RetailerUid,
    ) -> Result<Option<RetailerView>, StorageFailure> {
        let rows: Vec<RetailerRow> = match scope {
            Scope::Rep(rep) => self.load(one_of_rep(tenant, rep, uid)).await,
            Scope::All => self.load(one_of_tenant(tenant, uid)).await,
        }?;
        // A uid is unique within its tenant.
        rows.into_iter().next().map(RetailerView::try_from).transpose()
    }
}

impl PgDatabase {
    /// How Postgres would run [`RetailerReader::list`], for tests of plans and for whoever tunes a server.
    ///
    /// # Errors
    /// [`StorageFailure`] when Postgres could not say.
    pub async fn explain_retailer_list(
        &self,
        tenant: TenantId,
        scope: Scope,
        sort: RetailerSort,
        page: &PageRequest<RetailerKey>,
    ) -> Result<String, StorageFailure> {
        let (after, rows) = (page.after.as_ref(), surplus(page));
        match scope {
            Scope::Rep(rep) => self.explain(list_of_rep(tenant, rep, sort, after, rows)).await,
            Scope::All => self.explain(list_of_tenant(tenant, sort, after, rows)).await,
        }
    }

    /// How Postgres would run [`RetailerReader::find`].
    ///
    /// # Errors
    /// [`StorageFailure`] when Postgres could not say.
    pub async fn explain_retailer_find(
        &self,
        tenant: TenantId,
        scope: Scope,
        uid: &RetailerUid,
    ) -> Result<String, StorageFailure> {
        match scope {
            Scope::Rep(rep) => self.explain(one_of_rep(tenant, rep, uid)).await,
            Scope::All => self.explain(one_of_tenant(tenant, uid)).await,
        }
    }

    async fn explain(&self, query: impl RetailerQuery) -> Result<String, StorageFailure> {
        let query = Explain::new(query);
        let lines: Vec<String> = self.ask(async |connection| query.load(connection).await).await?;
        Ok(lines.join("\n"))
    }

    async fn load(&self, query: impl RetailerQuery) -> Result<Vec<RetailerRow>, StorageFailure> {
        self.ask(async |connection| query.load(connection).await).await
    }
}

/// One row more than asked for tells whether there is a next page.
fn surplus(page: &PageRequest<RetailerKey>) -> i64 {
    i64::from(page.limit.get()) + 1
}
