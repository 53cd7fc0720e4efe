use std::cmp::Reverse;
use std::sync::Arc;

use itertools::Itertools as _;

use super::rep_retailers::{FilterMatcher, page_of};
use super::{RepRetailers, Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerSortField};
use crate::shared::{Page, PageRequest};

/// The retailers of several sales reps. A retailer that several of them serve counts once.
#[derive(Debug, Clone, Default)]
pub struct TeamRetailers(Vec<Arc<RepRetailers>>);

impl TeamRetailers {
    /// Combines the retailers of each sales rep. They may have been read before and after a change: each
    /// retailer is listed once, in its latest version that matches.
    #[must_use]
    pub const fn new(reps: Vec<Arc<RepRetailers>>) -> Self {
        Self(reps)
    }

    /// Returns the number of retailers that match a filter.
    #[must_use]
    pub fn count(&self, filter: &RetailerFilter) -> usize {
        let matcher = FilterMatcher::new(filter);
        if !matcher.admits_all() {
            return self.matching(&matcher).len();
        }
        let mut ids: Vec<_> = self.0.iter().flat_map(|rep| rep.versions()).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// Returns a page of a list, as the storage would return it: without the times of assignments.
    #[must_use]
    pub fn list(
        &self,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Page<Retailer, RetailerKey> {
        let filter = FilterMatcher::new(&query.filter);
        let mut page = if query.sort.field == RetailerSortField::Name && query.filter.search.is_none() {
            self.merged(&filter, query, page)
        } else {
            page_of(self.matching(&filter), query, page)
        };
        for row in &mut page.rows {
            row.assigned_at = None;
        }
        page
    }

    /// Merges the retailers of the sales reps by name until the page is full.
    fn merged(
        &self,
        filter: &FilterMatcher<'_>,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Page<Retailer, RetailerKey> {
        let (sort, after) = (query.sort, page.after.as_ref());
        let rows = self
            .0
            .iter()
            .map(|rep| rep.by_name(after, sort.descending))
            .kmerge_by(|a, b| sort.compare(a, b).is_lt())
            .filter(|row| filter.admits(row) && self.is_latest(row))
            .dedup_by(|a, b| a.id == b.id)
            .skip(usize::try_from(query.skip).unwrap_or(usize::MAX))
            .take(usize::from(page.limit.get()) + 1)
            .cloned()
            .collect();
        Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, sort.field))
    }

    fn is_latest(&self, row: &Retailer) -> bool {
        self.0.iter().all(|rep| rep.version(row.id).is_none_or(|version| version <= row.version))
    }

    fn matching(&self, filter: &FilterMatcher<'_>) -> Vec<&Retailer> {
        let mut rows = Vec::new();
        for rep in &self.0 {
            rows.extend(rep.matching(filter).map(|row| (row.id, Reverse(row.version), row)));
        }
        rows.sort_unstable_by_key(|(id, version, _)| (*id, *version));
        rows.dedup_by_key(|(id, _, _)| *id);
        rows.into_iter().map(|(_, _, row)| row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::{RetailerSort, rep_retailers};
    use crate::shared::{Limit, SearchText};

    fn retailer(number: i64, name: &str, version: i64) -> Retailer {
        let of_rep = rep_retailers::tests::retailer(number, name, i32::try_from(10 - number).unwrap());
        Retailer { version, assigned_at: Some(of_rep.updated_at), ..of_rep }
    }

    /// Two sales reps, who both serve retailer 2. The second one's retailers were read after it was renamed.
    fn team() -> TeamRetailers {
        let first = [retailer(1, "Ma Store", 1), retailer(2, "Alam", 1)];
        let second = [retailer(3, "Babu", 1), retailer(2, "Zaman Store", 2)];
        TeamRetailers::new([first, second].map(|of_rep| Arc::new(RepRetailers::new(of_rep.into()))).into())
    }

    #[test]
    fn pages_contain_each_retailer_once_in_its_latest_version() {
        for (field, expected) in [
            (RetailerSortField::Name, [3, 1, 2]),
            (RetailerSortField::Uid, [1, 2, 3]),
            (RetailerSortField::Points, [3, 2, 1]),
            (RetailerSortField::UpdatedAt, [1, 2, 3]),
        ] {
            for descending in [false, true] {
                let query =
                    RetailerQuery { sort: RetailerSort { field, descending }, ..RetailerQuery::default() };
                let mut request = PageRequest::first(Limit::parse(1).unwrap());
                let mut rows = Vec::new();
                loop {
                    let page = team().list(&query, &request);
                    rows.extend(page.rows);
                    let Some(next) = page.next else { break };
                    request.after = Some(next);
                }
                let mut numbers: Vec<i64> = rows.iter().map(|row| row.id.get()).collect();
                if descending {
                    numbers.reverse();
                }
                assert_eq!(numbers, expected, "{field:?}");
                assert!(rows.iter().all(|row| row.assigned_at.is_none()));
            }
        }
    }

    #[test]
    fn filters_count_each_retailer_once() {
        assert_eq!(team().count(&RetailerFilter::default()), 3);
        let search = |text| RetailerFilter {
            search: Some(SearchText::parse(text).unwrap()),
            ..RetailerFilter::default()
        };
        assert_eq!(team().count(&search("store")), 2);
        assert_eq!(team().count(&search("a")), 3);
        assert_eq!(team().count(&RetailerFilter { areas: Some(vec![]), ..RetailerFilter::default() }), 0);
    }
}
