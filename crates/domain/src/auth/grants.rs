use std::sync::Arc;

use crate::shared::{
    AreaId, DistributorId, GrantKind, RegionId, RetailerId, Role, TargetKind, Targets, TeamId,
};

/// The place or group that a grant applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantTarget {
    /// A region.
    Region(RegionId),
    /// An area.
    Area(AreaId),
    /// A team.
    Team(TeamId),
    /// A distributor.
    Distributor(DistributorId),
    /// A retailer.
    Retailer(RetailerId),
}

impl GrantTarget {
    /// Returns the target of this kind with this id.
    #[must_use]
    pub const fn new(kind: TargetKind, id: i64) -> Self {
        match kind {
            TargetKind::Region => Self::Region(RegionId::new(id)),
            TargetKind::Area => Self::Area(AreaId::new(id)),
            TargetKind::Team => Self::Team(TeamId::new(id)),
            TargetKind::Distributor => Self::Distributor(DistributorId::new(id)),
            TargetKind::Retailer => Self::Retailer(RetailerId::new(id)),
        }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(self) -> TargetKind {
        match self {
            Self::Region(_) => TargetKind::Region,
            Self::Area(_) => TargetKind::Area,
            Self::Team(_) => TargetKind::Team,
            Self::Distributor(_) => TargetKind::Distributor,
            Self::Retailer(_) => TargetKind::Retailer,
        }
    }

    /// Returns true if a permission that covers these targets covers this one by name.
    #[must_use]
    pub fn is_among(self, targets: &Targets) -> bool {
        targets.all
            || match self {
                Self::Region(id) => targets.regions.contains(&id),
                Self::Area(id) => targets.areas.contains(&id),
                Self::Team(id) => targets.teams.contains(&id),
                Self::Distributor(id) => targets.distributors.contains(&id),
                Self::Retailer(id) => targets.retailers.contains(&id),
            }
    }

    /// Returns the database id.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::Region(id) => id.get(),
            Self::Area(id) => id.get(),
            Self::Team(id) => id.get(),
            Self::Distributor(id) => id.get(),
            Self::Retailer(id) => id.get(),
        }
    }
}

/// A role and the target that it applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    role: Role,
    target: Option<GrantTarget>,
}

impl Grant {
    /// Returns the grant of a role for a target, or `None` if the role requires another kind of target.
    #[must_use]
    pub fn new(role: Role, target: Option<GrantTarget>) -> Option<Self> {
        (role.target() == target.map(GrantTarget::kind)).then_some(Self { role, target })
    }

    /// Returns the role.
    #[must_use]
    pub const fn role(self) -> Role {
        self.role
    }

    /// Returns the target; `None` for a role without targets.
    #[must_use]
    pub const fn target(self) -> Option<GrantTarget> {
        self.target
    }

    /// Returns the team, if the target is one.
    #[must_use]
    pub const fn team(self) -> Option<TeamId> {
        match self.target {
            Some(GrantTarget::Team(team)) => Some(team),
            _ => None,
        }
    }

    /// Returns true if all of these grants may belong to one user.
    #[must_use]
    pub fn are_compatible(grants: &[Self]) -> bool {
        let mut kinds = grants.iter().map(|grant| grant.role.kind());
        if kinds.clone().any(|kind| kind == GrantKind::Tenant) {
            kinds.all(GrantKind::is_staff)
        } else {
            let first = kinds.next();
            kinds.all(|kind| Some(kind) == first)
        }
    }
}

/// The grants of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grants {
    /// Exactly one grant of this role, without a target. Costs no memory.
    Role(Role),
    /// Any grants, in order and without duplicates. A user without grants has no permissions.
    List(Arc<[Grant]>),
}

impl Grants {
    /// Returns these grants.
    #[must_use]
    pub fn of(mut grants: Vec<Grant>) -> Self {
        grants.sort_unstable();
        grants.dedup();
        match grants.as_slice() {
            [Grant { role, target: None }] => Self::Role(*role),
            _ => Self::List(grants.into()),
        }
    }

    /// Returns the grants in order: the highest role first.
    pub fn iter(&self) -> impl Iterator<Item = Grant> + '_ {
        let (own, list) = match self {
            // A role with targets confers nothing without one.
            Self::Role(role) => (Grant::new(*role, None), &[][..]),
            Self::List(grants) => (None, &**grants),
        };
        own.into_iter().chain(list.iter().copied())
    }

    /// Returns true if a permission that covers these targets covers a user with these grants, at least for one of them.
    #[must_use]
    pub fn are_among(&self, targets: &Targets) -> bool {
        targets.all || self.iter().filter_map(Grant::target).any(|target| target.is_among(targets))
    }

    /// Returns the teams that a user with these grants leads.
    #[must_use]
    pub fn teams(&self) -> Vec<TeamId> {
        self.iter().filter_map(Grant::team).collect()
    }

    /// Returns the roles, each once, the highest first.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let mut roles: Vec<Role> = self.iter().map(Grant::role).collect();
        roles.dedup();
        roles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, target: Option<GrantTarget>) -> Grant {
        Grant::new(role, target).unwrap()
    }

    const AREA: Option<GrantTarget> = Some(GrantTarget::Area(AreaId::new(3)));
    const TEAM: Option<GrantTarget> = Some(GrantTarget::Team(TeamId::new(7)));

    #[test]
    fn a_grant_has_the_target_that_its_role_requires() {
        for role in Role::ALL {
            assert_eq!(Grant::new(role, None).is_some(), role.target().is_none(), "{role:?}");
            for kind in [
                TargetKind::Region,
                TargetKind::Area,
                TargetKind::Team,
                TargetKind::Distributor,
                TargetKind::Retailer,
            ] {
                let target = GrantTarget::new(kind, 5);
                assert_eq!((target.kind(), target.id()), (kind, 5));
                assert_eq!(Grant::new(role, Some(target)).is_some(), role.target() == Some(kind), "{role:?}");
            }
        }
    }

    #[test]
    fn grants_of_several_kinds_are_incompatible() {
        let (area, team) = (grant(Role::AreaManager, AREA), grant(Role::TeamLeader, TEAM));
        let (rep, admin) = (grant(Role::SalesRep, None), grant(Role::Admin, None));
        let vendor = grant(Role::DistributorUser, Some(GrantTarget::Distributor(DistributorId::new(1))));
        for (grants, compatible) in [
            (&[][..], true),
            (&[area, grant(Role::RegionalManager, Some(GrantTarget::Region(RegionId::new(1))))], true),
            (&[team, rep], true),
            (&[area, team], false),
            (&[area, rep], false),
            (&[admin, rep], true),
            (&[admin, rep, area], true),
            (&[admin, vendor], false),
            (&[rep, vendor], false),
        ] {
            assert_eq!(Grant::are_compatible(grants), compatible, "{grants:?}");
        }
    }

    #[test]
    fn users_are_covered_through_any_of_their_targets() {
        let of = |id| Some(GrantTarget::Distributor(DistributorId::new(id)));
        let grants =
            Grants::of(vec![grant(Role::DistributorUser, of(1)), grant(Role::DistributorUser, of(2))]);
        let targets = |ids: &[i64]| Targets {
            distributors: ids.iter().copied().map(DistributorId::new).collect(),
            ..Targets::default()
        };
        assert!(grants.are_among(&targets(&[2, 3])) && !grants.are_among(&targets(&[3])));
        assert!(!Grants::Role(Role::Admin).are_among(&targets(&[1])));
        assert!(Grants::of(Vec::new()).are_among(&Targets::everything()));
        assert!(!grant(Role::AreaManager, AREA).target().unwrap().is_among(&targets(&[3])), "another kind");
    }

    #[test]
    fn one_grant_without_target_needs_no_list() {
        let rep = grant(Role::SalesRep, None);
        assert_eq!(Grants::of(vec![rep, rep]), Grants::Role(Role::SalesRep));
        assert_eq!(Grants::Role(Role::SalesRep).iter().collect::<Vec<_>>(), [rep]);
        let several = Grants::of(vec![rep, grant(Role::TeamLeader, TEAM)]);
        assert_eq!(several.roles(), [Role::TeamLeader, Role::SalesRep]);
        assert_eq!(Grants::of(Vec::new()).iter().count(), 0);
        assert_eq!(Grants::Role(Role::AreaManager).iter().count(), 0, "no role without its target");
    }
}
