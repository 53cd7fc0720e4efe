use chrono::{DateTime, Duration, Utc};
use haat_domain::retailer::{RetailerUid, RetailerUidError, search_key};
use haat_domain::shared::{Phone, PhoneError};

use super::dice::{Dice, Stream, Weighted};
use super::layout::Layout;
use super::names::Names;
use crate::{SeedAssignment, SeedDistributor, SeedRep, SeedRetailer, SeedTerritory};

/// 2023-01-01T00:00:00Z, the earliest registration of a demo retailer.
const FIRST_DAY: i64 = 1_672_531_200;
/// 2026-01-01T00:00:00Z, after the latest registration: the start of the assignments.
const ASSIGNED_FROM: i64 = 1_767_225_600;

const NOTES: [&str; 8] = [
    "Closed on Fridays",
    "Asks for credit, cash only",
    "শুক্রবার বন্ধ",
    "বাকি চায়, নগদ ছাড়া নয়",
    "Owner comes after 4 pm",
    "মালিক বিকেল ৪টার পর আসেন",
    "Small fridge, no ice cream",
    "Near the mosque gate",
];

/// Routes of territories without unions: streets that occur in every town.
const STREETS: [&str; 6] =
    ["Bazar Road", "Station Road", "College Road", "Hospital Road", "Court Road", "Main Road"];

/// Generates demo rows. Each row depends only on the seed, its number and the numbers of retailers and sales
/// reps.
pub(crate) struct RetailerGenerator {
    seed: u64,
    count: u64,
    layout: Layout,
    names: Names,
    territories: Weighted<SeedTerritory>,
    /// The first distributor and the number of distributors of each territory, in order of territories.
    distributors: Vec<(i64, u64)>,
    territory_index: std::collections::HashMap<i64, usize>,
}

impl RetailerGenerator {
    pub(crate) fn new(
        seed: u64,
        retailers: u64,
        reps: u64,
        names: Names,
        territories: &[SeedTerritory],
    ) -> Self {
        let mut next = 1;
        let mut distributors = Vec::with_capacity(territories.len());
        for territory in territories {
            let count = u64::from(territory.weight / 300) + 1;
            distributors.push((next, count));
            next += i64::try_from(count).unwrap_or(1);
        }
        Self {
            seed,
            count: retailers,
            layout: Layout::new(seed, retailers, reps),
            names,
            territory_index: territories.iter().enumerate().map(|(index, t)| (t.id, index)).collect(),
            territories: Weighted::new(territories.iter().map(|t| (t.clone(), t.weight))),
            distributors,
        }
    }

    /// Generates the distributors. A generated name that is taken gets a number.
    pub(crate) fn distributors(&self, territories: &[SeedTerritory]) -> Vec<SeedDistributor> {
        let mut taken = std::collections::HashSet::new();
        let mut rows = Vec::new();
        for (territory, (first, count)) in territories.iter().zip(&self.distributors) {
            for id in (*first..).take(usize::try_from(*count).unwrap_or(1)) {
                let mut dice = Dice::new(self.seed, Stream::Distributor, id.unsigned_abs());
                let base = self.names.distributor(&mut dice, territory);
                let mut name = base.clone();
                let mut copy = 1;
                while !taken.insert(name.clone()) {
                    copy += 1;
                    name = format!("{base} {copy}");
                }
                rows.push(SeedDistributor { id, name });
            }
        }
        rows
    }

    /// Generates the sales rep with this number, from 1.
    pub(crate) fn rep(&self, number: i64) -> Result<SeedRep, PhoneError> {
        let mut dice = Dice::new(self.seed, Stream::Rep, number.unsigned_abs());
        // A factor coprime to 10^8 gives each sales rep a different phone number.
        let subscriber = number.unsigned_abs() * 48_271 % 100_000_000;
        Ok(SeedRep {
            number,
            name: self.names.person(&mut dice),
            phone: Phone::parse(&format!("018{subscriber:08}"))?,
        })
    }

    /// Returns the number of sales reps.
    pub(crate) fn reps(&self) -> i64 {
        i64::try_from(self.layout.reps()).unwrap_or(i64::MAX)
    }

    /// Returns the area of the first retailers of the sales rep with this number, from 1.
    pub(crate) fn area_of(&self, rep: i64) -> Option<i64> {
        let position = self.layout.first_position_of(rep.unsigned_abs() - 1);
        Some(self.territories.at(self.layout.scaled(position, self.territories.total()))?.area)
    }

    /// Generates the first retailer of the sales rep with the number 1.
    pub(crate) fn first_retailer(&self) -> Option<SeedRetailer> {
        self.retailer(i64::try_from(self.layout.number_at(0)).ok()? + 1)
    }

    /// Generates the retailer with this number, from 1.
    pub(crate) fn retailer(&self, number: i64) -> Option<SeedRetailer> {
        let index = number.unsigned_abs() - 1;
        let mut dice = Dice::new(self.seed, Stream::Retailer, index);
        let position = self.layout.position_of(index);
        let territory = self.territories.at(self.layout.scaled(position, self.territories.total()))?;
        let (first, count) = *self.distributors.get(*self.territory_index.get(&territory.id)?)?;
        let uid = uid(number).ok()?;
        let name = self.names.retailer(&mut dice, territory);
        let (phone, phone_raw) = if dice.percent(97) { phone(&mut dice) } else { (None, None) };
        let routes = (0..=u64::from(dice.percent(30))).filter_map(|_| route(&mut dice, territory)).collect();
        Some(SeedRetailer {
            number,
            search_key: search_key(&name, &uid, phone.as_ref()),
            uid,
            name,
            phone,
            phone_raw,
            region: territory.region,
            area: territory.area,
            territory: territory.id,
            distributor: first + i64::try_from(dice.below(count)).ok()?,
            // Many retailers have few points, and few have many.
            points: i32::try_from(dice.below(71) * dice.below(71)).ok()?,
            routes: distinct(routes),
            notes: dice.percent(8).then(|| dice.pick(&NOTES).copied()).flatten().map(str::to_owned),
            created_at: instant(FIRST_DAY, dice.below(3 * 365 * 86_400))?,
        })
    }

    /// Generates the assignments, ordered by sales rep.
    pub(crate) fn assignments(&self) -> impl Iterator<Item = SeedAssignment> + Send + '_ {
        (0..self.count).flat_map(move |position| {
            let index = self.layout.number_at(position);
            let retailer = i64::try_from(index).ok().and_then(|number| self.retailer(number + 1));
            self.layout.reps_of(position).filter_map(move |rep| {
                let retailer = retailer.as_ref()?;
                Some(SeedAssignment {
                    rep: i64::try_from(rep).ok()? + 1,
                    retailer: retailer.number,
                    uid: retailer.uid.clone(),
                    name: retailer.name.clone(),
                    assigned_at: instant(ASSIGNED_FROM, index % 86_400)?,
                })
            })
        })
    }
}

fn uid(number: i64) -> Result<RetailerUid, RetailerUidError> {
    RetailerUid::parse(&format!("RTL-{number:07}"))
}

/// Generates a phone number of one of the operators, parsed and in a format in which users type it.
fn phone(dice: &mut Dice) -> (Option<Phone>, Option<String>) {
    let operator = dice.pick(&[3, 4, 5, 6, 7, 7, 8, 9]).copied().unwrap_or(7);
    let subscriber = dice.below(100_000_000);
    let (head, tail) = (subscriber / 1_000_000, subscriber % 1_000_000);
    let raw = match dice.below(3) {
        0 => format!("+8801{operator}{head:02}{tail:06}"),
        1 => format!("01{operator}{head:02}-{tail:06}"),
        _ => format!("01{operator}{head:02}{tail:06}"),
    };
    (Phone::parse(&raw).ok(), Some(raw))
}

fn route(dice: &mut Dice, territory: &SeedTerritory) -> Option<String> {
    if territory.unions.is_empty() {
        return dice.pick(&STREETS).map(|street| format!("{} {street}", territory.name));
    }
    dice.pick(&territory.unions).cloned()
}

fn distinct(mut routes: Vec<String>) -> Vec<String> {
    routes.dedup();
    routes
}

fn instant(from: i64, plus_seconds: u64) -> Option<DateTime<Utc>> {
    Some(DateTime::from_timestamp(from, 0)? + Duration::seconds(i64::try_from(plus_seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::super::places::{Places, SeedFiles};
    use super::*;

    fn retailers(seed: u64, count: u64, reps: u64) -> (RetailerGenerator, Vec<SeedTerritory>) {
        let territories = Places::parse(&SeedFiles::BUILT_IN).unwrap().territories;
        let names = Names::parse(&SeedFiles::BUILT_IN).unwrap();
        (RetailerGenerator::new(seed, count, reps, names, &territories), territories)
    }

    #[test]
    fn the_same_seed_generates_the_same_data() {
        let (a, _) = retailers(1, 5_000, 70);
        let (b, _) = retailers(1, 5_000, 70);
        let (c, _) = retailers(2, 5_000, 70);
        for number in [1, 77, 5_000] {
            assert_eq!(a.retailer(number), b.retailer(number));
            assert_ne!(a.retailer(number), c.retailer(number));
            assert_eq!(a.rep(number), b.rep(number));
        }
        assert!(a.assignments().eq(b.assignments()));
    }

    #[test]
    fn assignments_give_each_sales_rep_neighbouring_retailers() {
        let (generator, _) = retailers(7, 2_000, 30);
        let mut reps: Vec<i64> = Vec::new();
        let mut territories = HashMap::<i64, HashSet<i64>>::new();
        for assignment in generator.assignments() {
            let retailer = generator.retailer(assignment.retailer).unwrap();
            territories.entry(assignment.rep).or_default().insert(retailer.territory);
            reps.push(assignment.rep);
        }
        // A shared retailer names the next sales rep before the list of the current one ends.
        assert!(reps.iter().zip(&reps[1..]).all(|(a, b)| (b - a).abs() <= 1 || *a == 1 || *b == 1));
        // 70 retailers that were drawn from the whole country would be in about as many territories.
        let most = territories.values().map(HashSet::len).max().unwrap();
        assert!(most < 40, "{most}");
    }

    #[test]
    fn retailers_follow_the_population_and_match_the_map() {
        let (retailers, territories) = retailers(1, 20_000, 286);
        let by_id: HashMap<i64, &SeedTerritory> = territories.iter().map(|t| (t.id, t)).collect();
        let distributors: HashSet<i64> = retailers.distributors(&territories).iter().map(|d| d.id).collect();
        let mut per_territory: HashMap<i64, u32> = HashMap::new();
        let (mut bangla, mut with_phone) = (0, 0);
        for number in 1..=20_000 {
            let retailer = retailers.retailer(number).unwrap();
            let territory = by_id[&retailer.territory];
            assert_eq!((retailer.area, retailer.region), (territory.area, territory.region));
            assert!(distributors.contains(&retailer.distributor));
            assert!(retailer.points >= 0 && !retailer.routes.is_empty() && !retailer.name.contains("  "));
            *per_territory.entry(retailer.territory).or_default() += 1;
            bangla += u32::from(retailer.name.chars().any(|c| ('\u{0980}'..='\u{09FF}').contains(&c)));
            with_phone += u32::from(retailer.phone.is_some());
        }
        assert_eq!(per_territory.len(), territories.len(), "every territory has retailers");
        assert!((5_500..=7_500).contains(&bangla), "{bangla}");
        assert!(with_phone > 19_000, "{with_phone}");
        let total: u32 = territories.iter().map(|t| t.weight).sum();
        let largest = territories.iter().max_by_key(|t| t.weight).unwrap();
        let fair = 20_000 * largest.weight / total;
        assert!(per_territory[&largest.id].abs_diff(fair) <= 1 + fair / 50);
    }

    #[test]
    fn distributor_names_and_rep_phones_are_unique() {
        let (retailers, territories) = retailers(1, 1_000, 15_000);
        let distributors = retailers.distributors(&territories);
        let names: HashSet<&str> = distributors.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names.len(), distributors.len());
        let phones: HashSet<String> =
            (1..=15_000).map(|n| retailers.rep(n).unwrap().phone.to_string()).collect();
        assert_eq!(phones.len(), 15_000);
    }
}
