use serde::Deserialize;

use super::dice::{Dice, Weighted};
use super::places::{SeedFiles, lines};
use crate::SeedTerritory;

/// A value for each script.
struct Scripts<T> {
    latin: T,
    bangla: T,
}

impl<T> Scripts<T> {
    const fn get(&self, bangla: bool) -> &T {
        if bangla { &self.bangla } else { &self.latin }
    }
}

/// A part of a retailer's name.
type Part = Scripts<String>;

/// Generates names of retailers, distributors and people from parts of real names.
pub(crate) struct Names {
    prefixes: Weighted<Part>,
    stems: Weighted<Part>,
    suffixes: Weighted<Part>,
    given: Scripts<Vec<String>>,
    family: Scripts<Vec<String>>,
}

#[derive(Deserialize)]
struct PartLine {
    kind: String,
    name: String,
    name_bn: String,
    weight: u32,
}

#[derive(Deserialize)]
struct PersonLine {
    part: String,
    script: String,
    name: String,
}

impl Names {
    pub(crate) fn parse(files: &SeedFiles) -> Result<Self, csv::Error> {
        let parts = |kind: &str| -> Result<Weighted<Part>, csv::Error> {
            let lines =
                lines::<PartLine>(files.retailer_name_parts)?.into_iter().filter(|line| line.kind == kind);
            Ok(Weighted::new(
                lines.map(|line| (Part { latin: line.name, bangla: line.name_bn }, line.weight)),
            ))
        };
        let people = lines::<PersonLine>(files.person_names)?;
        let person = |part: &str, script: &str| {
            let of_kind = people.iter().filter(|line| line.part == part && line.script == script);
            of_kind.map(|line| line.name.clone()).collect::<Vec<_>>()
        };
        Ok(Self {
            prefixes: parts("prefix")?,
            stems: parts("name")?,
            suffixes: parts("suffix")?,
            given: Scripts { latin: person("given", "latin"), bangla: person("given", "bangla") },
            family: Scripts { latin: person("family", "latin"), bangla: person("family", "bangla") },
        })
    }

    /// Generates a person's name; one in two is in Bangla.
    pub(super) fn person(&self, dice: &mut Dice) -> String {
        let bangla = dice.percent(50);
        [&self.given, &self.family]
            .into_iter()
            .filter_map(|lists| dice.pick(lists.get(bangla)).cloned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Generates a retailer's name; one in three is in Bangla.
    pub(super) fn retailer(&self, dice: &mut Dice, territory: &SeedTerritory) -> String {
        let bangla = dice.percent(33);
        let mut words = Vec::with_capacity(3);
        if dice.percent(18) {
            words.extend(self.prefixes.pick(dice).map(|part| part.get(bangla).as_str()));
        }
        match dice.below(10) {
            0 => words.push(if bangla { &territory.name_bn } else { &territory.name }),
            1 | 2 => words.extend(dice.pick(self.given.get(bangla)).map(String::as_str)),
            _ => words.extend(self.stems.pick(dice).map(|part| part.get(bangla).as_str())),
        }
        words.extend(self.suffixes.pick(dice).map(|part| part.get(bangla).as_str()));
        words.join(" ")
    }

    /// Generates a distributor's name from the owner and the territory.
    pub(super) fn distributor(&self, dice: &mut Dice, territory: &SeedTerritory) -> String {
        const KINDS: Scripts<[&str; 4]> = Scripts {
            latin: ["Traders", "Enterprise", "Distribution House", "& Sons"],
            bangla: ["ট্রেডার্স", "এন্টারপ্রাইজ", "ডিস্ট্রিবিউশন হাউজ", "এন্ড সন্স"],
        };
        let bangla = dice.percent(25);
        let owner = dice.pick(self.family.get(bangla)).map_or("", String::as_str);
        let kind = dice.pick(KINDS.get(bangla)).copied().unwrap_or_default();
        let place = if bangla { &territory.name_bn } else { &territory.name };
        format!("{owner} {kind}, {place}")
    }
}
