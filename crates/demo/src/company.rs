use haat_domain::shared::Role;

use crate::generate::RetailerGenerator;
use crate::{SeedStaff, SeedTarget, SeedTeam};

/// The most members of a demo team.
const MEMBERS: usize = 10;

/// Returns the teams of the demo company, and a user of each role between administrator and sales rep and of each outside role.
/// The targets are where the retailers of `sr00001` are: a manager, a leader and a sales rep see some of the same retailers.
pub(crate) fn company(generator: &RetailerGenerator) -> Option<(Vec<SeedTeam>, Vec<SeedStaff>)> {
    let retailer = generator.first_retailer()?;
    let area = retailer.area;
    let reps = || (1..=generator.reps()).filter_map(|rep| Some((rep, generator.area_of(rep)?)));
    let (_, next_area) = reps().find(|(_, other)| *other != area).unwrap_or((0, area));
    let members = |home: i64| reps().filter(move |(_, area)| *area == home).map(|(rep, _)| rep);
    let first: Vec<i64> = members(area).take(MEMBERS).collect();
    let second = members(next_area).filter(|rep| !first.contains(rep)).take(MEMBERS).collect();
    let teams = vec![
        SeedTeam { id: 1, name: "Team Meghna", area, members: first },
        SeedTeam { id: 2, name: "Team Jamuna", area: next_area, members: second },
    ];
    let user = |username, name, role, target| SeedStaff { username, name, role, target };
    let staff = vec![
        user("national", "Farhana Rahman", Role::NationalManager, None),
        user("regional", "Kamrul Hasan", Role::RegionalManager, Some(SeedTarget::Region(retailer.region))),
        user("area", "Nasrin Akter", Role::AreaManager, Some(SeedTarget::Area(area))),
        user("leader1", "Shafiqul Islam", Role::TeamLeader, Some(SeedTarget::Team(1))),
        user("leader2", "Rokeya Begum", Role::TeamLeader, Some(SeedTarget::Team(2))),
        user(
            "distributor",
            "Abdul Karim",
            Role::DistributorUser,
            Some(SeedTarget::Distributor(retailer.distributor)),
        ),
        user("retailer", "Jahanara Khatun", Role::RetailerUser, Some(SeedTarget::Retailer(retailer.number))),
    ];
    Some((teams, staff))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Names, Places, SeedFiles};

    fn teams(retailers: u64, reps: u64) -> Vec<SeedTeam> {
        let places = Places::parse(&SeedFiles::BUILT_IN).unwrap();
        let names = Names::parse(&SeedFiles::BUILT_IN).unwrap();
        company(&RetailerGenerator::new(1, retailers, reps, names, &places.territories)).unwrap().0
    }

    #[test]
    fn members_of_a_team_serve_retailers_of_its_home_area() {
        let teams = teams(20_000, 286);
        assert_eq!(teams[0].members, (1..=10).collect::<Vec<_>>());
        assert_ne!(teams[0].area, teams[1].area);
        assert!(!teams[1].members.is_empty());
        assert!(teams[1].members.iter().all(|rep| !teams[0].members.contains(rep)));
    }

    #[test]
    fn teams_of_a_small_seed_have_few_or_no_members() {
        for (reps, expected) in [(0, [0, 0]), (1, [1, 0]), (3, [1, 1])] {
            let members: Vec<usize> = teams(210, reps).iter().map(|team| team.members.len()).collect();
            assert_eq!(members, expected, "{reps} sales reps");
        }
    }
}
