use super::{AreaId, DistributorId, RegionId, RetailerId, Scope, TeamId, UserId};

/// The objects that a permission of a caller covers, as the caller's grants name them. A change compares them inside its
/// transaction with the current map and teams; a read resolves them to a [`Scope`] first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// True for the whole tenant.
    pub all: bool,
    /// The caller, if the permission covers what is their own.
    pub own: Option<UserId>,
    /// Regions.
    pub regions: Vec<RegionId>,
    /// Areas.
    pub areas: Vec<AreaId>,
    /// Teams.
    pub teams: Vec<TeamId>,
    /// Distributors.
    pub distributors: Vec<DistributorId>,
    /// Retailers.
    pub retailers: Vec<RetailerId>,
}

impl Targets {
    /// Returns the targets that cover the whole tenant.
    #[must_use]
    pub fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Returns the scope on retailers, or `None` if it depends on the map or on the teams.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        if self.all {
            return Some(Scope::All);
        }
        let Self { regions, areas, teams, distributors, retailers, .. } = self;
        let depends = !(regions.is_empty() && areas.is_empty() && teams.is_empty());
        if depends {
            return None;
        }
        Some(match (distributors.as_slice(), retailers.as_slice(), self.own) {
            ([], [], own) => own.map_or(Scope::None, Scope::Rep),
            (distributors, [], _) => Scope::distributors(distributors.to_vec()),
            (_, retailers, _) => Scope::retailers(retailers.to_vec()),
        })
    }

    /// Returns true if these targets cover a team with this home: an area and its region.
    #[must_use]
    pub fn covers_team(&self, team: TeamId, home: Option<(AreaId, RegionId)>) -> bool {
        self.teams.contains(&team) || home.map_or(self.all, |(area, region)| self.covers_area(area, region))
    }

    /// Returns true if these targets cover an area of this region.
    #[must_use]
    pub fn covers_area(&self, area: AreaId, region: RegionId) -> bool {
        self.all || self.areas.contains(&area) || self.regions.contains(&region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_targets_are_a_scope() {
        let targets = Targets::default;
        let own = Some(UserId::new(7));
        let areas = vec![AreaId::new(3)];
        for (targets, scope) in [
            (targets(), Some(Scope::None)),
            (Targets { own, ..targets() }, Some(Scope::Rep(UserId::new(7)))),
            (Targets { all: true, own, areas: areas.clone(), ..targets() }, Some(Scope::All)),
            (Targets { areas, ..targets() }, None),
            (Targets { own, teams: vec![TeamId::new(2)], ..targets() }, None),
            (
                Targets { distributors: vec![DistributorId::new(4)], ..targets() },
                Some(Scope::distributors(vec![DistributorId::new(4)])),
            ),
            (
                Targets { retailers: vec![RetailerId::new(5)], ..targets() },
                Some(Scope::retailers(vec![RetailerId::new(5)])),
            ),
        ] {
            assert_eq!(targets.scope(), scope, "{targets:?}");
        }
    }
}
