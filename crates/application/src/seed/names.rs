use haat_domain::seed::SeedTerritory;
use serde::Deserialize;

use super::dice::{Dice, Weighted};
use super::places::{SeedFiles, lines};

/// A name part in both scripts.
struct Part {
    latin: String,
    bangla: String,
}

impl Part {
    fn text(&self, bangla: bool) -> &str {
        if bangla { &self.bangla } else { &self.latin }
    }
}

/// Makes names of shops, distributors and people from parts that real ones have.
pub(super) struct Names {
    prefixes: Weighted<Part>,
    stems: Weighted<Part>,
    suffixes: Weighted<Part>,
    given: [Vec<String>; 2],
    family: [Vec<String>; 2],
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
    pub(super) fn parse(files: &SeedFiles) -> Result<Self, csv::Error> {
        let parts = |kind: &str| -> Result<Weighted<Part>, csv::Error> {
            let lines = lines::<PartLine>(files.shop_name_parts)?.into_iter().filter(|line| line.kind == kind);
            Ok(Weighted::new(lines.map(|line| (Part { latin: line.name, bangla: line.name_bn }, line.weight))))
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
            given: [person("given", "latin"), person("given", "bangla")],
            family: [person("family", "latin"), person("family", "bangla")],
        })
    }

    /// A person, one in two written in Bangla.
    pub(super) fn person(&self, dice: &mut Dice) -> String {
        let bangla = dice.percent(50);
        [&self.given, &self.family]
            .into_iter()
            .filter_map(|lists| dice.pick(&lists[usize::from(bangla)]).cloned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// A shop, one in three written in Bangla.
    pub(super) fn shop(&self, dice: &mut Dice, territory: &SeedTerritory) -> String {
        let bangla = dice.percent(33);
        let mut words = Vec::with_capacity(3);
        if dice.percent(18) {
            words.extend(self.prefixes.pick(dice).map(|part| part.text(bangla)));
        }
        match dice.below(10) {
            0 => words.push(if bangla { &territory.name_bn } else { &territory.name }),
            1 | 2 => words.extend(dice.pick(&self.given[usize::from(bangla)]).map(String::as_str)),
            _ => words.extend(self.stems.pick(dice).map(|part| part.text(bangla))),
        }
        words.extend(self.suffixes.pick(dice).map(|part| part.text(bangla)));
        words.join(" ")
    }

    /// A distributor, named after its owner and its place.
    pub(super) fn distributor(&self, dice: &mut Dice, territory: &SeedTerritory) -> String {
        const KINDS: [[&str; 4]; 2] = [
            ["Traders", "Enterprise", "Distribution House", "& Sons"],
            ["ট্রেডার্স", "এন্টারপ্রাইজ", "ডিস্ট্রিবিউশন হাউজ", "এন্ড সন্স"],
        ];
        let bangla = dice.percent(25);
        let owner = dice.pick(&self.family[usize::from(bangla)]).map_or("", String::as_str);
        let kind = dice.pick(&KINDS[usize::from(bangla)]).copied().unwrap_or_default();
        let place = if bangla { &territory.name_bn } else { &territory.name };
        format!("{owner} {kind}, {place}")
    }
}
