//! The places that rows name, on the map or to be created.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use haat_domain::import::{Column, NewPlace, RowPlace};
use haat_domain::retailer::fold;
use haat_domain::shared::{AreaId, DistributorId, RegionId, TerritoryId, TextError};
use haat_domain::territory::{PlaceName, Places, SalesMap};

/// The most places that one file creates: who means more has taken another column for that of a place.
const MAX_NEW: usize = 10_000;

/// The most spellings of places that are remembered.
const MAX_REMEMBERED: usize = 100_000;

/// How a row names a place: by id, by name, or both; an empty cell is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

/// How a row names its region, area and territory.
pub(super) type GivenPlace<'a> = [Given<'a>; 3];

/// What is wrong with a place: in which column, and a stable word for it.
pub(super) type Fault = (Column, &'static str);

/// A place of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<Id> {
    /// On the map, or met before.
    Settled(RowPlace<Id>),
    /// To be created, if nothing else is wrong with the row.
    New(NewPlace),
}

/// The places that rows name.
pub(super) struct RowPlaces {
    map: Arc<SalesMap>,
    create: bool,
    /// By all that a row says of it.
    territories: HashMap<String, RowPlace<TerritoryId>>,
    distributors: HashMap<String, RowPlace<DistributorId>>,
    /// Numbers of those to be created, by their names folded.
    numbers: HashMap<NewPlace, i32>,
    /// How regions and areas to be created were spelled first, by their names folded.
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

    /// Places to be created that have been met since this was asked last.
    pub(super) fn take_new(&mut self) -> Vec<(i32, NewPlace)> {
        std::mem::take(&mut self.new)
    }

    /// The territory of a row.
    pub(super) fn territory(&mut self, given: &GivenPlace<'_>) -> Result<Found<TerritoryId>, Vec<Fault>> {
        let key = key(given);
        if let Some(settled) = self.territories.get(&key) {
            return Ok(Found::Settled(*settled));
        }
        let missing = missing(given);
        if !missing.is_empty() {
            return Err(missing);
        }
        let found = self.find_territory(given).map_err(|fault| vec![fault])?;
        if let Found::Settled(place) = found {
            remember(&mut self.territories, key, place);
        }
        Ok(found)
    }

    /// The distributor of a row; `None` where it names none.
    pub(super) fn distributor(&mut self, given: Given<'_>) -> Result<Option<Found<DistributorId>>, Fault> {
        let key = key(&[given]);
        if let Some(settled) = self.distributors.get(&key) {
            return Ok(Some(Found::Settled(*settled)));
        }
        match self.find(&DISTRIBUTOR, &self.map.distributors, given, |_| true)? {
            Level::NotGiven => Ok(None),
            Level::Known(id) => {
                remember(&mut self.distributors, key, RowPlace::Known(id));
                Ok(Some(Found::Settled(RowPlace::Known(id))))
            }
            Level::New(name) => Ok(Some(Found::New(NewPlace::Distributor(name.as_str().to_owned())))),
        }
    }

    /// The territory of a row in which nothing is wrong. One that is to be created gets a number: that of the first such
    /// row, so that a run that begins again gives it the same one, even where the map has changed meanwhile.
    pub(super) fn settle_territory(
        &mut self,
        row: i64,
        given: &GivenPlace<'_>,
        found: Found<TerritoryId>,
    ) -> RowPlace<TerritoryId> {
        match found {
            Found::Settled(place) => place,
            Found::New(new) => {
                let place = RowPlace::New(self.number(2 * row - 1, new));
                remember(&mut self.territories, key(given), place);
                place
            }
        }
    }

    /// The same of its distributor.
    pub(super) fn settle_distributor(
        &mut self,
        row: i64,
        given: Given<'_>,
        found: Found<DistributorId>,
    ) -> RowPlace<DistributorId> {
        match found {
            Found::Settled(place) => place,
            Found::New(new) => {
                let place = RowPlace::New(self.number(2 * row, new));
                remember(&mut self.distributors, key(&[given]), place);
                place
            }
        }
    }

    fn find_territory(&self, given: &GivenPlace<'_>) -> Result<Found<TerritoryId>, Fault> {
        let map = &*self.map;
        let [region, area, territory] = *given;
        let region = self.find(&REGION, &map.regions, region, |_| true)?;
        let region_of = |area: AreaId| Some(RegionId::new(map.areas.get(area)?.parent?));
        let area_of = |territory: TerritoryId| Some(AreaId::new(map.territories.get(territory)?.parent?));
        let in_region = |area: AreaId| match region {
            Level::NotGiven => true,
            Level::Known(region) => region_of(area) == Some(region),
            Level::New(_) => false,
        };
        let area = self.find(&AREA, &map.areas, area, in_region)?;
        let in_area = |territory: TerritoryId| match area {
            Level::NotGiven => area_of(territory).is_some_and(in_region),
            Level::Known(area) => area_of(territory) == Some(area),
            Level::New(_) => false,
        };
        let territory = match self.find(&TERRITORY, &map.territories, territory, in_area)? {
            Level::Known(id) => return Ok(Found::Settled(RowPlace::Known(id))),
            Level::New(name) => name.as_str().to_owned(),
            Level::NotGiven => return Err((Column::Territory, "required")),
        };
        let (region, area) = match (region, area) {
            (_, Level::Known(area)) => (Ok(region_of(area).ok_or((Column::Area, "not-found"))?), Ok(area)),
            (Level::Known(region), Level::New(area)) => (Ok(region), Err(area.as_str().to_owned())),
            (Level::New(region), Level::New(area)) => {
                (Err(region.as_str().to_owned()), Err(area.as_str().to_owned()))
            }
            (Level::NotGiven, Level::New(_)) => return Err((Column::Region, "required")),
            (_, Level::NotGiven) => return Err((Column::Area, "required")),
        };
        Ok(Found::New(NewPlace::Territory { region, area, territory }))
    }

    /// A place of a kind, by its id or, among those that `within` leaves, by any of its names; exactly as it is spelled
    /// before otherwise.
    fn find<Id: Copy + Eq + Hash>(
        &self,
        kind: &Kind<Id>,
        places: &Places<Id>,
        given: Given<'_>,
        within: impl Fn(Id) -> bool,
    ) -> Result<Level<Id>, Fault> {
        let named = given.name.map(|name| {
            [places.called(name), places.called_like(name)]
                .map(|ids| ids.iter().copied().filter(|id| within(*id)).collect::<Vec<Id>>())
        });
        if let Some(text) = given.id {
            let digits = Some(fold(text)).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            let id = digits.and_then(|text| text.parse().ok()).ok_or((kind.id, "invalid"))?;
            let id = (kind.of)(id);
            places.get(id).ok_or((kind.id, "not-found"))?;
            return match named {
                _ if !within(id) => Err((kind.id, "mismatch")),
                Some([_, alike]) if !alike.contains(&id) => Err((kind.name, "mismatch")),
                _ => Ok(Level::Known(id)),
            };
        }
        let (Some(name), Some([exact, alike])) = (given.name, named) else {
            return Ok(Level::NotGiven);
        };
        match (exact.as_slice(), alike.as_slice()) {
            ([id], _) | ([], [id]) => Ok(Level::Known(*id)),
            ([], []) if !self.create => Err((kind.name, "not-found")),
            ([], []) if self.numbers.len() >= MAX_NEW => Err((kind.name, "too-many-new")),
            ([], []) => match PlaceName::parse(name) {
                Ok(name) => Ok(Level::New(name)),
                Err(TextError::TooLong { .. }) => Err((kind.name, "too-long")),
                Err(_) => Err((kind.name, "invalid")),
            },
            _ => Err((kind.name, "ambiguous")),
        }
    }

    /// The number of a place to be created. Names that differ in no more than case and blanks are one, spelled as they came
    /// first.
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
        let above = region.as_ref().map_or_else(|name| fold(name), ToString::to_string);
        let region = region.map_err(|name| self.spellings.entry(fold(&name)).or_insert(name).clone());
        let area = area.map_err(|name| {
            let path = format!("{above}\n{}", fold(&name));
            self.spellings.entry(path).or_insert(name).clone()
        });
        NewPlace::Territory { region, area, territory }
    }
}

/// A kind of places, and the columns that name one of them.
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

/// A place at one level of the map, as a row names it.
enum Level<Id> {
    NotGiven,
    Known(Id),
    New(PlaceName),
}

/// What a row must name and does not. What a place lies in follows from its id.
fn missing([region, area, territory]: &GivenPlace<'_>) -> Vec<Fault> {
    let given = |place: &Given<'_>| place.id.is_some() || place.name.is_some();
    let levels = [
        (Column::Region, territory.id.is_some() || area.id.is_some() || given(region)),
        (Column::Area, territory.id.is_some() || given(area)),
        (Column::Territory, given(territory)),
    ];
    levels.into_iter().filter(|(_, given)| !given).map(|(column, _)| (column, "required")).collect()
}

/// All that a row says of a place. No name has the sign between the parts.
fn key(given: &[Given<'_>]) -> String {
    let mut key = String::with_capacity(64);
    for part in given.iter().flat_map(|place| [place.id, place.name]) {
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

    /// Two regions with an area of one name, and in it territories of one name.
    fn map() -> SalesMap {
        let mut map = SalesMap::default();
        map.regions.add(RegionId::new(1), place(1, "Dhaka", Some("ঢাকা"), None));
        map.regions.add(RegionId::new(2), place(2, "Khulna", None, None));
        for (id, name, region) in [(1, "Sadar", 1), (2, "Sadar", 2), (3, "Cumilla", 2), (4, "SADAR", 2)] {
            map.areas.add(AreaId::new(id), place(id, name, None, Some(region)));
        }
        map.areas.also_called(AreaId::new(3), "Comilla");
        for (id, area) in [(5, 1), (6, 2), (7, 3)] {
            map.territories.add(TerritoryId::new(id), place(id, "Bazar", Some("বাজার"), Some(area)));
        }
        map.distributors.add(DistributorId::new(8), place(8, "Rahman Traders", None, None));
        map
    }

    /// A cell with a `#` is one of an id.
    fn given(text: &str) -> Given<'_> {
        match (text, text.strip_prefix('#')) {
            ("", _) => Given::default(),
            (_, Some(both)) => match both.split_once(' ') {
                Some((id, name)) => Given { id: Some(id), name: Some(name) },
                None => Given { id: Some(both), name: None },
            },
            (name, None) => Given { id: None, name: Some(name) },
        }
    }

    fn found(create: bool, texts: [&str; 3]) -> Result<Found<TerritoryId>, Vec<Fault>> {
        let mut places = RowPlaces::new(Arc::new(map()), create);
        let first = places.territory(&texts.map(given));
        assert_eq!(places.territory(&texts.map(given)), first, "remembered or not");
        first
    }

    #[test]
    fn a_territory_is_found_by_names_within_parents_and_by_ids() {
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
                found(false, texts),
                Ok(Found::Settled(RowPlace::Known(TerritoryId::new(id)))),
                "{texts:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_its_column() {
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
            assert_eq!(found(false, texts), Err(vec![fault]), "{texts:?}");
        }
        let required = |columns: &[Column]| Err(columns.iter().map(|column| (*column, "required")).collect());
        assert_eq!(found(true, ["", "", ""]), required(&[Region, Area, Territory]));
        assert_eq!(found(true, ["", "Sadar", "Bazar"]), required(&[Region]));
        assert_eq!(found(true, ["Dhaka", "#1", ""]), required(&[Territory]));
    }

    #[test]
    fn what_is_not_on_the_map_can_be_created() {
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
            assert_eq!(found(true, texts), Ok(Found::New(new)), "{texts:?}");
        }
        let long = "x".repeat(201);
        for (texts, fault) in [
            (["Dhaka", "Sadar", "a\tb"], (Column::Territory, "invalid")),
            (["Dhaka", &long, "New"], (Column::Area, "too-long")),
            (["#9", "Sadar", "New"], (Column::RegionId, "not-found")),
            (["Dhaka", "New", "#5"], (Column::TerritoryId, "mismatch")),
            (["Khulna", "sadar", "New"], (Column::Area, "ambiguous")),
        ] {
            assert_eq!(found(true, texts), Err(vec![fault]), "{texts:?}");
        }
    }

    /// Settles these territories, each in the row of its place in the list.
    fn settle(places: &mut RowPlaces, rows: &[[&str; 3]]) -> Vec<RowPlace<TerritoryId>> {
        let rows = rows.iter().zip(1..);
        rows.map(|(texts, row)| {
            let given = texts.map(given);
            let found = places.territory(&given).unwrap();
            places.settle_territory(row, &given, found)
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
    fn a_new_place_is_one_however_often_and_however_it_is_spelled() {
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
    fn a_run_that_begins_again_gives_the_same_numbers() {
        let mut again = RowPlaces::new(Arc::new(map()), true);
        let first = settle(&mut RowPlaces::new(Arc::new(map()), true), &ROWS);
        assert_eq!(settle(&mut again, &ROWS), first);
        // Somebody has put one of them on the map meanwhile: those after it keep their numbers.
        let mut map = map();
        map.territories.add(TerritoryId::new(9), place(9, "Ghat", None, Some(1)));
        let later = settle(&mut RowPlaces::new(Arc::new(map), true), &ROWS);
        let ghat = RowPlace::Known(TerritoryId::new(9));
        assert_eq!(later, [first[0], ghat, first[2], first[3], ghat]);
    }

    #[test]
    fn a_distributor_is_found_or_created_beside_territories() {
        let mut places = RowPlaces::new(Arc::new(map()), true);
        let known = Found::Settled(RowPlace::Known(DistributorId::new(8)));
        for text in ["Rahman Traders", "rahman  traders", "#8", "#8 RAHMAN TRADERS"] {
            assert_eq!(places.distributor(given(text)), Ok(Some(known.clone())), "{text}");
        }
        assert_eq!(places.distributor(given("")), Ok(None));
        assert_eq!(places.distributor(given("#8 Other")), Err((Column::Distributor, "mismatch")));
        assert_eq!(places.distributor(given("#9")), Err((Column::DistributorId, "not-found")));
        let new = places.distributor(given("Karim")).unwrap().unwrap();
        assert_eq!(places.settle_distributor(2, given("Karim"), new), RowPlace::New(4));
        let again = places.distributor(given("Karim")).unwrap().unwrap();
        assert_eq!(again, Found::Settled(RowPlace::New(4)));
        assert_eq!(places.take_new(), [(4, NewPlace::Distributor("Karim".to_owned()))]);
        let mut strict = RowPlaces::new(Arc::new(map()), false);
        assert_eq!(strict.distributor(given("Karim")), Err((Column::Distributor, "not-found")));
    }

    #[test]
    fn no_file_creates_a_place_for_every_row() {
        let mut places = RowPlaces::new(Arc::new(map()), true);
        for row in 1..=10_000 {
            let name = format!("D{row}");
            let new = places.distributor(given(&name)).unwrap().unwrap();
            places.settle_distributor(row, given(&name), new);
        }
        assert_eq!(places.distributor(given("More")), Err((Column::Distributor, "too-many-new")));
        assert!(places.distributor(given("D1")).is_ok());
    }

    #[test]
    fn no_file_fills_the_memory_with_spellings() {
        let mut known = HashMap::new();
        for number in 0..=MAX_REMEMBERED {
            remember(&mut known, number.to_string(), number);
        }
        assert_eq!(known.len(), MAX_REMEMBERED);
    }
}
