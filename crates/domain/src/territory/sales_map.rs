use std::collections::BTreeMap;
use std::ops::Bound;

use super::{
    AliasFilter, Ancestors, NameLanguage, NamedRef, Place, PlaceAlias, PlaceKey, PlaceKind,
    PlaceWithAncestors, Places,
};
use crate::shared::{
    AreaId, DistributorId, Page, PageRequest, RegionId, SearchMatch, SearchText, TerritoryId,
};

/// All places and distributors of a tenant: some hundred rows that change rarely and that every response
/// includes.
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

/// The filter of a list of places; all given parts must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceFilter {
    /// Places with this text in one of their names.
    pub search: Option<SearchText>,
    /// Places in one of these regions.
    pub regions: Option<Vec<RegionId>>,
    /// Places in one of these areas.
    pub areas: Option<Vec<AreaId>>,
    /// Places with one of these ids.
    pub ids: Option<Vec<i64>>,
}

impl SalesMap {
    /// Adds an alternative spelling of a place on the map, by which the place can also be found.
    pub fn add_alias(&mut self, alias: PlaceAlias) {
        let (id, name) = (alias.place.id, alias.alias.clone());
        match alias.kind.get() {
            PlaceKind::Region => self.regions.add_alias(RegionId::new(id), name),
            PlaceKind::Area => self.areas.add_alias(AreaId::new(id), name),
            PlaceKind::Territory => self.territories.add_alias(TerritoryId::new(id), name),
            PlaceKind::Distributor => self.distributors.add_alias(DistributorId::new(id), name),
        }
        self.aliases.insert(alias.key(), alias);
    }

    /// Returns the areas of a region, in no order.
    pub fn areas_of(&self, region: RegionId) -> impl Iterator<Item = AreaId> + '_ {
        self.areas.iter().filter(move |(_, area)| area.parent == Some(region.get())).map(|(id, _)| id)
    }

    /// Returns the approximate memory use in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let aliases =
            self.aliases.values().map(|alias| size_of::<(PlaceKey, PlaceAlias)>() + alias.alias.len());
        self.regions.size()
            + self.areas.size()
            + self.territories.size()
            + self.distributors.size()
            + aliases.sum::<usize>()
    }

    /// Returns a page of the alternative spellings, sorted by spelling and id.
    #[must_use]
    pub fn aliases(&self, filter: &AliasFilter, page: &PageRequest<PlaceKey>) -> Page<PlaceAlias, PlaceKey> {
        let start = page.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let after = self.aliases.range::<PlaceKey, _>((start, Bound::Unbounded));
        let rows = after
            .map(|(_, alias)| alias)
            .filter(|alias| filter.matches(alias))
            .take(usize::from(page.limit.get()) + 1)
            .cloned()
            .collect();
        Page::from_surplus(rows, page.limit, PlaceAlias::key)
    }

    /// Returns a place and its ancestors, if it is on the map.
    #[must_use]
    pub fn find(&self, kind: PlaceKind, id: i64) -> Option<PlaceWithAncestors> {
        let place = match kind {
            PlaceKind::Region => self.regions.get(RegionId::new(id)),
            PlaceKind::Area => self.areas.get(AreaId::new(id)),
            PlaceKind::Territory => self.territories.get(TerritoryId::new(id)),
            PlaceKind::Distributor => self.distributors.get(DistributorId::new(id)),
        };
        place.map(|place| PlaceWithAncestors { ancestors: self.ancestors(kind, place), place: place.clone() })
    }

    /// Returns the names that several places of a kind with the same parent share, each with these places by id.
    #[must_use]
    pub fn shared_names(&self, kind: PlaceKind) -> Vec<(&str, Vec<&Place>)> {
        match kind {
            PlaceKind::Region => self.regions.shared_names(),
            PlaceKind::Area => self.areas.shared_names(),
            PlaceKind::Territory => self.territories.shared_names(),
            PlaceKind::Distributor => self.distributors.shared_names(),
        }
    }

    /// Returns a page of the places of a kind, sorted by name and id.
    #[must_use]
    pub fn list(
        &self,
        kind: PlaceKind,
        filter: &PlaceFilter,
        page: &PageRequest<PlaceKey>,
    ) -> Page<PlaceWithAncestors, PlaceKey> {
        let after = page.after.as_ref();
        match kind {
            PlaceKind::Region => self.page(kind, filter, page, self.regions.after(after)),
            PlaceKind::Area => self.page(kind, filter, page, self.areas.after(after)),
            PlaceKind::Territory => self.page(kind, filter, page, self.territories.after(after)),
            PlaceKind::Distributor => self.page(kind, filter, page, self.distributors.after(after)),
        }
    }

    /// Returns a place with its names and those of its ancestors in a language.
    #[must_use]
    pub fn in_language(&self, row: PlaceWithAncestors, language: NameLanguage) -> PlaceWithAncestors {
        let PlaceWithAncestors { place, ancestors: Ancestors { area, region } } = row;
        let named = |reference: NamedRef, found: Option<&Place>| NamedRef {
            name: found.map_or_else(|| reference.name.clone(), |place| place.name_in(language).clone()),
            ..reference
        };
        let area = area.map(|area| {
            let found = self.areas.get(AreaId::new(area.id));
            named(area, found)
        });
        let region = region.map(|region| {
            let found = self.regions.get(RegionId::new(region.id));
            named(region, found)
        });
        let place = Place { name: place.name_in(language).clone(), ..place };
        PlaceWithAncestors { place, ancestors: Ancestors { area, region } }
    }

    fn page<'a>(
        &self,
        kind: PlaceKind,
        filter: &PlaceFilter,
        page: &PageRequest<PlaceKey>,
        places: impl Iterator<Item = (&'a Place, &'a str)>,
    ) -> Page<PlaceWithAncestors, PlaceKey> {
        let rows = places
            .filter(|(place, _)| filter.ids.as_ref().is_none_or(|ids| ids.contains(&place.id)))
            .filter(|(_, key)| {
                filter.search.as_ref().is_none_or(|search| search.is_in(key, SearchMatch::Text))
            })
            .map(|(place, _)| PlaceWithAncestors {
                ancestors: self.ancestors(kind, place),
                place: place.clone(),
            })
            .filter(|row| filter.matches(&row.ancestors))
            .take(usize::from(page.limit.get()) + 1)
            .collect();
        Page::from_surplus(rows, page.limit, |row| PlaceKey::of(&row.place))
    }

    fn ancestors(&self, kind: PlaceKind, place: &Place) -> Ancestors {
        let named = |place: &Place| NamedRef { id: place.id, name: place.name.clone() };
        let (area, region) = match kind {
            PlaceKind::Region | PlaceKind::Distributor => (None, None),
            PlaceKind::Area => (None, place.parent),
            PlaceKind::Territory => {
                let area = place.parent.and_then(|id| self.areas.get(AreaId::new(id)));
                (area, area.and_then(|area| area.parent))
            }
        };
        let region = region.and_then(|id| self.regions.get(RegionId::new(id)));
        Ancestors { area: area.map(named), region: region.map(named) }
    }
}

impl PlaceFilter {
    /// Returns true if a place with these ancestors matches.
    fn matches(&self, ancestors: &Ancestors) -> bool {
        let id = |place: &Option<NamedRef>| place.as_ref().map(|place| place.id);
        let (area, region) = (id(&ancestors.area).map(AreaId::new), id(&ancestors.region).map(RegionId::new));
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
            let place = NamedRef { id: 3, name: "Cumilla".into() };
            map.add_alias(PlaceAlias { id, kind, place, alias: alias.into() });
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
    fn finds_a_place_with_its_ancestors() {
        let found = map().find(PlaceKind::Territory, 4).unwrap();
        let named = |id, name: &str| Some(NamedRef { id, name: name.into() });
        assert_eq!(found.ancestors, Ancestors { area: named(2, "Sadar"), region: named(2, "Khulna") });
        let found = map().find(PlaceKind::Area, 1).unwrap();
        assert_eq!(found.ancestors, Ancestors { area: None, region: named(1, "Dhaka") });
        assert_eq!(map().find(PlaceKind::Region, 1).unwrap().ancestors, Ancestors::default());
        assert_eq!(map().find(PlaceKind::Distributor, 1), None);
    }

    #[test]
    fn the_size_grows_with_places_and_their_names() {
        let mut map = map();
        let before = map.size();
        assert!((1_000..10_000).contains(&before), "{before}");
        map.regions.add(RegionId::new(3), place(3, &"x".repeat(1_000), None, None));
        assert!((2_500..5_000).contains(&(map.size() - before)), "{}", map.size() - before);
    }

    #[test]
    fn names_are_in_bangla_or_else_in_english() {
        let map = map();
        let names = |kind, id, language| {
            let row = map.in_language(map.find(kind, id).unwrap(), language);
            let name = |place: Option<NamedRef>| place.map(|place| place.name.to_string());
            (row.place.name.to_string(), name(row.ancestors.area), name(row.ancestors.region))
        };
        let expected = |place: &str, area: &str, region: &str| {
            (place.to_owned(), Some(area.to_owned()), Some(region.to_owned()))
        };
        let (en, bn) = (NameLanguage::English, NameLanguage::Bangla);
        assert_eq!(names(PlaceKind::Territory, 5, en), expected("Bazar", "Sadar", "Dhaka"));
        assert_eq!(names(PlaceKind::Territory, 5, bn), expected("বাজার", "Sadar", "ঢাকা"));
        assert_eq!(names(PlaceKind::Territory, 4, bn), expected("বাজার", "Sadar", "Khulna"));
        assert_eq!(map.regions.name_in(RegionId::new(1), bn), Some("ঢাকা"));
        assert_eq!(map.regions.name_in(RegionId::new(2), bn), Some("Khulna"));
        assert_eq!(map.regions.name_in(RegionId::new(3), bn), None);
        for word in NameLanguage::WORDS {
            assert!(NameLanguage::from_name(word).is_some());
        }
    }

    #[test]
    fn filters_by_any_name_and_by_ancestor() {
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
    fn finds_and_pages_alternative_spellings() {
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
    fn pages_contain_each_place_once() {
        let mut request = PageRequest::first(Limit::parse(1).unwrap());
        let mut collected = Vec::new();
        loop {
            let page = map().list(PlaceKind::Area, &PlaceFilter::default(), &request);
            collected.extend(page.rows.iter().map(|row| row.place.id));
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
        assert_eq!(collected, [3, 1, 2]);
    }
}
