//! Who may do what, to what. What stands here is all that there is: who is not named may not.

use haat_domain::identity::Role;
use haat_domain::shared::Scope;

use super::Actor;
use Permission::{
    ChangeAssignments, ManageCompany, ManageMap, ManagePeople, ManageRetailers, ReadAudit, ReadRetailers,
    UpdateRetailers,
};
use Reach::{Company, Own};
use Role::{Admin, SalesRep};

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See shops.
    ReadRetailers,
    /// Change a shop's points, routes and notes.
    UpdateRetailers,
    /// See the whole pool of shops and change their master data.
    ManageRetailers,
    /// See and change who serves which shop.
    ChangeAssignments,
    /// Change the sales map.
    ManageMap,
    /// See and change who works here.
    ManagePeople,
    /// See and change the settings of the company.
    ManageCompany,
    /// Read the audit log.
    ReadAudit,
}

/// To what a permission reaches, the smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// What is assigned to them.
    Own,
    /// All of their company; nobody reaches beyond.
    Company,
}

/// The roles and what they may do. A new role is a name in [`Role`] and its lines here, a new permission a line.
const GRANTS: &[(Permission, &[(Role, Reach)])] = &[
    (ReadRetailers, &[(Admin, Company), (SalesRep, Own)]),
    (UpdateRetailers, &[(Admin, Company), (SalesRep, Own)]),
    (ManageRetailers, &[(Admin, Company)]),
    (ChangeAssignments, &[(Admin, Company)]),
    (ManageMap, &[(Admin, Company)]),
    (ManagePeople, &[(Admin, Company)]),
    (ManageCompany, &[(Admin, Company)]),
    (ReadAudit, &[(Admin, Company)]),
];

/// How far a role's permission reaches; `None`: not at all.
fn reach(role: Role, permission: Permission) -> Option<Reach> {
    let granted = GRANTS.iter().filter(|(granted, _)| *granted == permission).flat_map(|(_, roles)| *roles);
    granted.filter(|(granted, _)| *granted == role).map(|(_, reach)| *reach).max()
}

impl Actor {
    /// Whether the caller may do this to anything of their company.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        reach(self.role, permission) == Some(Company)
    }

    /// The shops to which a permission of the caller reaches; to whom nothing is granted nothing is assigned either.
    #[must_use]
    pub fn scope(&self, permission: Permission) -> Scope {
        match reach(self.role, permission) {
            Some(Company) => Scope::All,
            Some(Own) | None => Scope::Rep(self.user),
        }
    }

    /// Whether the caller may give somebody this role: nobody gives what they do not have themselves.
    #[must_use]
    pub fn may_grant(&self, role: Role) -> bool {
        GRANTS.iter().all(|(permission, _)| reach(role, *permission) <= reach(self.role, *permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, admin};

    #[test]
    fn who_is_not_named_may_not() {
        let rep = actor();
        for (permission, _) in GRANTS {
            assert!(admin().may(*permission), "{permission:?}");
            assert!(!rep.may(*permission), "{permission:?}");
        }
        assert_eq!(admin().scope(ReadRetailers), Scope::All);
        for permission in [ReadRetailers, UpdateRetailers, ManageRetailers] {
            assert_eq!(rep.scope(permission), Scope::Rep(rep.user), "{permission:?}");
        }
    }

    #[test]
    fn each_permission_and_role_stands_there_once() {
        for (number, (permission, roles)) in GRANTS.iter().enumerate() {
            assert!(GRANTS.iter().skip(number + 1).all(|(other, _)| other != permission), "{permission:?}");
            for (number, (role, _)) in roles.iter().enumerate() {
                assert!(
                    roles.iter().skip(number + 1).all(|(other, _)| other != role),
                    "{permission:?} {role:?}"
                );
            }
        }
    }

    #[test]
    fn nobody_grants_what_they_do_not_have() {
        assert!(admin().may_grant(Admin) && admin().may_grant(SalesRep));
        assert!(actor().may_grant(SalesRep) && !actor().may_grant(Admin));
    }
}
