/// The role of a user. The application layer defines the permissions of each role. More roles will follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// An administrator, with access to the whole tenant.
    Admin,
    /// A sales rep, with access to the assigned retailers.
    SalesRep,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 2] = [Self::Admin, Self::SalesRep];

    /// The words of all roles.
    pub const WORDS: &'static [&'static str] = &[Self::Admin.as_str(), Self::SalesRep.as_str()];

    /// Returns the word used in the database, in tokens and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::SalesRep => "sales_rep",
        }
    }

    /// Returns true if the setting `mfaRequiredForAdmins` of a tenant applies to the role.
    #[must_use]
    pub const fn mfa_can_be_required(self) -> bool {
        matches!(self, Self::Admin)
    }

    /// Returns the role with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_the_names_of_roles() {
        for role in [Role::Admin, Role::SalesRep] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
