use std::sync::Arc;

use haat_domain::retailer::{
    Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerSort, RetailerSortField,
};
use haat_domain::shared::{
    AreaId, DistributorId, PageRequest, RegionId, Scope, SearchText, StorageFailure, TenantId, TerritoryId,
};
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::map_for;
use crate::shared::{Actor, Permission, PlaceSelector, Refusal, Refused, Text, codes};

/// A query for the caller's retailers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListRetailersInput {
    /// A part of the name, uid or phone.
    pub search: Option<SearchText>,
    /// The region.
    pub region: Option<PlaceSelector>,
    /// The area.
    pub area: Option<PlaceSelector>,
    /// The territory.
    pub territory: Option<PlaceSelector>,
    /// The distributor that delivers.
    pub distributor: Option<PlaceSelector>,
    /// The sort order.
    pub sort: RetailerSort,
    /// The page.
    pub page: PageRequest<RetailerKey>,
    /// Requests the total count.
    pub count: bool,
}

/// A page of retailers, and a map with all their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRetailers {
    /// The retailers, in order.
    pub rows: Vec<Retailer>,
    /// The key after which the next page starts; `None` on the last page.
    pub next: Option<RetailerKey>,
    /// The number of retailers on all pages, if requested.
    pub total: Option<u64>,
    /// The map with their places.
    pub map: Arc<SalesMap>,
}

/// Reasons why retailers cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListRetailersError {
    /// The key of the page belongs to a list in another order.
    #[error("the page key belongs to a list in another order")]
    OtherOrder,
    /// The search text is too short for the index of the whole pool.
    #[error("a search of the pool requires at least {} characters or a territory", SearchText::MIN_IN_POOL)]
    SearchTooShort,
    /// No index of the pool supports the sort column.
    #[error("sorting the pool by points or updatedAt requires a territory")]
    SortNeedsTerritory,
    /// Numbered pages are not available for a list of unlimited length.
    #[error("numbered pages are available for one sales rep's retailers only; use a cursor")]
    NoNumberedPages,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ListRetailersError {
    fn refuse(&self) -> Refused {
        match self {
            Self::OtherOrder => Refused::new(&codes::INVALID_CURSOR),
            Self::SearchTooShort => Refused::invalid_field(
                "q",
                "too-short",
                Text::new(self.to_string(), "সব দোকানের মধ্যে খুঁজতে অন্তত ৩টি অক্ষর, অথবা একটি টেরিটরি লাগবে"),
            ),
            Self::SortNeedsTerritory => Refused::invalid_field(
                "sort",
                "requires-territory",
                Text::new(self.to_string(), "সব দোকান পয়েন্ট বা সময় অনুযায়ী সাজানো যায় শুধু একটি টেরিটরির মধ্যে"),
            ),
            Self::NoNumberedPages => Refused::invalid_field(
                "page",
                "not-available",
                Text::new(
                    self.to_string(),
                    "পৃষ্ঠা নম্বর চলে শুধু একজন বিক্রয় প্রতিনিধির নিজের দোকানের তালিকায়; এই তালিকায় cursor ব্যবহার করুন",
                ),
            ),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Lists the caller's retailers: for sales reps their own, for admins the whole pool.
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

    /// Returns a page of the retailers in the caller's scope.
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

    /// Returns a page of the retailers in `scope`. The calling use case has checked that the caller may read
    /// them.
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

/// Translates the filter to ids. An unknown name matches no retailer, like an unknown id.
pub(super) async fn filter_of(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    input: &ListRetailersInput,
) -> Result<RetailerFilter, StorageFailure> {
    let places = [&input.region, &input.area, &input.territory, &input.distributor];
    let by_name = places.iter().any(|place| matches!(place, Some(PlaceSelector::Name(_))));
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

/// Rejects queries that are cheap for the retailers of one sales rep but too expensive for a million
/// retailers.
pub(super) fn check_pool(
    query: &RetailerQuery,
    page: &PageRequest<RetailerKey>,
) -> Result<(), ListRetailersError> {
    // Several territories of one name have few retailers too, but the name does not say which one is meant.
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
    use haat_domain::retailer::{MockRetailerReader, RetailerUid};
    use haat_domain::shared::{Page, Role};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, retailer, sales_map};

    fn maps() -> Arc<MockSalesMapReader> {
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
        Arc::new(maps)
    }

    fn admin() -> Actor {
        Actor { role: Role::Admin, ..actor() }
    }

    #[tokio::test]
    async fn sales_reps_list_their_own_retailers_and_admins_the_pool() {
        for (role, scope) in [(Role::SalesRep, Scope::Rep(actor().user)), (Role::Admin, Scope::All)] {
            let mut retailers = MockRetailerReader::new();
            retailers
                .expect_list()
                .withf(move |tenant, requested, query, _| {
                    *tenant == actor().tenant && *requested == scope && *query == RetailerQuery::default()
                })
                .times(1)
                .returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
            let actor = Actor { role, ..actor() };
            let list = ListRetailers::new(Arc::new(retailers), maps());
            let page = list.execute(&actor, &ListRetailersInput::default()).await.unwrap();
            assert_eq!((page.rows, page.next, page.total), (vec![retailer(1)], None, None));
            assert_eq!(*page.map, sales_map());
        }
    }

    #[tokio::test]
    async fn resolves_names_to_ids_and_unknown_names_to_nothing() {
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
            region: Some(PlaceSelector::Name("Dhaka".into())),
            area: Some(PlaceSelector::Id(77)),
            territory: Some(PlaceSelector::Name("Atlantis".into())),
            count: true,
            ..ListRetailersInput::default()
        };
        let page = ListRetailers::new(Arc::new(retailers), maps()).execute(&actor(), &input).await.unwrap();
        assert_eq!(page.total, Some(0));
    }

    #[tokio::test]
    async fn rereads_the_map_for_a_place_that_the_cached_map_lacks() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_list().returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
        let mut maps = MockSalesMapReader::new();
        maps.expect_read().returning(|_| Ok(Arc::default()));
        maps.expect_read_uncached().times(1).returning(|_| Ok(Arc::new(sales_map())));
        let list = ListRetailers::new(Arc::new(retailers), Arc::new(maps));
        let page = list.execute(&actor(), &ListRetailersInput::default()).await.unwrap();
        assert_eq!(*page.map, sales_map());
    }

    #[tokio::test]
    async fn rejects_slow_pool_queries_before_reading() {
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
    async fn accepts_those_queries_within_a_territory_or_for_own_retailers() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_list().times(2).returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
        let list = ListRetailers::new(Arc::new(retailers), maps());
        let input = ListRetailersInput {
            search: SearchText::parse("m").ok(),
            territory: Some(PlaceSelector::Id(1)),
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
    async fn rejects_a_key_of_another_order_before_reading() {
        let key = RetailerKey::Uid(RetailerUid::parse("RTL-1").unwrap());
        let list = ListRetailers::new(Arc::new(MockRetailerReader::new()), maps());
        let page = PageRequest { after: Some(key), ..PageRequest::default() };
        let input = ListRetailersInput { page, ..ListRetailersInput::default() };
        assert_eq!(list.execute(&actor(), &input).await, Err(ListRetailersError::OtherOrder));
    }
}
