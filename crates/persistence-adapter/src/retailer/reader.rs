use async_trait::async_trait;
use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use haat_domain::retailer::{
    Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerUid,
};
use haat_domain::shared::{Page, PageRequest, Scope, StorageFailure, TenantId, UserId};

use super::by_word::{ByWord, WordSearch};
use super::merged_page::MergedPage;
use super::queries::{
    SelectCount, SelectRetailers, all_of_rep, all_of_reps, count_of_rep, count_of_tenant, list_of_rep,
    list_of_tenant, one_of_rep, one_of_tenant,
};
use super::rows::RetailerRow;
use super::words::WordConditions;
use crate::PgDatabase;
use crate::shared::{CUSTOM_PLAN, Explain, Settings, statement, with_settings};

/// Plans for the given values and finds all matching retailers before it returns the first.
const WITHOUT_INDEX_SCANS: Settings = [
    "SET plan_cache_mode = force_custom_plan; SET enable_indexscan = off",
    "SET plan_cache_mode = force_generic_plan; SET enable_indexscan = on",
];

statement! {
    /// Counts the assignments of sales reps, up to a number.
    AssignedUpTo = "assigned_up_to.sql" -> BigInt {
        tenant: i64 as BigInt,
        reps: Vec<i64> as Array<BigInt>,
        most: i64 as BigInt,
    }
}

#[async_trait]
impl RetailerReader for PgDatabase {
    async fn list(
        &self,
        tenant: TenantId,
        scope: &Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure> {
        let rows = match scope.narrow_query(query) {
            Some(query) => self.rows(tenant, &query, page).await?,
            None => Vec::new(),
        };
        let rows = rows.into_iter().map(Retailer::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, query.sort.field)))
    }

    async fn count(
        &self,
        tenant: TenantId,
        scope: &Scope,
        filter: &RetailerFilter,
    ) -> Result<u64, StorageFailure> {
        let Some(filter) = scope.to_read(filter) else { return Ok(0) };
        let filter = &*filter;
        let words = &self.word_conditions(tenant, filter).await?;
        let count = match filter.rep {
            Some(_) if filter.leaves_no_served_retailer() => Ok(0),
            Some(rep) => self.count_rows(count_of_rep(tenant, rep, filter, words)).await,
            None => {
                let count = count_of_tenant(tenant, filter, words);
                self.query(async |connection| {
                    with_settings!(CUSTOM_PLAN, connection, count.get_result(connection))
                })
                .await
            }
        }?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn find(
        &self,
        tenant: TenantId,
        scope: &Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        let found = self.find_as_spelled(tenant, scope, uid).await?;
        if found.is_some() {
            return Ok(found);
        }
        match self.stored_uid(tenant, uid).await? {
            Some(uid) => self.find_as_spelled(tenant, scope, &uid).await,
            None => Ok(None),
        }
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

    async fn all_of_reps(
        &self,
        tenant: TenantId,
        reps: &[UserId],
        at_most: u32,
    ) -> Result<Option<Vec<(UserId, Retailer)>>, StorageFailure> {
        let statement = AssignedUpTo {
            tenant: tenant.get(),
            reps: reps.iter().copied().map(UserId::get).collect(),
            most: i64::from(at_most) + 1,
        };
        let assigned: i64 = self.query(async |connection| statement.get_result(connection).await).await?;
        if assigned > i64::from(at_most) {
            return Ok(None);
        }
        let statement = all_of_reps(tenant, reps);
        let rows: Vec<(i64, RetailerRow)> =
            self.query(async |connection| statement.load(connection).await).await?;
        let rows = rows.into_iter().map(|(rep, row)| Ok((UserId::new(rep), Retailer::try_from(row)?)));
        rows.collect::<Result<Vec<_>, _>>().map(Some)
    }
}

impl PgDatabase {
    /// Reads the rows of a page, one more than its limit.
    async fn rows(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        if let Some(page) = MergedPage::of(tenant, query, page) {
            return self.merged_page(page).await;
        }
        let words = &self.word_conditions(tenant, &query.filter).await?;
        match query.filter.rep {
            _ if words.never => Ok(Vec::new()),
            Some(_) if query.filter.leaves_no_served_retailer() => Ok(Vec::new()),
            Some(rep) => self.load(list_of_rep(tenant, rep, query, words, page)).await,
            None if query.filter == RetailerFilter::default() => {
                self.load(list_of_tenant(tenant, query, words, page)).await
            }
            None => self.search(tenant, query, words, page).await,
        }
    }

    async fn find_as_spelled(
        &self,
        tenant: TenantId,
        scope: &Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        let filter = RetailerFilter::default();
        let rows = match (scope, scope.narrow(&filter)) {
            (_, None) => Vec::new(),
            (Scope::Rep(rep), _) => self.load(one_of_rep(tenant, *rep, uid)).await?,
            (_, Some(filter)) => {
                self.load(one_of_tenant(tenant, &filter, &WordConditions::default(), uid)).await?
            }
        };
        // A uid is unique within its tenant.
        rows.into_iter().next().map(Retailer::try_from).transpose()
    }

    /// Explains the plan of [`RetailerReader::list`], for tests and for tuning a server.
    pub async fn explain_retailer_list(
        &self,
        tenant: TenantId,
        scope: &Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<String, StorageFailure> {
        let Some(query) = scope.narrow_query(query) else { return Ok(String::new()) };
        if let Some(page) = MergedPage::of(tenant, &query, page) {
            return self.explain_merged_page(page).await;
        }
        let words = &self.word_conditions(tenant, &query.filter).await?;
        match query.filter.rep {
            Some(rep) => self.explain(list_of_rep(tenant, rep, &query, words, page)).await,
            None => self.explain(list_of_tenant(tenant, &query, words, page)).await,
        }
    }

    /// Explains the plan of [`RetailerReader::find`].
    pub async fn explain_retailer_find(
        &self,
        tenant: TenantId,
        scope: &Scope,
        uid: &RetailerUid,
    ) -> Result<String, StorageFailure> {
        let filter = RetailerFilter::default();
        match (scope, scope.narrow(&filter)) {
            (_, None) => Ok(String::new()),
            (Scope::Rep(rep), _) => self.explain(one_of_rep(tenant, *rep, uid)).await,
            (_, Some(filter)) => {
                self.explain(one_of_tenant(tenant, &filter, &WordConditions::default(), uid)).await
            }
        }
    }

    /// Explains the plan of [`RetailerReader::all_of_rep`].
    pub async fn explain_retailers_of_rep(
        &self,
        tenant: TenantId,
        rep: UserId,
    ) -> Result<String, StorageFailure> {
        self.explain(all_of_rep(tenant, rep, 1_000)).await
    }

    pub(super) async fn explain(&self, query: impl SelectRetailers) -> Result<String, StorageFailure> {
        let query = Explain::new(query);
        let lines: Vec<String> = self.query(async |connection| query.load(connection).await).await?;
        Ok(lines.join("\n"))
    }

    /// Reads a page of the pool under a filter: by words where that is fast. Otherwise the matching retailers are few, and
    /// PostgreSQL finds all of them with the index on search keys and sorts them.
    async fn search(
        &self,
        tenant: TenantId,
        query: &RetailerQuery,
        words: &WordConditions,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        let Some(search) = WordSearch::of(query, words) else {
            return self.load_with_custom_plan(list_of_tenant(tenant, query, words, page)).await;
        };
        let in_area;
        let words = match self.list_by_word(tenant, query, page, &search).await? {
            ByWord::Page(rows) => return Ok(rows),
            ByWord::Sparse => words,
            ByWord::SparseInArea { word } => {
                in_area = words.found_by(word);
                &in_area
            }
        };
        let query = list_of_tenant(tenant, query, words, page);
        self.query(async |connection| with_settings!(WITHOUT_INDEX_SCANS, connection, query.load(connection)))
            .await
    }

    pub(super) async fn load(&self, query: impl SelectRetailers) -> Result<Vec<RetailerRow>, StorageFailure> {
        self.query(async |connection| query.load(connection).await).await
    }

    pub(super) async fn load_with_custom_plan(
        &self,
        query: impl SelectRetailers,
    ) -> Result<Vec<RetailerRow>, StorageFailure> {
        self.query(async |connection| with_settings!(CUSTOM_PLAN, connection, query.load(connection))).await
    }

    async fn count_rows(&self, query: impl SelectCount) -> Result<i64, StorageFailure> {
        self.query(async |connection| query.get_result(connection).await).await
    }
}
