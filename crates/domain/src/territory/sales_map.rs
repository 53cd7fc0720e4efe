use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Above, AliasFilter, Located, Named, Place, PlaceAlias, PlaceKey, PlaceKind, Places};
use crate::retailer::SearchText;
use crate::shared::{AreaId, DistributorId, Page, PageRequest, RegionId, TerritoryId};

/// All places of a tenant and who delivers there: some hundred rows that change rarely and that every answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalesMap {
    /// Regions.
    pub regions: Places<RegionId>,
    /// Areas.
    pub areas: Places<AreaId>,
    /// Territories.
    pub territories: Places<TerritoryId>,
    /// Distributors.
    pub distributors: Places<DistributorId>,
    aliases: BTreeMap<PlaceKey, PlaceAlias>,
}

/// What a list of places is narrowed down to; every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceFilter {
    /// A part of any of its names.
    pub search: Option<SearchText>,
    /// In one of these regions.
    pub regions: Option<Vec<RegionId>>,
    /// In one of these areas.
    pub areas: Option<Vec<AreaId>>,
}

impl SalesMap {
    /// Another spelling of a place that is on the map: the place is found by it too.
    pub fn also_called(&mut self, alias: PlaceAlias) {
        let (id, name) = (alias.place.id, alias.alias.clone());
        match alias.kind.get() {
            PlaceKind::Region => self.regions.also_called(RegionId::new(id), name),
            PlaceKind::Area => self.areas.also_called(AreaId::new(id), name),
            PlaceKind::Territory => self.territories.also_called(TerritoryId::new(id), name),
            PlaceKind::Distributor => self.distributors.also_called(DistributorId::new(id), name),
        }
        self.aliases.insert(alias.key(), alias);
    }

    /// A page of the other spellings of places, in order of spelling and id.
    #[must_use]
    pub fn aliases(&self, filter: &AliasFilter, page: &PageRequest<PlaceKey>) -> Page<PlaceAlias, PlaceKey> {
        let start = page.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let after = self.aliases.range::<PlaceKey, _>((start, Bound::Unbounded));
        let rows = after
            .map(|(_, alias)| alias)
            .filter(|alias| filter.holds(alias))
            .take(usize::from(page.limit.get()) + 1)
            .cloned()
            .collect();
        Page::from_surplus(rows, page.limit, PlaceAlias::key)
    }

    /// A place and what it lies in, if it is on the map.
    #[must_use]
    pub fn find(&self, kind: PlaceKind, id: i64) -> Option<Located> {
        let place = match kind {
            PlaceKind::Region => self.regions.get(RegionId::new(id)),
            PlaceKind::Area => self.areas.get(AreaId::new(id)),
            PlaceKind::Territory => self.territories.get(TerritoryId::new(id)),
            PlaceKind::Distributor => self.distributors.get(DistributorId::new(id)),
        };
        place.map(|place| Located { above: self.above(kind, place), place: place.clone() })
    }

    /// A page of the places of a kind, in order of name and id.
    #[must_use]
    pub fn list(
        &self,
        kind: PlaceKind,
        filter: &PlaceFilter,
        page: &PageRequest<PlaceKey>,
    ) -> Page<Located, PlaceKey> {
        let after = page.after.as_ref();
        match kind {
            PlaceKind::Region => self.page(kind, filter, page, self.regions.after(after)),
            PlaceKind::Area => self.page(kind, filter, page, self.areas.after(after)),
            PlaceKind::Territory => self.page(kind, filter, page, self.territories.after(after)),
            PlaceKind::Distributor => self.page(kind, filter, page, self.distributors.after(after)),
        }
    }

    fn page<'a>(
        &self,
        kind: PlaceKind,
        filter: &PlaceFilter,
        page: &PageRequest<PlaceKey>,
        places: impl Iterator<Item = (&'a Place, &'a str)>,
    ) -> Page<Located, PlaceKey> {
        let rows = places
            .filter(|(_, key)| filter.search.as_ref().is_none_or(|search| search.is_in(key)))
            .map(|(place, _)| Located { above: self.above(kind, place), place: place.clone() })
            .filter(|located| filter.holds(&located.above))
            .take(usize::from(page.limit.get()) + 1)
            .collect();
        Page::from_surplus(rows, page.limit, |row| PlaceKey::of(&row.place))
    }

    fn above(&self, kind: PlaceKind, place: &Place) -> Above {
        let named = |place: &Place| Named { id: place.id, name: place.name.clone() };
        let (area, region) = match kind {
            PlaceKind::Region | PlaceKind::Distributor => (None, None),
            PlaceKind::Area => (None, place.parent),
            PlaceKind::Territory => {
                let area = place.parent.and_then(|id| self.areas.get(AreaId::new(id)));
                (area, area.and_then(|area| area.parent))
            }
        };
        let region = region.and_then(|id| self.regions.get(RegionId::new(id)));
        Above { area: area.map(named), region: region.map(named) }
    }
}

impl PlaceFilter {
    /// Whether a place that lies in these passes.
    fn holds(&self, above: &Above) -> bool {
        let id = |place: &Option<Named>| place.as_ref().map(|place| place.id);
        let (area, region) = (id(&above.area).map(AreaId::new), id(&above.region).map(RegionId::new));
        self.areas.as_ref().is_none_or(|ids| area.is_some_and(|id| ids.contains(&id)))
            && self.regions.as_ref().is_none_or(|ids| region.is_some_and(|id| ids.contains(&id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::Limit;
    use crate::territory::AliasedKind;

    fn place(id: i64, name: &str, name_bn: Option<&str>, parent: Option<i64>) -> Place {
        Place { id, name: name.into(), name_bn: name_bn.map(Into::into), parent, version: 1 }
    }

    fn map() -> SalesMap {
        let mut map = SalesMap::default();
        map.regions.add(RegionId::new(1), place(1, "Dhaka", Some("ঢাকা"), None));
        map.regions.add(RegionId::new(2), place(2, "Khulna", None, None));
        for (id, name, region) in [(1, "Sadar", 1), (2, "Sadar", 2), (3, "Cumilla", 2)] {
            map.areas.add(AreaId::new(id), place(id, name, None, Some(region)));
        }
        for (id, alias) in [(2, "কুমিল্লা"), (1, "Comilla")] {
            let kind = AliasedKind::parse("area").unwrap();
            let place = Named { id: 3, name: "Cumilla".into() };
            map.also_called(PlaceAlias { id, kind, place, alias: alias.into() });
        }
        for (id, area) in [(5, 1), (4, 2), (6, 3)] {
            map.territories.add(TerritoryId::new(id), place(id, "Bazar", Some("বাজার"), Some(area)));
        }
        map
    }

    fn ids(kind: PlaceKind, filter: &PlaceFilter) -> Vec<i64> {
        let page = map().list(kind, filter, &PageRequest::default());
        page.rows.iter().map(|row| row.place.id).collect()
    }

    #[test]
    fn a_place_tells_what_it_lies_in() {
        let found = map().find(PlaceKind::Territory, 4).unwrap();
        let named = |id, name: &str| Some(Named { id, name: name.into() });
        assert_eq!(found.above, Above { area: named(2, "Sadar"), region: named(2, "Khulna") });
        let found = map().find(PlaceKind::Area, 1).unwrap();
        assert_eq!(found.above, Above { area: None, region: named(1, "Dhaka") });
        assert_eq!(map().find(PlaceKind::Region, 1).unwrap().above, Above::default());
        assert_eq!(map().find(PlaceKind::Distributor, 1), None);
    }

    #[test]
    fn a_list_is_narrowed_by_any_name_and_by_what_is_above() {
        let search =
            |text: &str| PlaceFilter { search: SearchText::parse(text).ok(), ..PlaceFilter::default() };
        for (text, found) in [("SADAR", vec![1, 2]), ("comi", vec![3]), ("কুমি", vec![3]), ("rcu", vec![])]
        {
            assert_eq!(ids(PlaceKind::Area, &search(text)), found, "{text}");
        }
        assert_eq!(ids(PlaceKind::Region, &search("ঢাকা")), [1]);
        let regions = |ids: &[i64]| PlaceFilter {
            regions: Some(ids.iter().copied().map(RegionId::new).collect()),
            ..PlaceFilter::default()
        };
        assert_eq!(ids(PlaceKind::Area, &regions(&[2])), [3, 2]);
        assert_eq!(ids(PlaceKind::Territory, &regions(&[2])), [4, 6]);
        assert_eq!(ids(PlaceKind::Territory, &regions(&[])), [0; 0]);
        let both = PlaceFilter { areas: Some(vec![AreaId::new(3), AreaId::new(1)]), ..regions(&[2]) };
        assert_eq!(ids(PlaceKind::Territory, &both), [6]);
    }

    #[test]
    fn other_spellings_are_found_and_walked() {
        let map = map();
        assert_eq!(map.areas.called("Comilla"), [AreaId::new(3)]);
        let mut request = PageRequest::first(Limit::parse(1).unwrap());
        let first = map.aliases(&AliasFilter::default(), &request);
        request.after = first.next.clone();
        let second = map.aliases(&AliasFilter::default(), &request);
        let ids = [first, second].map(|page| (page.rows[0].id, page.next.is_some()));
        assert_eq!(ids, [(1, true), (2, false)]);
    }

    #[test]
    fn a_walk_meets_each_place_once() {
        let mut request = PageRequest::first(Limit::parse(1).unwrap());
        let mut walked = Vec::new();
        loop {
            let page = map().list(PlaceKind::Area, &PlaceFilter::default(), &request);
            walked.extend(page.rows.iter().map(|row| row.place.id));
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
        assert_eq!(walked, [3, 1, 2]);
    }
}
