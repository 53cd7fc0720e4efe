use std::cmp::Ordering;

use super::{Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerSort, RetailerUid, search_key};
use crate::shared::{Page, PageRequest, SearchMatcher, sound_digests};

/// All retailers of one sales rep. They are few, so any list of them is built here faster than the storage
/// could return it.
#[derive(Debug, Clone, Default)]
pub struct RepRetailers {
    /// Sorted by uid.
    retailers: Vec<Searchable>,
}

/// A retailer with what a search compares.
#[derive(Debug, Clone)]
struct Searchable {
    retailer: Retailer,
    key: String,
    sounds: Box<[u32]>,
}

impl RepRetailers {
    /// Indexes these retailers.
    #[must_use]
    pub fn new(retailers: Vec<Retailer>) -> Self {
        let mut retailers: Vec<_> = retailers
            .into_iter()
            .map(|retailer| {
                let key = search_key(&retailer.name, &retailer.uid, retailer.phone.as_ref());
                Searchable { retailer, sounds: sound_digests(&key), key }
            })
            .collect();
        retailers.sort_unstable_by(|a, b| a.retailer.uid.cmp(&b.retailer.uid));
        Self { retailers }
    }

    /// Returns a retailer by its uid as stored.
    #[must_use]
    pub fn find(&self, uid: &RetailerUid) -> Option<&Retailer> {
        let index = self.retailers.binary_search_by(|found| found.retailer.uid.cmp(uid)).ok()?;
        self.retailers.get(index).map(|found| &found.retailer)
    }

    /// Returns the number of retailers that match a filter.
    #[must_use]
    pub fn count(&self, filter: &RetailerFilter) -> usize {
        self.matching(&FilterMatcher::new(filter)).count()
    }

    /// Returns the retailers that match. The caller has compared the sales rep.
    pub(super) fn matching<'a, 'f>(
        &'a self,
        filter: &'f FilterMatcher<'f>,
    ) -> impl Iterator<Item = &'a Retailer> + use<'a, 'f> {
        self.retailers.iter().filter(|one| filter.matches(one)).map(|one| &one.retailer)
    }

    /// Returns a page of a list, as the storage would return it.
    #[must_use]
    pub fn list(
        &self,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Page<Retailer, RetailerKey> {
        page_of(self.matching(&FilterMatcher::new(&query.filter)).collect(), query, page)
    }

    /// Returns the approximate memory use in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let text = |retailer: &Retailer| {
            retailer.uid.as_str().len()
                + retailer.name.len()
                + retailer.phone.as_ref().map_or(0, |phone| phone.as_str().len())
                + retailer.routes.iter().map(|route| route.len() + size_of::<String>()).sum::<usize>()
                + retailer.notes.as_ref().map_or(0, String::len)
        };
        self.retailers
            .iter()
            .map(|one| {
                size_of::<Searchable>() + text(&one.retailer) + one.key.len() + size_of_val(&*one.sounds)
            })
            .sum()
    }
}

/// Returns a page of the retailers that match the filter of a query, which are in no order.
pub(super) fn page_of(
    mut matching: Vec<&Retailer>,
    query: &RetailerQuery,
    page: &PageRequest<RetailerKey>,
) -> Page<Retailer, RetailerKey> {
    let RetailerSort { field, descending } = query.sort;
    let order = |a: Ordering| if descending { a.reverse() } else { a };
    if let Some(after) = &page.after {
        matching.retain(|row| order(after.compare(row)).is_lt());
    }
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let most = skip.saturating_add(usize::from(page.limit.get()) + 1);
    if most < matching.len() {
        // Sort only the rows up to the end of the page.
        matching.select_nth_unstable_by(most, |a, b| order(field.compare(a, b)));
        matching.truncate(most);
    }
    matching.sort_unstable_by(|a, b| order(field.compare(a, b)));
    let rows = matching.into_iter().skip(skip).cloned().collect();
    Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, field))
}

/// Compares retailers with a filter.
pub(super) struct FilterMatcher<'a> {
    filter: &'a RetailerFilter,
    search: Option<SearchMatcher<'a>>,
}

impl<'a> FilterMatcher<'a> {
    pub(super) fn new(filter: &'a RetailerFilter) -> Self {
        Self { filter, search: filter.search.as_ref().map(|search| search.matcher(filter.matching)) }
    }

    /// Returns true if a retailer matches. The caller has compared the sales reps.
    fn matches(&self, Searchable { retailer, key, sounds }: &Searchable) -> bool {
        let filter = self.filter;
        let among = |ids: &Option<Vec<_>>, id| ids.as_ref().is_none_or(|ids| ids.contains(&id));
        !filter.leaves_no_served_retailer()
            && filter.ids.as_ref().is_none_or(|ids| ids.binary_search(&retailer.id).is_ok())
            && among(&filter.regions, retailer.region)
            && filter.areas.as_ref().is_none_or(|ids| ids.contains(&retailer.area))
            && filter.territories.as_ref().is_none_or(|ids| ids.contains(&retailer.territory))
            && filter
                .distributors
                .as_ref()
                .is_none_or(|ids| retailer.distributor.is_some_and(|id| ids.contains(&id)))
            && self.search.as_ref().is_none_or(|search| search.matches(filter.searched(key), sounds))
    }
}

impl RetailerFilter {
    /// Returns the part of a search key that the filter searches. The phone is on the last line.
    fn searched<'a>(&self, key: &'a str) -> &'a str {
        if !self.without_phone {
            return key;
        }
        key.rfind('\n').and_then(|end| key.get(..=end)).unwrap_or(key)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::retailer::{RetailerSortField, Service};
    use crate::shared::{AreaId, Limit, RegionId, RetailerId, SearchText, TerritoryId};

    pub(in crate::retailer) fn retailer(number: i64, name: &str, points: i32) -> Retailer {
        Retailer {
            id: RetailerId::new(number),
            uid: RetailerUid::parse(&format!("RTL-{number:04}")).unwrap(),
            name: name.into(),
            phone: None,
            region: RegionId::new(number % 2),
            area: AreaId::new(1),
            territory: TerritoryId::new(1),
            distributor: None,
            points,
            routes: vec![],
            notes: None,
            updated_at: chrono::DateTime::from_timestamp(number, 0).unwrap(),
            version: 1,
            assigned_at: None,
        }
    }

    fn rep_retailers() -> RepRetailers {
        let names = ["Ma Store", "Ma Store", "মা ষ্টোর", "Alam", "Ma Store"];
        RepRetailers::new(
            names
                .iter()
                .zip([5, 10, 5, 10, 5])
                .zip(1..)
                .map(|((name, points), n)| retailer(n, name, points))
                .collect(),
        )
    }

    fn numbers(rows: &[Retailer]) -> Vec<i64> {
        rows.iter().map(|row| row.id.get()).collect()
    }

    #[test]
    fn pages_in_every_order_contain_each_row_once_with_the_uid_breaking_ties() {
        for (field, expected) in [
            (RetailerSortField::Name, [4, 1, 2, 5, 3]),
            (RetailerSortField::Uid, [1, 2, 3, 4, 5]),
            (RetailerSortField::Points, [1, 3, 5, 2, 4]),
            (RetailerSortField::UpdatedAt, [1, 2, 3, 4, 5]),
        ] {
            for descending in [false, true] {
                let query =
                    RetailerQuery { sort: RetailerSort { field, descending }, ..RetailerQuery::default() };
                let mut request = PageRequest::first(Limit::parse(2).unwrap());
                let mut collected = Vec::new();
                loop {
                    let page = rep_retailers().list(&query, &request);
                    collected.extend(numbers(&page.rows));
                    match page.next {
                        Some(next) => request.after = Some(next),
                        None => break,
                    }
                }
                if descending {
                    collected.reverse();
                }
                assert_eq!(collected, expected, "{field:?}");
            }
        }
    }

    #[test]
    fn combines_filters_and_skips_rows() {
        let filter = RetailerFilter {
            search: Some(SearchText::parse("MA").unwrap()),
            regions: Some(vec![RegionId::new(1)]),
            ..RetailerFilter::default()
        };
        let query = RetailerQuery { filter: filter.clone(), ..RetailerQuery::default() };
        let request = PageRequest::first(Limit::default());
        assert_eq!(numbers(&rep_retailers().list(&query, &request).rows), [1, 5]);
        assert_eq!(rep_retailers().count(&filter), 2);
        let (second, one) =
            (RetailerQuery { skip: 1, ..query }, PageRequest::first(Limit::parse(1).unwrap()));
        assert_eq!(numbers(&rep_retailers().list(&second, &one).rows), [5]);
        let none = RetailerFilter { areas: Some(vec![]), ..RetailerFilter::default() };
        assert_eq!(rep_retailers().count(&none), 0);
        let undelivered = RetailerFilter { distributors: Some(vec![]), ..RetailerFilter::default() };
        assert_eq!(rep_retailers().count(&undelivered), 0);
        let served = |service| RetailerFilter { service: Some(service), ..RetailerFilter::default() };
        assert_eq!(rep_retailers().count(&served(Service::Assigned)), 5, "all of them are assigned");
        assert_eq!(rep_retailers().count(&served(Service::Unassigned)), 0);
        assert_eq!(rep_retailers().count(&RetailerFilter { deleted: true, ..RetailerFilter::default() }), 0);
    }

    #[test]
    fn finds_a_retailer_by_its_uid() {
        assert_eq!(rep_retailers().find(&RetailerUid::parse("RTL-0003").unwrap()).unwrap().name, "মা ষ্টোর");
        assert_eq!(rep_retailers().find(&RetailerUid::parse("RTL-0009").unwrap()), None);
    }
}
