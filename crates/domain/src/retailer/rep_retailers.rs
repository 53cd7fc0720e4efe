use std::cmp::Ordering;

use itertools::Either;

use super::{
    Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField, RetailerUid, Service, search_key,
};
use crate::shared::{Page, PageRequest, RetailerId, SearchMatcher, sound_digests};

/// All retailers of one sales rep. They are few, so any list of them is built here faster than the storage
/// could return it.
///
/// Values that a team's list reads for every retailer are in separate arrays: following 14,000 references takes milliseconds.
#[derive(Debug, Clone, Default)]
pub struct RepRetailers {
    /// Sorted by uid.
    retailers: Vec<Retailer>,
    /// The search keys, in the same order.
    search: SearchKeys,
    /// Indexes of `retailers` in the order of names.
    by_name: Vec<usize>,
    /// The ids and versions, in the order of ids.
    versions: Vec<(RetailerId, i64)>,
}

/// Search keys and the digests of their sounds.
#[derive(Debug, Clone, Default)]
struct SearchKeys {
    keys: String,
    sounds: Vec<u32>,
    /// The end of each key in `keys`, and of its sounds in `sounds`.
    ends: Vec<(usize, usize)>,
}

impl RepRetailers {
    /// Indexes these retailers.
    #[must_use]
    pub fn new(mut retailers: Vec<Retailer>) -> Self {
        retailers.sort_unstable_by(|a, b| a.uid.cmp(&b.uid));
        let search = SearchKeys::of(&retailers);
        let mut by_name: Vec<_> = retailers.iter().enumerate().collect();
        by_name.sort_unstable_by(|(_, a), (_, b)| RetailerSortField::Name.compare(a, b));
        let by_name = by_name.into_iter().map(|(index, _)| index).collect();
        let mut versions: Vec<_> = retailers.iter().map(|row| (row.id, row.version)).collect();
        versions.sort_unstable();
        Self { retailers, search, by_name, versions }
    }

    /// Returns a retailer by its uid as stored.
    #[must_use]
    pub fn find(&self, uid: &RetailerUid) -> Option<&Retailer> {
        let index = self.retailers.binary_search_by(|found| found.uid.cmp(uid)).ok()?;
        self.retailers.get(index)
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
        let found = self.search.iter().map(|(key, sounds)| filter.finds(key, sounds));
        found.zip(&self.retailers).filter(|(found, row)| *found && filter.admits(row)).map(|(_, row)| row)
    }

    /// Returns the ids and versions of all retailers, in the order of ids.
    pub(super) fn versions(&self) -> &[(RetailerId, i64)] {
        &self.versions
    }

    /// Returns the version of a retailer, if it is one of these.
    pub(super) fn version(&self, id: RetailerId) -> Option<i64> {
        let index = self.versions.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.versions.get(index).map(|(_, version)| *version)
    }

    /// Returns all retailers after a position, in the order of names.
    pub(super) fn by_name(
        &self,
        after: Option<&RetailerKey>,
        descending: bool,
    ) -> impl Iterator<Item = &Retailer> {
        let compared = |index: &usize| Some(after?.compare(self.retailers.get(*index)?));
        let indexes = if descending {
            let end = self.by_name.partition_point(|index| compared(index).is_none_or(Ordering::is_gt));
            Either::Left(self.by_name.split_at(end).0.iter().rev())
        } else {
            let start = self.by_name.partition_point(|index| compared(index).is_some_and(Ordering::is_ge));
            Either::Right(self.by_name.split_at(start).1.iter())
        };
        indexes.filter_map(|index| self.retailers.get(*index))
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
        let retailers: usize = self.retailers.iter().map(|row| size_of::<Retailer>() + text(row)).sum();
        retailers + self.search.size() + size_of_val(&*self.by_name) + size_of_val(&*self.versions)
    }
}

impl SearchKeys {
    fn of(retailers: &[Retailer]) -> Self {
        let mut all = Self::default();
        for row in retailers {
            let key = search_key(&row.name, &row.uid, row.phone.as_ref());
            all.sounds.extend(sound_digests(&key));
            all.keys.push_str(&key);
            all.ends.push((all.keys.len(), all.sounds.len()));
        }
        all
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &[u32])> {
        let mut start = (0, 0);
        self.ends.iter().map(move |end| {
            let (key, sounds) = (self.keys.get(start.0..end.0), self.sounds.get(start.1..end.1));
            start = *end;
            (key.unwrap_or_default(), sounds.unwrap_or_default())
        })
    }

    fn size(&self) -> usize {
        self.keys.len() + size_of_val(&*self.sounds) + size_of_val(&*self.ends)
    }
}

/// Returns a page of a query from the retailers that match its filter, given in any order.
pub(super) fn page_of(
    mut matching: Vec<&Retailer>,
    query: &RetailerQuery,
    page: &PageRequest<RetailerKey>,
) -> Page<Retailer, RetailerKey> {
    let sort = query.sort;
    if let Some(after) = &page.after {
        matching.retain(|row| sort.directed(after.compare(row)).is_lt());
    }
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let most = skip.saturating_add(usize::from(page.limit.get()) + 1);
    if most < matching.len() {
        // Sort only the rows up to the end of the page.
        matching.select_nth_unstable_by(most, |a, b| sort.compare(a, b));
        matching.truncate(most);
    }
    matching.sort_unstable_by(|a, b| sort.compare(a, b));
    let rows = matching.into_iter().skip(skip).cloned().collect();
    Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, sort.field))
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

    /// Returns true if every assigned retailer matches.
    pub(super) fn admits_all(&self) -> bool {
        let RetailerFilter {
            search: None,
            matching: _,
            without_phone: _,
            regions: None,
            areas: None,
            territories: None,
            distributors: None,
            rep: _,
            served_by: _,
            ids: None,
            service: None | Some(Service::Assigned),
            deleted: false,
        } = self.filter
        else {
            return false;
        };
        true
    }

    /// Returns true if a search key with these sounds matches the search.
    fn finds(&self, key: &str, sounds: &[u32]) -> bool {
        self.search.as_ref().is_none_or(|search| search.matches(self.filter.searched(key), sounds))
    }

    /// Returns true if a retailer matches the other parts. The caller has compared the sales reps.
    pub(super) fn admits(&self, retailer: &Retailer) -> bool {
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
    use crate::retailer::RetailerSort;
    use crate::shared::{AreaId, Limit, RegionId, SearchText, TerritoryId};

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
