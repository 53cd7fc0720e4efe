use std::sync::Arc;

use haat_domain::retailer::{PoolRetailer, PoolRetailerReader, RetailerKey, RetailerReader};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::SalesMap;

use super::{PoolError, PoolInput, PoolSource};
use crate::retailer::{ListRetailersError, map_for};
use crate::shared::Actor;

/// A page of the pool, and a map with all places of its retailers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedPool {
    /// The retailers, in order.
    pub rows: Vec<PoolRetailer>,
    /// The key after which the next page starts; `None` on the last page.
    pub next: Option<RetailerKey>,
    /// The number of retailers on all pages, if requested.
    pub total: Option<u64>,
    /// The map with their places.
    pub map: Arc<SalesMap>,
}

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

    /// Returns a page.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn execute(&self, actor: &Actor, input: &PoolInput) -> Result<ListedPool, PoolError> {
        let Some((scope, query)) = self.source.resolve(actor, input).await? else {
            let total = input.list.count.then_some(0);
            return Ok(ListedPool { total, ..ListedPool::default() });
        };
        let read = async || -> Result<ListedPool, StorageFailure> {
            let page = self.retailers.list(actor.tenant, scope, &query, &input.list.page).await?;
            let total = if input.list.count {
                Some(self.retailers.count(actor.tenant, scope, &query.filter).await?)
            } else {
                None
            };
            let map = map_for(&*self.source.maps, actor.tenant, &page.rows).await?;
            let rows = self.pool.complete(actor.tenant, page.rows).await?;
            Ok(ListedPool { rows, next: page.next, total, map })
        };
        Ok(read().await.map_err(ListRetailersError::from)?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{MockUsernameReader, Username};
    use haat_domain::retailer::{MockPoolRetailerReader, MockRetailerReader, RetailerFilter, Service};
    use haat_domain::shared::{Page, PageRequest, Role, Scope, UserId};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::retailer::ListRetailersInput;
    use crate::shared::UserSelector;
    use crate::testing::{actor, retailer, sales_map, sample_pool_retailer};

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

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
        let source = PoolSource { maps: Arc::new(maps), users: Arc::new(users) };
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
        let page = list(reader(Scope::All, filter)).execute(&admin(), &input).await.unwrap();
        assert_eq!((page.rows, page.next, page.total), (vec![sample_pool_retailer(1)], None, None));
    }

    #[tokio::test]
    async fn selects_the_sales_rep_by_id_or_username_and_lists_nothing_for_an_unknown_one() {
        for rep in [UserSelector::Id(9), of("sr00009")] {
            // Numbered pages are rejected for the pool but available for one sales rep.
            let page = PageRequest { skip: 20, ..PageRequest::default() };
            let input = PoolInput {
                sales_rep: Some(rep),
                list: ListRetailersInput { page, ..ListRetailersInput::default() },
                ..PoolInput::default()
            };
            let reader = reader(Scope::Rep(UserId::new(9)), RetailerFilter::default());
            assert!(list(reader).execute(&admin(), &input).await.is_ok());
        }
        let input = PoolInput {
            sales_rep: Some(of("unknown")),
            list: ListRetailersInput { count: true, ..ListRetailersInput::default() },
            ..PoolInput::default()
        };
        let page = list(MockRetailerReader::new()).execute(&admin(), &input).await.unwrap();
        assert_eq!((page.rows, page.total), (vec![], Some(0)));
    }

    #[tokio::test]
    async fn rejects_numbered_pages_and_sales_reps_before_reading() {
        let page = PageRequest { skip: 20, ..PageRequest::default() };
        let paged = PoolInput {
            list: ListRetailersInput { page, ..ListRetailersInput::default() },
            ..PoolInput::default()
        };
        let result = list(MockRetailerReader::new()).execute(&admin(), &paged).await;
        assert_eq!(result, Err(ListRetailersError::NoNumberedPages.into()));
        let result = list(MockRetailerReader::new()).execute(&actor(), &PoolInput::default()).await;
        assert_eq!(result, Err(PoolError::Forbidden));
    }
}
