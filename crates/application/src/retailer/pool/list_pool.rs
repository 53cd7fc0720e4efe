use std::sync::Arc;

use haat_domain::retailer::{PoolRetailer, PoolRetailerReader, RetailerReader};

use super::{PoolInput, PoolSource};
use crate::retailer::list_retailers::read_page;
use crate::retailer::{ListRetailersError, ListedRetailers};
use crate::shared::{Allowed, ReadPool};

/// Lists the retailers of the tenant, regardless of their assignments.
pub struct ListPool {
    source: PoolSource,
    retailers: Arc<dyn RetailerReader>,
    pool: Arc<dyn PoolRetailerReader>,
}

impl ListPool {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        source: PoolSource,
        retailers: Arc<dyn RetailerReader>,
        pool: Arc<dyn PoolRetailerReader>,
    ) -> Self {
        Self { source, retailers, pool }
    }

    /// Returns a page. An unknown sales rep has no retailers.
    ///
    /// # Errors
    /// [`ListRetailersError`].
    pub async fn execute(
        &self,
        allowed: &Allowed<ReadPool>,
        input: &PoolInput,
    ) -> Result<ListedRetailers<PoolRetailer>, ListRetailersError> {
        let tenant = allowed.tenant;
        let Some((scope, query)) = self.source.resolve(allowed, input).await? else {
            let (total, map) = (input.list.count.then_some(0), Arc::default());
            return Ok(ListedRetailers { rows: Vec::new(), next: None, total, map });
        };
        let maps = &*self.source.maps;
        let page = read_page(&*self.retailers, maps, (tenant, &scope), &query, &input.list).await?;
        let ListedRetailers { rows, next, total, map } = page;
        let rows = self.pool.complete(tenant, rows).await?;
        Ok(ListedRetailers { rows, next, total, map })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{MockUsernameReader, Username};
    use haat_domain::retailer::{MockPoolRetailerReader, MockRetailerReader, RetailerFilter, Service};
    use haat_domain::shared::{Page, Scope, UserId};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::retailer::ListRetailersInput;
    use crate::shared::UserSelector;
    use crate::testing::{actor, allowed, retailer, sales_map, sample_pool_retailer, scopes};

    fn list(retailers: MockRetailerReader) -> ListPool {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        let mut users = MockUsernameReader::new();
        users
            .expect_id_of()
            .withf(|tenant, _| *tenant == actor().tenant)
            .returning(|_, name| Ok((name.as_str() == "sr00009").then_some(UserId::new(9))));
        let mut pool = MockPoolRetailerReader::new();
        pool.expect_complete()
            .returning(|_, rows| Ok(rows.iter().map(|row| sample_pool_retailer(row.id.get())).collect()));
        let maps: Arc<dyn haat_domain::territory::SalesMapReader> = Arc::new(maps);
        let scopes = scopes(maps.clone());
        let source = PoolSource { maps, users: Arc::new(users), scopes };
        ListPool::new(source, Arc::new(retailers), Arc::new(pool))
    }

    fn reader(scope: Scope, filter: RetailerFilter) -> MockRetailerReader {
        let mut retailers = MockRetailerReader::new();
        retailers
            .expect_list()
            .withf(move |tenant, requested, query, _| {
                *tenant == actor().tenant && *requested == scope && query.filter == filter
            })
            .times(1)
            .returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
        retailers
    }

    fn of(name: &str) -> UserSelector {
        UserSelector::Username(Username::parse(name).unwrap())
    }

    #[tokio::test]
    async fn lists_the_pool_with_its_filters() {
        let filter =
            RetailerFilter { service: Some(Service::Unassigned), deleted: true, ..RetailerFilter::default() };
        let input = PoolInput { service: Some(Service::Unassigned), deleted: true, ..PoolInput::default() };
        let page = list(reader(Scope::All, filter)).execute(&allowed(), &input).await.unwrap();
        assert_eq!((page.rows, page.next, page.total), (vec![sample_pool_retailer(1)], None, None));
    }

    #[tokio::test]
    async fn selects_the_sales_rep_by_id_or_username_and_lists_nothing_for_an_unknown_one() {
        for rep in [UserSelector::Id(9), of("sr00009")] {
            // Numbered pages are rejected for the pool but available for one sales rep.
            let input = PoolInput {
                sales_rep: Some(rep),
                list: ListRetailersInput { skip: 20, ..ListRetailersInput::default() },
                ..PoolInput::default()
            };
            let filter = RetailerFilter { rep: Some(UserId::new(9)), ..RetailerFilter::default() };
            let reader = reader(Scope::All, filter);
            assert!(list(reader).execute(&allowed(), &input).await.is_ok());
        }
        let input = PoolInput {
            sales_rep: Some(of("unknown")),
            list: ListRetailersInput { count: true, ..ListRetailersInput::default() },
            ..PoolInput::default()
        };
        let page = list(MockRetailerReader::new()).execute(&allowed(), &input).await.unwrap();
        assert_eq!((page.rows, page.total), (vec![], Some(0)));
    }

    #[tokio::test]
    async fn rejects_numbered_pages_before_reading() {
        let numbered = ListRetailersInput { skip: 20, ..ListRetailersInput::default() };
        let paged = PoolInput { list: numbered, ..PoolInput::default() };
        let result = list(MockRetailerReader::new()).execute(&allowed(), &paged).await;
        assert_eq!(result, Err(ListRetailersError::NoNumberedPages));
    }
}
