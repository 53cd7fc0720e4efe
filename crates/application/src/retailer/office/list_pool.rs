use std::sync::Arc;

use haat_domain::retailer::{OfficeRetailer, OfficeRetailerReader, RetailerKey, RetailerReader};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::SalesMap;

use super::{PoolError, PoolInput, PoolSource};
use crate::retailer::{ListRetailersError, map_for};
use crate::shared::Actor;

/// A page of the pool, and the map on which all its places are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedPool {
    /// The shops, in order.
    pub rows: Vec<OfficeRetailer>,
    /// Where the next page starts; none on the last.
    pub next: Option<RetailerKey>,
    /// How many there are on all pages, if asked for.
    pub total: Option<u64>,
    /// Their places.
    pub map: Arc<SalesMap>,
}

/// The shops of the company, whoever serves them.
pub struct ListPool {
    source: PoolSource,
    retailers: Arc<dyn RetailerReader>,
    office: Arc<dyn OfficeRetailerReader>,
}

impl ListPool {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        source: PoolSource,
        retailers: Arc<dyn RetailerReader>,
        office: Arc<dyn OfficeRetailerReader>,
    ) -> Self {
        Self { source, retailers, office }
    }

    /// One page.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn execute(&self, actor: &Actor, input: &PoolInput) -> Result<ListedPool, PoolError> {
        let Some((scope, query)) = self.source.question(actor, input).await? else {
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
            let rows = self.office.complete(actor.tenant, page.rows).await?;
            Ok(ListedPool { rows, next: page.next, total, map })
        };
        Ok(read().await.map_err(ListRetailersError::from)?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{MockUsernameReader, Role, Username};
    use haat_domain::retailer::{MockOfficeRetailerReader, MockRetailerReader, RetailerFilter, Service};
    use haat_domain::shared::{Page, PageRequest, Scope, UserId};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::retailer::ListRetailersInput;
    use crate::shared::UserRef;
    use crate::testing::{actor, office_shop, sales_map, shop};

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
        let mut office = MockOfficeRetailerReader::new();
        office
            .expect_complete()
            .returning(|_, rows| Ok(rows.iter().map(|row| office_shop(row.id.get())).collect()));
        let source = PoolSource { maps: Arc::new(maps), users: Arc::new(users) };
        ListPool::new(source, Arc::new(retailers), Arc::new(office))
    }

    fn asked(scope: Scope, filter: RetailerFilter) -> MockRetailerReader {
        let mut retailers = MockRetailerReader::new();
        retailers
            .expect_list()
            .withf(move |tenant, asked, query, _| {
                *tenant == actor().tenant && *asked == scope && query.filter == filter
            })
            .times(1)
            .returning(|_, _, _, _| Ok(Page { rows: vec![shop(1)], next: None }));
        retailers
    }

    fn of(name: &str) -> UserRef {
        UserRef::Username(Username::parse(name).unwrap())
    }

    #[tokio::test]
    async fn the_pool_is_shown_with_what_the_office_knows() {
        let filter =
            RetailerFilter { service: Some(Service::Unassigned), deleted: true, ..RetailerFilter::default() };
        let input = PoolInput { service: Some(Service::Unassigned), deleted: true, ..PoolInput::default() };
        let page = list(asked(Scope::All, filter)).execute(&admin(), &input).await.unwrap();
        assert_eq!((page.rows, page.next, page.total), (vec![office_shop(1)], None, None));
    }

    #[tokio::test]
    async fn a_representative_is_named_by_id_or_username_and_may_be_nobody() {
        for rep in [UserRef::Id(9), of("sr00009")] {
            // What the pool cannot do is possible among the shops of one.
            let page = PageRequest { skip: 20, ..PageRequest::default() };
            let input = PoolInput {
                sales_rep: Some(rep),
                list: ListRetailersInput { page, ..ListRetailersInput::default() },
                ..PoolInput::default()
            };
            let asked = asked(Scope::Rep(UserId::new(9)), RetailerFilter::default());
            assert!(list(asked).execute(&admin(), &input).await.is_ok());
        }
        let input = PoolInput {
            sales_rep: Some(of("nobody")),
            list: ListRetailersInput { count: true, ..ListRetailersInput::default() },
            ..PoolInput::default()
        };
        let page = list(MockRetailerReader::new()).execute(&admin(), &input).await.unwrap();
        assert_eq!((page.rows, page.total), (vec![], Some(0)));
    }

    #[tokio::test]
    async fn what_the_pool_cannot_do_and_who_may_not_see_it_never_reach_the_storage() {
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
