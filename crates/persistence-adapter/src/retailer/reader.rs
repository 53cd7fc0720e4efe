use async_trait::async_trait;
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{
    Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerUid,
};
use haat_domain::shared::{Page, PageRequest, Scope, StorageFailure, TenantId, UserId};

use super::by_word::text_in_names;
use super::queries::{
    SelectCount, SelectRetailers, all_of_rep, count_of_rep, count_of_tenant, list_of_rep, list_of_tenant,
    one_of_rep, one_of_tenant,
};
use super::rows::RetailerRow;
use crate::PgDatabase;
use crate::shared::{Explain, PLANNED_ANEW, Settings, under};

/// A plan made for these very values, finding all shops before the first is shown.
const ALL_FOUND_FIRST: Settings = [
    "SET plan_cache_mode = force_custom_plan; SET enable_indexscan = off",
    "SET plan_cache_mode = force_generic_plan; SET enable_indexscan = on",
];

#[async_trait]
impl RetailerReader for PgDatabase {
    async fn list(
        &self,
        tenant: TenantId,
        scope: Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure> {
        let rows = match scope {
            Scope::Rep(_) if query.filter.leaves_no_served_shop() => Ok(Vec::new()),
            Scope::Rep(rep) => self.load(list_of_rep(tenant, rep, query, page)).await,
            Scope::All if query.filter == RetailerFilter::default() => {
                self.load(list_of_tenant(tenant, query, page)).await
            }
            Scope::All => self.search(tenant, query, page).await,
        }?;
        let rows = rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, query.sort.field)))
    }

    async fn count(
        &self,
        tenant: TenantId,
        scope: Scope,
        filter: &RetailerFilter,
    ) -> Result<u64, StorageFailure> {
        let count = match scope {
            Scope::Rep(_) if filter.leaves_no_served_shop() => Ok(0),
            Scope::Rep(rep) => self.count_rows(count_of_rep(tenant, rep, filter)).await,
            Scope::All => {
                let count = count_of_tenant(tenant, filter);
                self.ask(async |connection| under!(PLANNED_ANEW, connection, count.get_result(connection)))
                    .await
            }
        }?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn find(
        &self,
        tenant: TenantId,
        scope: Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        let rows = match scope {
            Scope::Rep(rep) => self.load(one_of_rep(tenant, rep, uid)).await,
            Scope::All => self.load(one_of_tenant(tenant, uid)).await,
        }?;
        // A uid is unique within its tenant.
        rows.into_iter().next().map(Retailer::try_from).transpose()
    }

    async fn all_of_rep(
        &self,
        tenant: TenantId,
        rep: UserId,
        at_most: u16,
    ) -> Result<Option<Vec<Retailer>>, StorageFailure> {
        let rows = self.load(all_of_rep(tenant, rep, i64::from(at_most) + 1)).await?;
        if rows.len() > usize::from(at_most) {
            return Ok(None);
        }
        rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>().map(Some)
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
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<String, StorageFailure> {
        match scope {
            Scope::Rep(rep) => self.explain(list_of_rep(tenant, rep, query, page)).await,
            Scope::All => self.explain(list_of_tenant(tenant, query, page)).await,
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

    /// How Postgres would run [`RetailerReader::all_of_rep`].
    ///
    /// # Errors
    /// [`StorageFailure`] when Postgres could not say.
    pub async fn explain_retailers_of_rep(
        &self,
        tenant: TenantId,
        rep: UserId,
    ) -> Result<String, StorageFailure> {
        self.explain(all_of_rep(tenant, rep, 1_000)).await
    }

    pub(super) async fn explain(&self, query: impl SelectRetailers) -> Result<String, StorageFailure> {
        let query = Explain::new(query);
        let lines: Vec<String> = self.ask(async |connection| query.load(connection).await).await?;
        Ok(lines.join("\n"))
    }

    /// A page of the pool under a filter. By words where that is fast; where it is not, the shops are few, and Postgres
    /// finds them all by the index of search keys and sorts them.
    async fn search(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        let Some(text) = text_in_names(query) else {
            return self.load_planned_anew(list_of_tenant(tenant, query, page)).await;
        };
        if let Some(rows) = self.list_by_word(tenant, query, page, text).await? {
            return Ok(rows);
        }
        let query = list_of_tenant(tenant, query, page);
        self.ask(async |connection| under!(ALL_FOUND_FIRST, connection, query.load(connection))).await
    }

    pub(super) async fn load(&self, query: impl SelectRetailers) -> Result<Vec<RetailerRow>, StorageFailure> {
        self.ask(async |connection| query.load(connection).await).await
    }

    pub(super) async fn load_planned_anew(
        &self,
        query: impl SelectRetailers,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        self.ask(async |connection| under!(PLANNED_ANEW, connection, query.load(connection))).await
    }

    async fn count_rows(&self, query: impl SelectCount) -> Result<i64, StorageFailure> {
        self.ask(async |connection| query.get_result(connection).await).await
    }
}
