use std::sync::Arc;

use haat_domain::retailer::{
    Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerSort, RetailerSortField,
    SearchText,
};
use haat_domain::shared::{
    AreaId, DistributorId, PageRequest, RegionId, Scope, StorageFailure, TenantId, TerritoryId,
};
use haat_domain::territory::{Places, SalesMap, SalesMapReader};

use super::map_for;
use crate::shared::{Actor, Permission};

/// A place in a filter, as people give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceRef {
    /// By its id.
    Id(i64),
    /// By exactly its name, in English or Bangla, or by an older spelling.
    Name(String),
}

impl PlaceRef {
    /// The ids of the places that may be meant: none where nothing is called so.
    pub(crate) fn ids<Id: Copy + Eq + std::hash::Hash>(
        &self,
        of: impl Fn(i64) -> Id,
        places: &Places<Id>,
    ) -> Vec<Id> {
        match self {
            Self::Id(id) => vec![of(*id)],
            Self::Name(name) => places.called(name).to_vec(),
        }
    }
}

/// Which part of the caller's shops is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRetailersInput {
    /// A part of name, uid or phone.
    pub search: Option<SearchText>,
    /// In this region.
    pub region: Option<PlaceRef>,
    /// In this area.
    pub area: Option<PlaceRef>,
    /// In this territory.
    pub territory: Option<PlaceRef>,
    /// Delivered to by this distributor.
    pub distributor: Option<PlaceRef>,
    /// The order.
    pub sort: RetailerSort,
    /// The page.
    pub page: PageRequest<RetailerKey>,
    /// Whether to count the whole list too.
    pub count: bool,
}

/// A page of shops, and the map on which all their places are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRetailers {
    /// The shops, in order.
    pub rows: Vec<Retailer>,
    /// Where the next page starts; none on the last.
    pub next: Option<RetailerKey>,
    /// How many there are on all pages, if asked for.
    pub total: Option<u64>,
    /// Their places.
    pub map: Arc<SalesMap>,
}

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListRetailersError {
    /// The page starts after a key of a list in another order.
    #[error("the page belongs to a list in another order")]
    OtherOrder,
    /// Fewer characters than the index of a whole pool is of use for.
    #[error("a search of all shops needs at least {} characters, or a territory", SearchText::MIN_IN_POOL)]
    SearchTooShort,
    /// Sorting the pool by a column that no index holds.
    #[error("all shops can be sorted by points or updatedAt within one territory only")]
    SortNeedsTerritory,
    /// Numbered pages of a list of any length.
    #[error("numbered pages are for a representative's own shops; walk this list by cursor")]
    NoNumberedPages,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// The caller's shops: a representative's own, an administrator's whole pool.
pub struct ListRetailers {
    retailers: Arc<dyn RetailerReader>,
    maps: Arc<dyn SalesMapReader>,
}

impl ListRetailers {
    /// Builds the use case.
    #[must_use]
    pub fn new(retailers: Arc<dyn RetailerReader>, maps: Arc<dyn SalesMapReader>) -> Self {
        Self { retailers, maps }
    }

    /// One page of the shops that the caller may see.
    ///
    /// # Errors
    /// [`ListRetailersError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &ListRetailersInput,
    ) -> Result<ListedRetailers, ListRetailersError> {
        self.within(actor, actor.scope(Permission::ReadRetailers), input).await
    }

    /// One page of the shops in `scope`, which whoever asks has checked.
    pub(super) async fn within(
        &self,
        actor: &Actor,
        scope: Scope,
        input: &ListRetailersInput,
    ) -> Result<ListedRetailers, ListRetailersError> {
        if input.page.after.as_ref().is_some_and(|key| key.field() != input.sort.field) {
            return Err(ListRetailersError::OtherOrder);
        }
        let filter = filter_of(&*self.maps, actor.tenant, input).await?;
        let query = RetailerQuery { filter, sort: input.sort };
        if scope == Scope::All {
            check_pool(&query, &input.page)?;
        }
        let page = self.retailers.list(actor.tenant, scope, &query, &input.page).await?;
        let total = if input.count {
            Some(self.retailers.count(actor.tenant, scope, &query.filter).await?)
        } else {
            None
        };
        let map = map_for(&*self.maps, actor.tenant, &page.rows).await?;
        Ok(ListedRetailers { rows: page.rows, next: page.next, total, map })
    }
}

/// The filter in ids. A name that nothing is called leaves no shop, as an unknown id does.
pub(super) async fn filter_of(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    input: &ListRetailersInput,
) -> Result<RetailerFilter, StorageFailure> {
    let places = [&input.region, &input.area, &input.territory, &input.distributor];
    let by_name = places.iter().any(|place| matches!(place, Some(PlaceRef::Name(_))));
    let map = if by_name { maps.read(tenant).await? } else { Arc::default() };
    Ok(RetailerFilter {
        search: input.search.clone(),
        regions: input.region.as_ref().map(|place| place.ids(RegionId::new, &map.regions)),
        areas: input.area.as_ref().map(|place| place.ids(AreaId::new, &map.areas)),
        territories: input.territory.as_ref().map(|place| place.ids(TerritoryId::new, &map.territories)),
        distributors: input
            .distributor
            .as_ref()
            .map(|place| place.ids(DistributorId::new, &map.distributors)),
        ..RetailerFilter::default()
    })
}

/// What costs nothing in a representative's list and too much in one of a million shops.
pub(super) fn check_pool(
    query: &RetailerQuery,
    page: &PageRequest<RetailerKey>,
) -> Result<(), ListRetailersError> {
    // Several territories of one name are still few shops, but which one was meant is not said.
    let one_territory = query.filter.territories.as_ref().is_some_and(|ids| ids.len() <= 1);
    let short = |search: &SearchText| !search.is_long_enough_for_pool();
    if query.filter.search.as_ref().is_some_and(short) && !one_territory {
        return Err(ListRetailersError::SearchTooShort);
    }
    if matches!(query.sort.field, RetailerSortField::Points | RetailerSortField::UpdatedAt) && !one_territory
    {
        return Err(ListRetailersError::SortNeedsTerritory);
    }
    if page.skip > 0 {
        return Err(ListRetailersError::NoNumberedPages);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Role;
    use haat_domain::retailer::{MockRetailerReader, RetailerUid};
    use haat_domain::shared::Page;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, sales_map, shop};

    fn maps() -> Arc<MockSalesMapReader> {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        Arc::new(maps)
    }

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    #[tokio::test]
    async fn a_representative_is_shown_their_own_and_an_admin_the_pool() {
        for (role, scope) in [(Role::SalesRep, Scope::Rep(actor().user)), (Role::Admin, Scope::All)] {
            let mut retailers = MockRetailerReader::new();
            retailers
                .expect_list()
                .withf(move |tenant, asked, query, _| {
                    *tenant == actor().tenant && *asked == scope && *query == RetailerQuery::default()
                })
                .times(1)
                .returning(|_, _, _, _| Ok(Page { rows: vec![shop(1)], next: None }));
            let actor = Actor { role, ..actor() };
            let list = ListRetailers::new(Arc::new(retailers), maps());
            let page = list.execute(&actor, &ListRetailersInput::default()).await.unwrap();
            assert_eq!((page.rows, page.next, page.total), (vec![shop(1)], None, None));
            assert_eq!(*page.map, sales_map());
        }
    }

    #[tokio::test]
    async fn names_become_ids_and_an_unknown_one_leaves_nothing() {
        let mut retailers = MockRetailerReader::new();
        let expected = RetailerFilter {
            regions: Some(vec![RegionId::new(1)]),
            areas: Some(vec![AreaId::new(77)]),
            territories: Some(vec![]),
            ..RetailerFilter::default()
        };
        let counted = expected.clone();
        retailers
            .expect_list()
            .withf(move |_, _, query, _| query.filter == expected)
            .times(1)
            .returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
        retailers
            .expect_count()
            .withf(move |_, _, filter| *filter == counted)
            .times(1)
            .returning(|_, _, _| Ok(0));
        let input = ListRetailersInput {
            region: Some(PlaceRef::Name("Dhaka".into())),
            area: Some(PlaceRef::Id(77)),
            territory: Some(PlaceRef::Name("Atlantis".into())),
            count: true,
            ..ListRetailersInput::default()
        };
        let page = ListRetailers::new(Arc::new(retailers), maps()).execute(&actor(), &input).await.unwrap();
        assert_eq!(page.total, Some(0));
    }

    #[tokio::test]
    async fn a_place_that_is_new_to_the_map_is_looked_up_anew() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_list().returning(|_, _, _, _| Ok(Page { rows: vec![shop(1)], next: None }));
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::default()));
        maps.expect_read_anew().times(1).returning(|_| Ok(Arc::new(sales_map())));
        let list = ListRetailers::new(Arc::new(retailers), Arc::new(maps));
        let page = list.execute(&actor(), &ListRetailersInput::default()).await.unwrap();
        assert_eq!(*page.map, sales_map());
    }

    #[tokio::test]
    async fn what_the_pool_cannot_do_fast_never_reaches_the_storage() {
        let list = ListRetailers::new(Arc::new(MockRetailerReader::new()), maps());
        let default = ListRetailersInput::default;
        let short = ListRetailersInput { search: SearchText::parse("মা").ok(), ..default() };
        let points = RetailerSort { field: RetailerSortField::Points, descending: true };
        let sorted = ListRetailersInput { sort: points, ..default() };
        let paged =
            ListRetailersInput { page: PageRequest { skip: 20, ..PageRequest::default() }, ..default() };
        for (input, error) in [
            (short, ListRetailersError::SearchTooShort),
            (sorted, ListRetailersError::SortNeedsTerritory),
            (paged, ListRetailersError::NoNumberedPages),
        ] {
            assert_eq!(list.execute(&admin(), &input).await, Err(error));
        }
    }

    #[tokio::test]
    async fn within_one_territory_or_among_ones_own_it_can() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_list().times(2).returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
        let list = ListRetailers::new(Arc::new(retailers), maps());
        let input = ListRetailersInput {
            search: SearchText::parse("m").ok(),
            territory: Some(PlaceRef::Id(1)),
            sort: RetailerSort { field: RetailerSortField::UpdatedAt, descending: true },
            ..ListRetailersInput::default()
        };
        assert!(list.execute(&admin(), &input).await.is_ok());
        let own = ListRetailersInput {
            territory: None,
            page: PageRequest { skip: 20, ..PageRequest::default() },
            ..input
        };
        assert!(list.execute(&actor(), &own).await.is_ok());
    }

    #[tokio::test]
    async fn a_key_of_another_order_never_reaches_the_storage() {
        let key = RetailerKey::Uid(RetailerUid::parse("RTL-1").unwrap());
        let list = ListRetailers::new(Arc::new(MockRetailerReader::new()), maps());
        let page = PageRequest { after: Some(key), ..PageRequest::default() };
        let input = ListRetailersInput { page, ..ListRetailersInput::default() };
        assert_eq!(list.execute(&actor(), &input).await, Err(ListRetailersError::OtherOrder));
    }
}
