//! Places in filters: from names to ids.

use std::hash::Hash;

use haat_domain::shared::{AreaId, DistributorId, RegionId, TerritoryId};
use haat_domain::territory::{Named, Place, PlaceKind, Places, SalesMap};

use super::{PlaceSelector, Refusal, Refused, Text};

/// The number of places that the message about an ambiguous name lists.
const LISTED: usize = 5;

/// The places of a filter: their ids, or `None` where the filter has no place of that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PlaceIds {
    pub(crate) regions: Option<Vec<RegionId>>,
    pub(crate) areas: Option<Vec<AreaId>>,
    pub(crate) territories: Option<Vec<TerritoryId>>,
    pub(crate) distributors: Option<Vec<DistributorId>>,
}

/// A name in a filter belongs to several places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("belongs to several places: {}", .places.join("; "))]
pub struct AmbiguousPlace {
    /// The parameter with the name.
    pub field: &'static str,
    /// The first places with this name, with ids and parents.
    pub places: Vec<String>,
}

impl Refusal for AmbiguousPlace {
    fn refuse(&self) -> Refused {
        let english = format!("{self}. Use an id, or add the region or area");
        let bangla = format!("একাধিক জায়গার এই নাম: {}। আইডি দিন, অথবা অঞ্চল বা এলাকাও দিন", self.places.join("; "));
        Refused::invalid_field(self.field, "ambiguous", Text::new(english, bangla))
    }
}

/// The places that a filter selects.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlaceSelectors<'a> {
    pub(crate) region: Option<&'a PlaceSelector>,
    pub(crate) area: Option<&'a PlaceSelector>,
    pub(crate) territory: Option<&'a PlaceSelector>,
    pub(crate) distributor: Option<&'a PlaceSelector>,
}

impl PlaceSelectors<'_> {
    /// Returns true if a place is selected by name, so that the sales map is needed.
    pub(crate) fn has_names(&self) -> bool {
        let all = [self.region, self.area, self.territory, self.distributor];
        all.into_iter().flatten().any(|place| matches!(place, PlaceSelector::Name(_)))
    }

    /// Returns the ids. A name is looked up within the region and area of the filter. An unknown name matches no place,
    /// like an unknown id.
    ///
    /// # Errors
    /// [`AmbiguousPlace`] if a name belongs to several places.
    pub(crate) fn ids(&self, map: &SalesMap) -> Result<PlaceIds, AmbiguousPlace> {
        let within = |parents: &Option<Vec<i64>>, place: &Place| {
            parents.as_ref().is_none_or(|ids| place.parent.is_some_and(|parent| ids.contains(&parent)))
        };
        let one = Selection { map, kind: PlaceKind::Region, places: &map.regions, of: RegionId::new };
        let regions = one.of(self.region, |_| true)?;
        let region_ids = regions.as_ref().map(|ids| ids.iter().map(|id| id.get()).collect());
        let one = Selection { map, kind: PlaceKind::Area, places: &map.areas, of: AreaId::new };
        let areas = one.of(self.area, |area| within(&region_ids, area))?;
        let area_ids = areas.as_ref().map(|ids| ids.iter().map(|id| id.get()).collect());
        let one =
            Selection { map, kind: PlaceKind::Territory, places: &map.territories, of: TerritoryId::new };
        let territories = one.of(self.territory, |territory| {
            let area = territory.parent.and_then(|area| map.areas.get(AreaId::new(area)));
            within(&area_ids, territory) && area.is_some_and(|area| within(&region_ids, area))
        })?;
        let kind = PlaceKind::Distributor;
        let one = Selection { map, kind, places: &map.distributors, of: DistributorId::new };
        let distributors = one.of(self.distributor, |_| true)?;
        Ok(PlaceIds { regions, areas, territories, distributors })
    }
}

/// Finds the places of one kind.
struct Selection<'a, Id: Eq + Hash> {
    map: &'a SalesMap,
    kind: PlaceKind,
    places: &'a Places<Id>,
    of: fn(i64) -> Id,
}

impl<Id: Copy + Eq + Hash> Selection<'_, Id> {
    /// Returns the id of the selected place.
    fn of(
        &self,
        selector: Option<&PlaceSelector>,
        is_within: impl Fn(&Place) -> bool,
    ) -> Result<Option<Vec<Id>>, AmbiguousPlace> {
        let name = match selector {
            None => return Ok(None),
            Some(PlaceSelector::Id(id)) => return Ok(Some(vec![(self.of)(*id)])),
            Some(PlaceSelector::Name(name)) => name,
        };
        match self.places.named(name, |id| self.places.get(id).is_some_and(&is_within)) {
            Named::One(id) => Ok(Some(vec![id])),
            Named::None => Ok(Some(Vec::new())),
            Named::Several(ids) => {
                let found = ids.iter().filter_map(|id| self.places.get(*id));
                let mut places: Vec<String> =
                    found.take(LISTED).map(|place| self.describe(place.id)).collect();
                if ids.len() > LISTED {
                    places.push("…".to_owned());
                }
                Err(AmbiguousPlace { field: self.kind.as_str(), places })
            }
        }
    }

    /// Describes a place by name, parents and id.
    fn describe(&self, id: i64) -> String {
        let Some(found) = self.map.find(self.kind, id) else {
            return format!("id {id}");
        };
        let parents = [found.ancestors.area, found.ancestors.region];
        let names = parents.iter().flatten().map(|parent| &*parent.name);
        let path: Vec<&str> = std::iter::once(&*found.place.name).chain(names).collect();
        format!("{} (id {id})", path.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two regions with an area Sadar each; territory Bazar in both areas, and bazar in the second.
    fn map() -> SalesMap {
        let place =
            |id, name: &str, parent| Place { id, name: name.into(), name_bn: None, parent, version: 1 };
        let mut map = SalesMap::default();
        map.regions.add(RegionId::new(1), place(1, "Dhaka", None));
        map.regions.add(RegionId::new(2), place(2, "Khulna", None));
        map.areas.add(AreaId::new(3), place(3, "Sadar", Some(1)));
        map.areas.add(AreaId::new(4), place(4, "Sadar", Some(2)));
        map.areas.add(AreaId::new(5), place(5, "Savar", Some(1)));
        map.territories.add(TerritoryId::new(6), place(6, "Bazar", Some(3)));
        map.territories.add(TerritoryId::new(7), place(7, "bazar", Some(4)));
        map.territories.add(TerritoryId::new(8), place(8, "BAZAR", Some(4)));
        map
    }

    fn name(text: &str) -> PlaceSelector {
        PlaceSelector::Name(text.into())
    }

    fn select(
        region: Option<&PlaceSelector>,
        area: Option<&PlaceSelector>,
        territory: Option<&PlaceSelector>,
    ) -> Result<[Option<Vec<i64>>; 3], AmbiguousPlace> {
        let ids = PlaceSelectors { region, area, territory, distributor: None }.ids(&map())?;
        Ok([
            ids.regions.map(|ids| ids.iter().map(|id| id.get()).collect()),
            ids.areas.map(|ids| ids.iter().map(|id| id.get()).collect()),
            ids.territories.map(|ids| ids.iter().map(|id| id.get()).collect()),
        ])
    }

    #[test]
    fn folds_names_and_looks_within_the_parents() {
        let (dhaka, khulna, sadar) = (name("dhaka "), name("KHULNA"), name("sadar"));
        let some = |id| Some(vec![id]);
        assert_eq!(select(Some(&dhaka), Some(&sadar), None), Ok([some(1), some(3), None]));
        assert_eq!(select(Some(&dhaka), Some(&sadar), Some(&name("Bazar"))), Ok([some(1), some(3), some(6)]));
        assert_eq!(select(Some(&dhaka), None, Some(&name("bAzAr"))), Ok([some(1), None, some(6)]));
        assert_eq!(select(None, Some(&name("savar")), None), Ok([None, some(5), None]));
        assert_eq!(select(Some(&khulna), Some(&name("savar")), None), Ok([some(2), Some(vec![]), None]));
        assert_eq!(select(None, None, Some(&name("BAZAR"))), Ok([None, None, some(8)]), "the exact spelling");
        assert_eq!(select(Some(&PlaceSelector::Id(9)), None, None), Ok([some(9), None, None]));
    }

    #[test]
    fn lists_the_places_of_an_ambiguous_name() {
        let places = ["Sadar, Dhaka (id 3)", "Sadar, Khulna (id 4)"].map(str::to_owned).to_vec();
        assert_eq!(select(None, Some(&name("SADAR")), None), Err(AmbiguousPlace { field: "area", places }));
        let places =
            ["bazar, Sadar, Khulna (id 7)", "BAZAR, Sadar, Khulna (id 8)"].map(str::to_owned).to_vec();
        let khulna = name("Khulna");
        let expected = Err(AmbiguousPlace { field: "territory", places });
        assert_eq!(select(Some(&khulna), None, Some(&name("Bazar"))), expected);
    }
}
