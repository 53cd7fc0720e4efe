use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{SeedArea, SeedPlaceAlias, SeedPlaceKind, SeedRegion, SeedTerritory};

/// The files of the `seed/` folder, as text. See its README for their columns and sources.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeedFiles {
    /// `regions.csv`
    pub(super) regions: &'static str,
    /// `areas.csv`
    pub(super) areas: &'static str,
    /// `territories.csv`
    pub(super) territories: &'static str,
    /// `unions.csv`
    pub(super) unions: &'static str,
    /// `retailer_name_parts.csv`
    pub(super) retailer_name_parts: &'static str,
    /// `person_names.csv`
    pub(super) person_names: &'static str,
}

impl SeedFiles {
    /// The files compiled into the binary.
    pub(crate) const BUILT_IN: Self = Self {
        regions: include_str!("../../../../seed/regions.csv"),
        areas: include_str!("../../../../seed/areas.csv"),
        territories: include_str!("../../../../seed/territories.csv"),
        unions: include_str!("../../../../seed/unions.csv"),
        retailer_name_parts: include_str!("../../../../seed/retailer_name_parts.csv"),
        person_names: include_str!("../../../../seed/person_names.csv"),
    };
}

/// The demo map.
pub(crate) struct Places {
    pub(crate) regions: Vec<SeedRegion>,
    pub(crate) areas: Vec<SeedArea>,
    pub(crate) territories: Vec<SeedTerritory>,
    pub(crate) aliases: Vec<SeedPlaceAlias>,
}

#[derive(Deserialize)]
struct RegionLine {
    id: i64,
    name: String,
    name_bn: String,
    aliases: String,
}

#[derive(Deserialize)]
struct AreaLine {
    id: i64,
    region_id: i64,
    name: String,
    name_bn: String,
    aliases: String,
}

#[derive(Deserialize)]
struct TerritoryLine {
    id: i64,
    area_id: i64,
    name: String,
    name_bn: String,
    aliases: String,
    population_thousands: u32,
}

#[derive(Deserialize)]
struct UnionLine {
    territory_id: i64,
    name: String,
}

/// Parses all lines of a file with a header.
pub(super) fn lines<T: DeserializeOwned>(file: &str) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(file.as_bytes()).deserialize().collect()
}

impl Places {
    pub(crate) fn parse(files: &SeedFiles) -> Result<Self, csv::Error> {
        let mut aliases = Vec::new();
        let mut alias = |kind, place, text: &str| {
            let parts = text.split('|').filter(|part| !part.is_empty());
            aliases.extend(parts.map(|part| SeedPlaceAlias { kind, place, alias: part.to_owned() }));
        };
        let regions: Vec<RegionLine> = lines(files.regions)?;
        for line in &regions {
            alias(SeedPlaceKind::Region, line.id, &line.aliases);
        }
        let areas: Vec<AreaLine> = lines(files.areas)?;
        for line in &areas {
            alias(SeedPlaceKind::Area, line.id, &line.aliases);
        }
        let territories: Vec<TerritoryLine> = lines(files.territories)?;
        for line in &territories {
            alias(SeedPlaceKind::Territory, line.id, &line.aliases);
        }

        let region_of: HashMap<i64, i64> = areas.iter().map(|area| (area.id, area.region_id)).collect();
        let mut unions: HashMap<i64, Vec<String>> = HashMap::new();
        for line in lines::<UnionLine>(files.unions)? {
            unions.entry(line.territory_id).or_default().push(line.name);
        }
        Ok(Self {
            regions: regions
                .into_iter()
                .map(|line| SeedRegion { id: line.id, name: line.name, name_bn: line.name_bn })
                .collect(),
            areas: areas
                .into_iter()
                .map(|line| SeedArea {
                    id: line.id,
                    region: line.region_id,
                    name: line.name,
                    name_bn: line.name_bn,
                })
                .collect(),
            territories: territories
                .into_iter()
                .filter_map(|line| {
                    Some(SeedTerritory {
                        id: line.id,
                        area: line.area_id,
                        region: *region_of.get(&line.area_id)?,
                        name: line.name,
                        name_bn: line.name_bn,
                        weight: line.population_thousands,
                        unions: unions.remove(&line.id).unwrap_or_default(),
                    })
                })
                .collect(),
            aliases,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_map_has_all_places_of_bangladesh() {
        let places = Places::parse(&SeedFiles::BUILT_IN).unwrap();
        assert_eq!(places.regions.len(), 8, "divisions");
        assert_eq!(places.areas.len(), 64, "districts");
        assert_eq!(places.territories.len(), 495 + 61, "upazilas and city thanas");
        let cumilla = places.areas.iter().find(|area| area.name == "Cumilla").unwrap();
        assert_eq!(cumilla.name_bn, "কুমিল্লা");
        assert!(places.aliases.contains(&SeedPlaceAlias {
            kind: SeedPlaceKind::Area,
            place: cumilla.id,
            alias: "Comilla".into(),
        }));
    }

    #[test]
    fn names_are_unique_within_their_parent() {
        let places = Places::parse(&SeedFiles::BUILT_IN).unwrap();
        let areas: HashSet<_> = places.areas.iter().map(|area| (area.region, &area.name)).collect();
        assert_eq!(areas.len(), places.areas.len());
        let territories: HashSet<_> = places.territories.iter().map(|t| (t.area, &t.name)).collect();
        assert_eq!(territories.len(), places.territories.len());
        assert!(places.territories.iter().all(|territory| territory.weight > 0));
    }
}
