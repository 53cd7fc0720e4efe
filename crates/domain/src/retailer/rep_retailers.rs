use super::{Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerUid, search_key};
use crate::shared::{Page, PageRequest};

/// All retailers of one sales rep. They are few, so any list of them is built here faster than the storage
/// could return it.
#[derive(Debug, Clone, Default)]
pub struct RepRetailers {
    /// Sorted by uid, each with its search key.
    retailers: Vec<(Retailer, String)>,
}

impl RepRetailers {
    /// Indexes these retailers.
    #[must_use]
    pub fn new(retailers: Vec<Retailer>) -> Self {
        let mut retailers: Vec<_> = retailers
            .into_iter()
            .map(|retailer| {
                let key = search_key(&retailer.name, &retailer.uid, retailer.phone.as_ref());
                (retailer, key)
            })
            .collect();
        retailers.sort_unstable_by(|(a, _), (b, _)| a.uid.cmp(&b.uid));
        Self { retailers }
    }

    /// Returns a retailer by its uid as stored.
    #[must_use]
    pub fn find(&self, uid: &RetailerUid) -> Option<&Retailer> {
        let index = self.retailers.binary_search_by(|(retailer, _)| retailer.uid.cmp(uid)).ok()?;
        self.retailers.get(index).map(|(retailer, _)| retailer)
    }

    /// Returns the number of retailers that match a filter.
    #[must_use]
    pub fn count(&self, filter: &RetailerFilter) -> usize {
        self.retailers.iter().filter(|(retailer, key)| filter.matches(retailer, key)).count()
    }

    /// Returns a page of a list, as the storage would return it.
    #[must_use]
    pub fn list(
        &self,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Page<Retailer, RetailerKey> {
        let (field, descending) = (query.sort.field, query.sort.descending);
        let mut rows: Vec<_> = self
            .retailers
            .iter()
            .filter(|(retailer, key)| query.filter.matches(retailer, key))
            .map(|(retailer, _)| (RetailerKey::of(retailer, field), retailer))
            .filter(|(key, _)| {
                page.after.as_ref().is_none_or(|after| if descending { key < after } else { key > after })
            })
            .collect();
        rows.sort_unstable_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
        let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
        let rows_to_take = usize::from(page.limit.get()) + 1;
        let rows =
            rows.into_iter().skip(skip).take(rows_to_take).map(|(_, retailer)| retailer.clone()).collect();
        Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, field))
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
            .map(|(retailer, key)| size_of::<(Retailer, String)>() + text(retailer) + key.len())
            .sum()
    }
}

impl RetailerFilter {
    /// Returns the part of a search key that the filter searches. The phone is on the last line.
    fn searched<'a>(&self, key: &'a str) -> &'a str {
        let without_phone = key.rfind('\n').and_then(|end| key.get(..=end));
        without_phone.filter(|_| self.without_phone).unwrap_or(key)
    }

    /// Returns true if a retailer matches; `key` is its search key. The caller has compared the sales reps.
    fn matches(&self, retailer: &Retailer, key: &str) -> bool {
        let among = |ids: &Option<Vec<_>>, id| ids.as_ref().is_none_or(|ids| ids.contains(&id));
        !self.leaves_no_served_retailer()
            && self.ids.as_ref().is_none_or(|ids| ids.binary_search(&retailer.id).is_ok())
            && self.search.as_ref().is_none_or(|search| search.is_in(self.searched(key), self.matching))
            && among(&self.regions, retailer.region)
            && self.areas.as_ref().is_none_or(|ids| ids.contains(&retailer.area))
            && self.territories.as_ref().is_none_or(|ids| ids.contains(&retailer.territory))
            && self
                .distributors
                .as_ref()
                .is_none_or(|ids| retailer.distributor.is_some_and(|id| ids.contains(&id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::{RetailerSort, RetailerSortField, Service};
    use crate::shared::{AreaId, Limit, RegionId, RetailerId, SearchText, TerritoryId};

    fn retailer(number: i64, name: &str, points: i32) -> Retailer {
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
