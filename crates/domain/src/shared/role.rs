/// The role of a grant. The application layer defines the permissions of each role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A user of the platform tenant.
    SuperAdmin,
    /// An administrator of a tenant.
    Admin,
    /// Leads the field force of a tenant.
    NationalManager,
    /// Manages regions.
    RegionalManager,
    /// Manages areas.
    AreaManager,
    /// Leads teams of sales reps.
    TeamLeader,
    /// Serves the assigned retailers.
    SalesRep,
    /// Works for distributors.
    DistributorUser,
    /// Works for retailers.
    RetailerUser,
}

/// The kind of place or group that a role applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetKind {
    /// A region of the sales map.
    Region,
    /// An area of the sales map.
    Area,
    /// A team.
    Team,
    /// A distributor.
    Distributor,
    /// A retailer.
    Retailer,
}

/// The kinds of grants. All grants of a user are of one kind, except that a tenant-wide role absorbs the other roles of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantKind {
    /// The whole tenant.
    Tenant,
    /// Regions and areas.
    Map,
    /// Teams, and the retailers of a sales rep.
    Field,
    /// Distributors, who are not staff.
    Distributors,
    /// Retailers, who are not staff.
    Retailers,
}

impl Role {
    /// All roles, the highest first.
    pub const ALL: [Self; 9] = [
        Self::SuperAdmin,
        Self::Admin,
        Self::NationalManager,
        Self::RegionalManager,
        Self::AreaManager,
        Self::TeamLeader,
        Self::SalesRep,
        Self::DistributorUser,
        Self::RetailerUser,
    ];

    /// The words of all roles, in the order of [`Role::ALL`].
    pub const WORDS: &'static [&'static str] = &[
        Self::SuperAdmin.as_str(),
        Self::Admin.as_str(),
        Self::NationalManager.as_str(),
        Self::RegionalManager.as_str(),
        Self::AreaManager.as_str(),
        Self::TeamLeader.as_str(),
        Self::SalesRep.as_str(),
        Self::DistributorUser.as_str(),
        Self::RetailerUser.as_str(),
    ];

    /// Returns the word used in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::Admin => "admin",
            Self::NationalManager => "national_manager",
            Self::RegionalManager => "regional_manager",
            Self::AreaManager => "area_manager",
            Self::TeamLeader => "team_leader",
            Self::SalesRep => "sales_rep",
            Self::DistributorUser => "distributor_user",
            Self::RetailerUser => "retailer_user",
        }
    }

    /// Returns other words that requests may use for the role.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::NationalManager => &["ceo"],
            Self::SalesRep => &["agent", "salesperson", "sr"],
            Self::DistributorUser => &["supplier", "vendor"],
            Self::RetailerUser => &["buyer", "customer"],
            _ => &[],
        }
    }

    /// Returns the kind of target of a grant with this role; `None` for a role without targets.
    #[must_use]
    pub const fn target(self) -> Option<TargetKind> {
        match self {
            Self::RegionalManager => Some(TargetKind::Region),
            Self::AreaManager => Some(TargetKind::Area),
            Self::TeamLeader => Some(TargetKind::Team),
            Self::DistributorUser => Some(TargetKind::Distributor),
            Self::RetailerUser => Some(TargetKind::Retailer),
            Self::SuperAdmin | Self::Admin | Self::NationalManager | Self::SalesRep => None,
        }
    }

    /// Returns the kind of grants that a grant with this role belongs to.
    #[must_use]
    pub const fn kind(self) -> GrantKind {
        match self {
            Self::SuperAdmin | Self::Admin | Self::NationalManager => GrantKind::Tenant,
            Self::RegionalManager | Self::AreaManager => GrantKind::Map,
            Self::TeamLeader | Self::SalesRep => GrantKind::Field,
            Self::DistributorUser => GrantKind::Distributors,
            Self::RetailerUser => GrantKind::Retailers,
        }
    }

    /// Returns true if users with this role need a second factor: always, or if the tenant requires one of administrators.
    #[must_use]
    pub const fn requires_mfa(self, required_for_admins: bool) -> bool {
        match self {
            Self::SuperAdmin => true,
            Self::Admin => required_for_admins,
            _ => false,
        }
    }

    /// Returns the role with this word. Words in requests may also be aliases, see [`Role::parse`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Returns the role with this word or alias, in any letter case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let names = |role: &Self| {
            let aliases = role.aliases().iter().copied();
            aliases.chain([role.as_str()]).any(|name| word.eq_ignore_ascii_case(name))
        };
        Self::ALL.into_iter().find(names)
    }
}

impl TargetKind {
    /// Returns the word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Area => "area",
            Self::Team => "team",
            Self::Distributor => "distributor",
            Self::Retailer => "retailer",
        }
    }

    /// Returns the word used in JSON for several.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Region => "regions",
            Self::Area => "areas",
            Self::Team => "teams",
            Self::Distributor => "distributors",
            Self::Retailer => "retailers",
        }
    }
}

impl GrantKind {
    /// Returns true for the kinds of staff; users of distributors and retailers come from outside.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        match self {
            Self::Tenant | Self::Map | Self::Field => true,
            Self::Distributors | Self::Retailers => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_words_and_aliases_of_roles() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
            assert_eq!(Role::parse(&role.as_str().to_uppercase()), Some(role));
            for alias in role.aliases() {
                assert_eq!((Role::parse(alias), Role::from_name(alias)), (Some(role), None));
            }
        }
        assert_eq!((Role::parse("root"), Role::parse("")), (None, None));
        assert_eq!(Role::WORDS, Role::ALL.map(Role::as_str));
    }

    #[test]
    fn roles_are_ordered_from_the_highest() {
        assert!(Role::ALL.is_sorted());
    }

    #[test]
    fn a_super_admin_always_needs_a_second_factor() {
        assert!(Role::SuperAdmin.requires_mfa(false));
        assert!(Role::Admin.requires_mfa(true) && !Role::Admin.requires_mfa(false));
        assert!(!Role::SalesRep.requires_mfa(true));
    }
}
