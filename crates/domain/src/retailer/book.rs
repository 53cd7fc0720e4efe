use super::{Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerUid, search_key};
use crate::shared::{Page, PageRequest};

/// All shops of one representative: few enough that any list of them is made here faster than the storage could be
/// asked for it.
#[derive(Debug, Clone, Default)]
pub struct RetailerBook {
    /// In order of uid.
    shops: Vec<(Retailer, String)>,
}

impl RetailerBook {
    /// A book of these shops.
    #[must_use]
    pub fn new(shops: Vec<Retailer>) -> Self {
        let mut shops: Vec<_> = shops
            .into_iter()
            .map(|shop| {
                let key = search_key(&shop.name, &shop.uid, shop.phone.as_ref());
                (shop, key)
            })
            .collect();
        shops.sort_unstable_by(|(a, _), (b, _)| a.uid.cmp(&b.uid));
        Self { shops }
    }

    /// One shop.
    #[must_use]
    pub fn find(&self, uid: &RetailerUid) -> Option<&Retailer> {
        let at = self.shops.binary_search_by(|(shop, _)| shop.uid.cmp(uid)).ok()?;
        self.shops.get(at).map(|(shop, _)| shop)
    }

    /// How many shops a filter leaves.
    #[must_use]
    pub fn count(&self, filter: &RetailerFilter) -> usize {
        self.shops.iter().filter(|(shop, key)| filter.holds(shop, key)).count()
    }

    /// A page of a list, as the storage would give it.
    #[must_use]
    pub fn list(
        &self,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Page<Retailer, RetailerKey> {
        let (field, descending) = (query.sort.field, query.sort.descending);
        let mut rows: Vec<_> = self
            .shops
            .iter()
            .filter(|(shop, key)| query.filter.holds(shop, key))
            .map(|(shop, _)| (RetailerKey::of(shop, field), shop))
            .filter(|(key, _)| {
                page.after.as_ref().is_none_or(|after| if descending { key < after } else { key > after })
            })
            .collect();
        rows.sort_unstable_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
        let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
        let wanted = usize::from(page.limit.get()) + 1;
        let rows = rows.into_iter().skip(skip).take(wanted).map(|(_, shop)| shop.clone()).collect();
        Page::from_surplus(rows, page.limit, |row| RetailerKey::of(row, field))
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let text = |shop: &Retailer| {
            shop.uid.as_str().len()
                + shop.name.len()
                + shop.phone.as_ref().map_or(0, |phone| phone.as_str().len())
                + shop.routes.iter().map(|route| route.len() + size_of::<String>()).sum::<usize>()
                + shop.notes.as_ref().map_or(0, String::len)
        };
        self.shops.iter().map(|(shop, key)| size_of::<(Retailer, String)>() + text(shop) + key.len()).sum()
    }
}

impl RetailerFilter {
    /// Whether a shop passes; `key` is its search key.
    fn holds(&self, shop: &Retailer, key: &str) -> bool {
        let among = |ids: &Option<Vec<_>>, id| ids.as_ref().is_none_or(|ids| ids.contains(&id));
        !self.leaves_no_served_shop()
            && self.search.as_ref().is_none_or(|search| search.is_in(key))
            && among(&self.regions, shop.region)
            && self.areas.as_ref().is_none_or(|ids| ids.contains(&shop.area))
            && self.territories.as_ref().is_none_or(|ids| ids.contains(&shop.territory))
            && self
                .distributors
                .as_ref()
                .is_none_or(|ids| shop.distributor.is_some_and(|id| ids.contains(&id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retailer::{RetailerSort, RetailerSortField, SearchText, Service};
    use crate::shared::{AreaId, Limit, RegionId, RetailerId, TerritoryId};

    fn shop(number: i64, name: &str, points: i32) -> Retailer {
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

    fn book() -> RetailerBook {
        let names = ["Ma Store", "Ma Store", "মা ষ্টোর", "Alam", "Ma Store"];
        RetailerBook::new(
            names
                .iter()
                .zip([5, 10, 5, 10, 5])
                .zip(1..)
                .map(|((name, points), n)| shop(n, name, points))
                .collect(),
        )
    }

    fn numbers(rows: &[Retailer]) -> Vec<i64> {
        rows.iter().map(|row| row.id.get()).collect()
    }

    #[test]
    fn each_order_has_the_uid_for_ties_and_a_walk_meets_each_row_once() {
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
                let mut walked = Vec::new();
                loop {
                    let page = book().list(&query, &request);
                    walked.extend(numbers(&page.rows));
                    match page.next {
                        Some(next) => request.after = Some(next),
                        None => break,
                    }
                }
                if descending {
                    walked.reverse();
                }
                assert_eq!(walked, expected, "{field:?}");
            }
        }
    }

    #[test]
    fn filters_combine_and_a_page_may_be_skipped_to() {
        let filter = RetailerFilter {
            search: Some(SearchText::parse("MA").unwrap()),
            regions: Some(vec![RegionId::new(1)]),
            ..RetailerFilter::default()
        };
        let query = RetailerQuery { filter: filter.clone(), ..RetailerQuery::default() };
        let request = PageRequest::first(Limit::default());
        assert_eq!(numbers(&book().list(&query, &request).rows), [1, 5]);
        assert_eq!(book().count(&filter), 2);
        let second = PageRequest { skip: 1, ..PageRequest::first(Limit::parse(1).unwrap()) };
        assert_eq!(numbers(&book().list(&query, &second).rows), [5]);
        let none = RetailerFilter { areas: Some(vec![]), ..RetailerFilter::default() };
        assert_eq!(book().count(&none), 0);
        let undelivered = RetailerFilter { distributors: Some(vec![]), ..RetailerFilter::default() };
        assert_eq!(book().count(&undelivered), 0);
        let served = |service| RetailerFilter { service: Some(service), ..RetailerFilter::default() };
        assert_eq!(book().count(&served(Service::Assigned)), 5, "they are all served");
        assert_eq!(book().count(&served(Service::Unassigned)), 0);
        assert_eq!(book().count(&RetailerFilter { deleted: true, ..RetailerFilter::default() }), 0);
    }

    #[test]
    fn a_shop_is_found_by_its_uid() {
        assert_eq!(book().find(&RetailerUid::parse("RTL-0003").unwrap()).unwrap().name, "মা ষ্টোর");
        assert_eq!(book().find(&RetailerUid::parse("RTL-0009").unwrap()), None);
    }
}
