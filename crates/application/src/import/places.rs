//! The places that rows refer to: on the map or to be created.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use haat_domain::import::{Column, NewPlace, RowPlace};
use haat_domain::shared::{AreaId, DistributorId, RegionId, TerritoryId, TextError, csv_number, fold};
use haat_domain::territory::{Named, PlaceName, Places, SalesMap};

/// The most places that one file can create. A file with more most likely uses another column as a
/// place.
const MAX_NEW: usize = 10_000;

/// The most spellings of places kept in memory.
const MAX_REMEMBERED: usize = 100_000;

/// The cells of a row that refer to a place: an id, a name, or both. An empty cell is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PlaceCells<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

/// The cells of a row that refer to its region, area and territory.
pub(super) type TerritoryCells<'a> = [PlaceCells<'a>; 3];

/// An error in a place: the column and the error code.
pub(super) type Fault = (Column, &'static str);

/// The place of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resolved<Id> {
    /// On the map, or named by an earlier row.
    Settled(RowPlace<Id>),
    /// To be created, if the row has no errors.
    New(NewPlace),
}

/// Resolves the places of rows.
pub(super) struct RowPlaces {
    map: Arc<SalesMap>,
    create: bool,
    /// Keyed by all place cells of a row.
    territories: HashMap<String, RowPlace<TerritoryId>>,
    distributors: HashMap<String, RowPlace<DistributorId>>,
    /// The numbers of the places to be created, keyed by their folded names.
    numbers: HashMap<NewPlace, i32>,
    /// The first spelling of each region and area to be created, keyed by the folded name.
    spellings: HashMap<String, String>,
    new: Vec<(i32, NewPlace)>,
}

impl RowPlaces {
    pub(super) fn new(map: Arc<SalesMap>, create: bool) -> Self {
        Self {
            map,
            create,
            territories: HashMap::new(),
            distributors: HashMap::new(),
            numbers: HashMap::new(),
            spellings: HashMap::new(),
            new: Vec::new(),
        }
    }

    /// Returns the new places found since the last call.
    pub(super) fn take_new(&mut self) -> Vec<(i32, NewPlace)> {
        std::mem::take(&mut self.new)
    }

    /// Resolves the territory of a row.
    pub(super) fn territory(
        &mut self,
        cells: &TerritoryCells<'_>,
    ) -> Result<Resolved<TerritoryId>, Vec<Fault>> {
        let key = key(cells);
        if let Some(settled) = self.territories.get(&key) {
            return Ok(Resolved::Settled(*settled));
        }
        let missing = missing(cells);
        if !missing.is_empty() {
            return Err(missing);
        }
        let resolved = self.find_territory(cells).map_err(|fault| vec![fault])?;
        if let Resolved::Settled(place) = resolved {
            remember(&mut self.territories, key, place);
        }
        Ok(resolved)
    }

    /// Resolves the distributor of a row; `None` if its cells are empty.
    pub(super) fn distributor(
        &mut self,
        cells: PlaceCells<'_>,
    ) -> Result<Option<Resolved<DistributorId>>, Fault> {
        let key = key(&[cells]);
        if let Some(settled) = self.distributors.get(&key) {
            return Ok(Some(Resolved::Settled(*settled)));
        }
        match self.find(&DISTRIBUTOR, &self.map.distributors, cells, |_| true)? {
            Level::Absent => Ok(None),
            Level::Known(id) => {
                remember(&mut self.distributors, key, RowPlace::Known(id));
                Ok(Some(Resolved::Settled(RowPlace::Known(id))))
            }
            Level::New(name) => Ok(Some(Resolved::New(NewPlace::Distributor(name.as_str().to_owned())))),
        }
    }

    /// Settles the territory of a row without errors. A territory to be created gets a number derived from
    /// the first row that names it, so that a restarted run assigns the same number even if the map has
    /// changed since.
    pub(super) fn settle_territory(
        &mut self,
        row: i64,
        cells: &TerritoryCells<'_>,
        resolved: Resolved<TerritoryId>,
    ) -> RowPlace<TerritoryId> {
        match resolved {
            Resolved::Settled(place) => place,
            Resolved::New(new) => {
                let place = RowPlace::New(self.number(2 * row - 1, new));
                remember(&mut self.territories, key(cells), place);
                place
            }
        }
    }

    /// Settles the distributor of a row without errors, in the same way.
    pub(super) fn settle_distributor(
        &mut self,
        row: i64,
        cells: PlaceCells<'_>,
        resolved: Resolved<DistributorId>,
    ) -> RowPlace<DistributorId> {
        match resolved {
            Resolved::Settled(place) => place,
            Resolved::New(new) => {
                let place = RowPlace::New(self.number(2 * row, new));
                remember(&mut self.distributors, key(&[cells]), place);
                place
            }
        }
    }

    fn find_territory(&self, cells: &TerritoryCells<'_>) -> Result<Resolved<TerritoryId>, Fault> {
        let map = &*self.map;
        let [region, area, territory] = *cells;
        let region = self.find(&REGION, &map.regions, region, |_| true)?;
        let region_of = |area: AreaId| Some(RegionId::new(map.areas.get(area)?.parent?));
        let area_of = |territory: TerritoryId| Some(AreaId::new(map.territories.get(territory)?.parent?));
        let in_region = |area: AreaId| match region {
            Level::Absent => true,
            Level::Known(region) => region_of(area) == Some(region),
            Level::New(_) => false,
        };
        let area = self.find(&AREA, &map.areas, area, in_region)?;
        let in_area = |territory: TerritoryId| match area {
            Level::Absent => area_of(territory).is_some_and(in_region),
            Level::Known(area) => area_of(territory) == Some(area),
            Level::New(_) => false,
        };
        let territory = match self.find(&TERRITORY, &map.territories, territory, in_area)? {
            Level::Known(id) => return Ok(Resolved::Settled(RowPlace::Known(id))),
            Level::New(name) => name.as_str().to_owned(),
            Level::Absent => return Err((Column::Territory, "required")),
        };
        let (region, area) = match (region, area) {
            (_, Level::Known(area)) => (Ok(region_of(area).ok_or((Column::Area, "not-found"))?), Ok(area)),
            (Level::Known(region), Level::New(area)) => (Ok(region), Err(area.as_str().to_owned())),
            (Level::New(region), Level::New(area)) => {
                (Err(region.as_str().to_owned()), Err(area.as_str().to_owned()))
            }
            (Level::Absent, Level::New(_)) => return Err((Column::Region, "required")),
            (_, Level::Absent) => return Err((Column::Area, "required")),
        };
        Ok(Resolved::New(NewPlace::Territory { region, area, territory }))
    }

    /// Finds a place of a kind by its id, or by any of its names among the places for which `within` is true.
    fn find<Id: Copy + Eq + Hash>(
        &self,
        kind: &Kind<Id>,
        places: &Places<Id>,
        cells: PlaceCells<'_>,
        within: impl Fn(Id) -> bool,
    ) -> Result<Level<Id>, Fault> {
        if let Some(text) = cells.id {
            let id = csv_number(text).ok_or((kind.id, "invalid"))?;
            let id = (kind.of)(id);
            places.get(id).ok_or((kind.id, "not-found"))?;
            return match cells.name {
                _ if !within(id) => Err((kind.id, "mismatch")),
                Some(name) if !places.called_like(name).contains(&id) => Err((kind.name, "mismatch")),
                _ => Ok(Level::Known(id)),
            };
        }
        let Some(name) = cells.name else {
            return Ok(Level::Absent);
        };
        match places.named(name, within) {
            Named::One(id) => Ok(Level::Known(id)),
            Named::None if !self.create => Err((kind.name, "not-found")),
            Named::None if self.numbers.len() >= MAX_NEW => Err((kind.name, "too-many-new")),
            Named::None => match PlaceName::parse(name) {
                Ok(name) => Ok(Level::New(name)),
                Err(TextError::TooLong { .. }) => Err((kind.name, "too-long")),
                Err(_) => Err((kind.name, "invalid")),
            },
            Named::Several(_) => Err((kind.name, "ambiguous")),
        }
    }

    /// Returns the number of a place to be created. Names that differ only in case and blanks are the same
    /// place, with the spelling that comes first.
    fn number(&mut self, number: i64, new: NewPlace) -> i32 {
        if let Some(known) = self.numbers.get(&folded(&new)) {
            return *known;
        }
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        self.numbers.insert(folded(&new), number);
        let new = self.as_first_spelled(new);
        self.new.push((number, new));
        number
    }

    fn as_first_spelled(&mut self, new: NewPlace) -> NewPlace {
        let NewPlace::Territory { region, area, territory } = new else {
            return new;
        };
        let parent = region.as_ref().map_or_else(|name| fold(name), ToString::to_string);
        let region = region.map_err(|name| self.spellings.entry(fold(&name)).or_insert(name).clone());
        let area = area.map_err(|name| {
            let path = format!("{parent}\n{}", fold(&name));
            self.spellings.entry(path).or_insert(name).clone()
        });
        NewPlace::Territory { region, area, territory }
    }
}

/// A kind of place and its two columns.
struct Kind<Id> {
    id: Column,
    name: Column,
    of: fn(i64) -> Id,
}

const REGION: Kind<RegionId> = Kind { id: Column::RegionId, name: Column::Region, of: RegionId::new };
const AREA: Kind<AreaId> = Kind { id: Column::AreaId, name: Column::Area, of: AreaId::new };
const TERRITORY: Kind<TerritoryId> =
    Kind { id: Column::TerritoryId, name: Column::Territory, of: TerritoryId::new };
const DISTRIBUTOR: Kind<DistributorId> =
    Kind { id: Column::DistributorId, name: Column::Distributor, of: DistributorId::new };

/// The place that a row gives at one level of the map.
enum Level<Id> {
    Absent,
    Known(Id),
    New(PlaceName),
}

/// Returns the columns that a row must fill in and does not. The parents of a place follow from its id.
fn missing([region, area, territory]: &TerritoryCells<'_>) -> Vec<Fault> {
    let is_present = |place: &PlaceCells<'_>| place.id.is_some() || place.name.is_some();
    let levels = [
        (Column::Region, territory.id.is_some() || area.id.is_some() || is_present(region)),
        (Column::Area, territory.id.is_some() || is_present(area)),
        (Column::Territory, is_present(territory)),
    ];
    levels.into_iter().filter(|(_, is_given)| !is_given).map(|(column, _)| (column, "required")).collect()
}

/// A key made of all cells of a place. Names cannot contain the separator.
fn key(cells: &[PlaceCells<'_>]) -> String {
    let mut key = String::with_capacity(64);
    for part in cells.iter().flat_map(|place| [place.id, place.name]) {
        key.push_str(part.unwrap_or_default());
        key.push('\u{1F}');
    }
    key
}

fn remember<Id>(known: &mut HashMap<String, Id>, key: String, place: Id) {
    if known.len() < MAX_REMEMBERED {
        known.insert(key, place);
    }
}

fn folded(place: &NewPlace) -> NewPlace {
    match place {
        NewPlace::Territory { region, area, territory } => NewPlace::Territory {
            region: region.as_ref().map(|id| *id).map_err(|name| fold(name)),
            area: area.as_ref().map(|id| *id).map_err(|name| fold(name)),
            territory: fold(territory),
        },
        NewPlace::Distributor(name) => NewPlace::Distributor(fold(name)),
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::territory::Place;

    use super::*;

    fn place(id: i64, name: &str, name_bn: Option<&str>, parent: Option<i64>) -> Place {
        Place { id, name: name.into(), name_bn: name_bn.map(Into::into), parent, version: 1 }
    }

    /// A map in which areas of two regions share a name, and territories of three areas share a name.
    fn map() -> SalesMap {
        let mut map = SalesMap::default();
        map.regions.add(RegionId::new(1), place(1, "Dhaka", Some("ঢাকা"), None));
        map.regions.add(RegionId::new(2), place(2, "Khulna", None, None));
        for (id, name, region) in [(1, "Sadar", 1), (2, "Sadar", 2), (3, "Cumilla", 2), (4, "SADAR", 2)] {
            map.areas.add(AreaId::new(id), place(id, name, None, Some(region)));
        }
        map.areas.add_alias(AreaId::new(3), "Comilla");
        for (id, area) in [(5, 1), (6, 2), (7, 3)] {
            map.territories.add(TerritoryId::new(id), place(id, "Bazar", Some("বাজার"), Some(area)));
        }
        map.distributors.add(DistributorId::new(8), place(8, "Rahman Traders", None, None));
        map
    }

    /// Cells from a text: `#` marks an id, which a name may follow.
    fn cells(text: &str) -> PlaceCells<'_> {
        match (text, text.strip_prefix('#')) {
            ("", _) => PlaceCells::default(),
            (_, Some(both)) => match both.split_once(' ') {
                Some((id, name)) => PlaceCells { id: Some(id), name: Some(name) },
                None => PlaceCells { id: Some(both), name: None },
            },
            (name, None) => PlaceCells { id: None, name: Some(name) },
        }
    }

    fn resolve(create: bool, texts: [&str; 3]) -> Result<Resolved<TerritoryId>, Vec<Fault>> {
        let mut places = RowPlaces::new(Arc::new(map()), create);
        let first = places.territory(&texts.map(cells));
        assert_eq!(places.territory(&texts.map(cells)), first, "with and without the cache");
        first
    }

    #[test]
    fn finds_a_territory_by_names_within_its_parents_and_by_ids() {
        for (texts, id) in [
            (["Dhaka", "Sadar", "Bazar"], 5),
            (["ঢাকা", "sadar ", "বাজার"], 5),
            (["KHULNA", "Sadar", "bazar"], 6),
            (["Khulna", "Comilla", "Bazar"], 7),
            (["#2", "#3", "Bazar"], 7),
            (["", "#২", "Bazar"], 6),
            (["", "", "#6"], 6),
            (["Khulna", "", "#6"], 6),
            (["#2 khulna", "#3 Comilla", "#7 BAZAR"], 7),
        ] {
            assert_eq!(
                resolve(false, texts),
                Ok(Resolved::Settled(RowPlace::Known(TerritoryId::new(id)))),
                "{texts:?}"
            );
        }
    }

    #[test]
    fn reports_each_error_in_its_column() {
        use Column::{Area, AreaId, Region, RegionId, Territory, TerritoryId};
        for (texts, fault) in [
            (["Dhak", "Sadar", "Bazar"], (Region, "not-found")),
            (["Dhaka", "Cumilla", "Bazar"], (Area, "not-found")),
            (["Dhaka", "Sadar", "Bazaar"], (Territory, "not-found")),
            (["Khulna", "sadar", "Bazar"], (Area, "ambiguous")),
            (["#9", "Sadar", "Bazar"], (RegionId, "not-found")),
            (["#x", "Sadar", "Bazar"], (RegionId, "invalid")),
            (["#+1", "Sadar", "Bazar"], (RegionId, "invalid")),
            (["#99999999999999999999", "Sadar", "Bazar"], (RegionId, "invalid")),
            (["Dhaka", "#2", "Bazar"], (AreaId, "mismatch")),
            (["Dhaka", "", "#6"], (TerritoryId, "mismatch")),
            (["Dhaka", "Sadar", "#6"], (TerritoryId, "mismatch")),
            (["#1 Khulna", "Sadar", "Bazar"], (Region, "mismatch")),
            (["", "", "#6 Bazaar"], (Territory, "mismatch")),
        ] {
            assert_eq!(resolve(false, texts), Err(vec![fault]), "{texts:?}");
        }
        let required = |columns: &[Column]| Err(columns.iter().map(|column| (*column, "required")).collect());
        assert_eq!(resolve(true, ["", "", ""]), required(&[Region, Area, Territory]));
        assert_eq!(resolve(true, ["", "Sadar", "Bazar"]), required(&[Region]));
        assert_eq!(resolve(true, ["Dhaka", "#1", ""]), required(&[Territory]));
    }

    #[test]
    fn creates_places_that_are_not_on_the_map() {
        let name = |text: &str| text.to_owned();
        let sadar = haat_domain::shared::AreaId::new(1);
        let dhaka = RegionId::new(1);
        for (texts, region, area) in [
            (["Sylhet", "Sadar", "New"], Err(name("Sylhet")), Err(name("Sadar"))),
            (["Dhaka", " Cumilla", "New"], Ok(dhaka), Err(name("Cumilla"))),
            (["Dhaka", "Sadar", "New"], Ok(dhaka), Ok(sadar)),
            (["", "#1", "New"], Ok(dhaka), Ok(sadar)),
        ] {
            let new = NewPlace::Territory { region, area, territory: name("New") };
            assert_eq!(resolve(true, texts), Ok(Resolved::New(new)), "{texts:?}");
        }
        let long = "x".repeat(201);
        for (texts, fault) in [
            (["Dhaka", "Sadar", "a\tb"], (Column::Territory, "invalid")),
            (["Dhaka", &long, "New"], (Column::Area, "too-long")),
            (["#9", "Sadar", "New"], (Column::RegionId, "not-found")),
            (["Dhaka", "New", "#5"], (Column::TerritoryId, "mismatch")),
            (["Khulna", "sadar", "New"], (Column::Area, "ambiguous")),
        ] {
            assert_eq!(resolve(true, texts), Err(vec![fault]), "{texts:?}");
        }
    }

    /// Settles these territories, one per row, in order.
    fn settle(places: &mut RowPlaces, rows: &[[&str; 3]]) -> Vec<RowPlace<TerritoryId>> {
        let rows = rows.iter().zip(1..);
        rows.map(|(texts, row)| {
            let cells = texts.map(cells);
            let resolved = places.territory(&cells).unwrap();
            places.settle_territory(row, &cells, resolved)
        })
        .collect()
    }

    const ROWS: [[&str; 3]; 5] = [
        ["Dhaka", "Sadar", "Bazar"],
        ["Dhaka", "Sadar", "Ghat"],
        ["Sylhet", "Beani Bazar", "North"],
        ["SYLHET ", "beani  bazar", "South"],
        ["dhaka", "SADAR", "GHAT"],
    ];

    #[test]
    fn a_new_place_is_created_once_for_all_spellings() {
        let mut places = RowPlaces::new(Arc::new(map()), true);
        let known = RowPlace::Known(TerritoryId::new(5));
        let expected = [known, RowPlace::New(3), RowPlace::New(5), RowPlace::New(7), RowPlace::New(3)];
        assert_eq!(settle(&mut places, &ROWS), expected);
        let area = |name: &str| Err(name.to_owned());
        let new = |region, area, name: &str| NewPlace::Territory { region, area, territory: name.to_owned() };
        let new = vec![
            (3, new(Ok(RegionId::new(1)), Ok(AreaId::new(1)), "Ghat")),
            (5, new(Err("Sylhet".to_owned()), area("Beani Bazar"), "North")),
            (7, new(Err("Sylhet".to_owned()), area("Beani Bazar"), "South")),
        ];
        assert_eq!(places.take_new(), new);
        assert_eq!(settle(&mut places, &ROWS), expected);
        assert_eq!(places.take_new(), []);
    }

    #[test]
    fn a_restarted_run_assigns_the_same_numbers() {
        let mut again = RowPlaces::new(Arc::new(map()), true);
        let first = settle(&mut RowPlaces::new(Arc::new(map()), true), &ROWS);
        assert_eq!(settle(&mut again, &ROWS), first);
        // One of the places was added to the map in the meantime: the later ones keep their numbers.
        let mut map = map();
        map.territories.add(TerritoryId::new(9), place(9, "Ghat", None, Some(1)));
        let later = settle(&mut RowPlaces::new(Arc::new(map), true), &ROWS);
        let ghat = RowPlace::Known(TerritoryId::new(9));
        assert_eq!(later, [first[0], ghat, first[2], first[3], ghat]);
    }

    #[test]
    fn finds_or_creates_a_distributor() {
        let mut places = RowPlaces::new(Arc::new(map()), true);
        let known = Resolved::Settled(RowPlace::Known(DistributorId::new(8)));
        for text in ["Rahman Traders", "rahman  traders", "#8", "#8 RAHMAN TRADERS"] {
            assert_eq!(places.distributor(cells(text)), Ok(Some(known.clone())), "{text}");
        }
        assert_eq!(places.distributor(cells("")), Ok(None));
        assert_eq!(places.distributor(cells("#8 Other")), Err((Column::Distributor, "mismatch")));
        assert_eq!(places.distributor(cells("#9")), Err((Column::DistributorId, "not-found")));
        let new = places.distributor(cells("Karim")).unwrap().unwrap();
        assert_eq!(places.settle_distributor(2, cells("Karim"), new), RowPlace::New(4));
        let again = places.distributor(cells("Karim")).unwrap().unwrap();
        assert_eq!(again, Resolved::Settled(RowPlace::New(4)));
        assert_eq!(places.take_new(), [(4, NewPlace::Distributor("Karim".to_owned()))]);
        let mut strict = RowPlaces::new(Arc::new(map()), false);
        assert_eq!(strict.distributor(cells("Karim")), Err((Column::Distributor, "not-found")));
    }

    #[test]
    fn limits_the_new_places_of_a_file() {
        let mut places = RowPlaces::new(Arc::new(map()), true);
        for row in 1..=10_000 {
            let name = format!("D{row}");
            let new = places.distributor(cells(&name)).unwrap().unwrap();
            places.settle_distributor(row, cells(&name), new);
        }
        assert_eq!(places.distributor(cells("More")), Err((Column::Distributor, "too-many-new")));
        assert!(places.distributor(cells("D1")).is_ok());
    }

    #[test]
    fn limits_the_spellings_kept_in_memory() {
        let mut known = HashMap::new();
        for number in 0..=MAX_REMEMBERED {
            remember(&mut known, number.to_string(), number);
        }
        assert_eq!(known.len(), MAX_REMEMBERED);
    }
}
