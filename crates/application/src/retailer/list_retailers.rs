use std::sync::Arc;

use haat_domain::retailer::{
    Retailer, RetailerFilter, RetailerQuery, RetailerReader, RetailerSort, RetailerSortField, SearchPosition,
};
use haat_domain::shared::{PageRequest, Scope, SearchText, StorageFailure, TenantId};
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::{map_for, search};
use crate::shared::{AmbiguousPlace, PlaceIds, PlaceSelector, PlaceSelectors, Refusal, Refused, Text, codes};

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
    pub page: PageRequest<SearchPosition>,
    /// The number of rows to skip before the page, for numbered pages.
    pub skip: u64,
    /// Requests the total count.
    pub count: bool,
}

/// A page of retailers, and a map with all their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRetailers<Row = Retailer> {
    /// The retailers, in order.
    pub rows: Vec<Row>,
    /// The position after which the next page starts; `None` on the last page.
    pub next: Option<SearchPosition>,
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
    /// The sort column is not visible to the caller.
    #[error("the sort column is not visible to the caller")]
    HiddenSort,
    /// The name of a place in the filter belongs to several places.
    #[error(transparent)]
    AmbiguousPlace(#[from] AmbiguousPlace),
    /// The tenant has no such sales rep.
    #[error("sales rep not found")]
    NoSuchRep,
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
            Self::HiddenSort => Refused::invalid_field(
                "sort",
                "not-available",
                Text::fixed("must be name or uid", "name বা uid হতে হবে"),
            ),
            Self::AmbiguousPlace(error) => error.refuse(),
            Self::NoSuchRep => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Reads a page of the retailers in `scope` and their map, and counts all of them if `count` is set.
pub(super) async fn read_page(
    retailers: &dyn RetailerReader,
    maps: &dyn SalesMapReader,
    (tenant, scope): (TenantId, &Scope),
    query: &RetailerQuery,
    input: &ListRetailersInput,
) -> Result<ListedRetailers, StorageFailure> {
    let page = search::list(retailers, (tenant, scope), query, &input.page).await?;
    let total =
        if input.count { Some(search::count(retailers, (tenant, scope), query).await?) } else { None };
    let map = map_for(maps, tenant, &page.rows).await?;
    Ok(ListedRetailers { rows: page.rows, next: page.next, total, map })
}

/// Checks that the key of the page belongs to a list in the requested order.
pub(super) fn check_order(input: &ListRetailersInput) -> Result<(), ListRetailersError> {
    match &input.page.after {
        Some(position) if position.key.field() != input.sort.field => Err(ListRetailersError::OtherOrder),
        _ => Ok(()),
    }
}

/// Translates the names of places to ids. An unknown name matches no retailer, like an unknown id.
///
/// # Errors
/// [`ListRetailersError`]; `AmbiguousPlace` if a name belongs to several places.
pub(super) async fn query_of(
    maps: &dyn SalesMapReader,
    tenant: TenantId,
    input: &ListRetailersInput,
) -> Result<RetailerQuery, ListRetailersError> {
    let places = PlaceSelectors {
        region: input.region.as_ref(),
        area: input.area.as_ref(),
        territory: input.territory.as_ref(),
        distributor: input.distributor.as_ref(),
    };
    let map = if places.has_names() { maps.read(tenant).await? } else { Arc::default() };
    let PlaceIds { regions, areas, territories, distributors } = places.ids(&map)?;
    let search = input.search.clone();
    let filter =
        RetailerFilter { search, regions, areas, territories, distributors, ..RetailerFilter::default() };
    Ok(RetailerQuery { filter, sort: input.sort, skip: input.skip })
}

/// Rejects queries that are cheap for the retailers of some sales reps but too expensive for a million
/// retailers.
pub(super) fn check_pool(scope: &Scope, query: &RetailerQuery) -> Result<(), ListRetailersError> {
    let narrowed = scope.narrow(&query.filter);
    if !narrowed.is_some_and(|filter| filter.is_of_pool()) {
        return Ok(());
    }
    let one_territory = query.filter.territories.as_ref().is_some_and(|ids| ids.len() <= 1);
    let short = |search: &SearchText| !search.is_long_enough_for_pool();
    if query.filter.search.as_ref().is_some_and(short) && !one_territory {
        return Err(ListRetailersError::SearchTooShort);
    }
    if matches!(query.sort.field, RetailerSortField::Points | RetailerSortField::UpdatedAt) && !one_territory
    {
        return Err(ListRetailersError::SortNeedsTerritory);
    }
    if query.skip > 0 {
        return Err(ListRetailersError::NoNumberedPages);
    }
    Ok(())
}
