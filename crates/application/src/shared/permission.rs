//! Permissions and the roles that have them. This is the complete list: a role that is not listed is denied.

use haat_domain::identity::Role;
use haat_domain::shared::Scope;

use super::Actor;
use GrantScope::{Own, Tenant};
use Permission::{
    ChangeAssignments, ManageMap, ManageRetailers, ManageSettings, ManageUsers, ReadAudit, ReadRetailers,
    UpdateRetailers,
};
use Role::{Admin, SalesRep};

/// A permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Read retailers.
    ReadRetailers,
    /// Change the points, routes and notes of retailers.
    UpdateRetailers,
    /// Read the whole pool of retailers and change their master data.
    ManageRetailers,
    /// Read and change the assignments of retailers to sales reps.
    ChangeAssignments,
    /// Change the sales map.
    ManageMap,
    /// Read and change users.
    ManageUsers,
    /// Read and change the settings of the tenant.
    ManageSettings,
    /// Read the audit log.
    ReadAudit,
}

/// The scope of a grant, the narrower first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GrantScope {
    /// Retailers assigned to the caller.
    Own,
    /// Everything in the caller's tenant. No scope is wider.
    Tenant,
}

/// The grants. A new role needs a variant of [`Role`] and its entries here; a new permission needs one entry.
const GRANTS: &[(Permission, &[(Role, GrantScope)])] = &[
    (ReadRetailers, &[(Admin, Tenant), (SalesRep, Own)]),
    (UpdateRetailers, &[(Admin, Tenant), (SalesRep, Own)]),
    (ManageRetailers, &[(Admin, Tenant)]),
    (ChangeAssignments, &[(Admin, Tenant)]),
    (ManageMap, &[(Admin, Tenant)]),
    (ManageUsers, &[(Admin, Tenant)]),
    (ManageSettings, &[(Admin, Tenant)]),
    (ReadAudit, &[(Admin, Tenant)]),
];

/// Returns the scope of a role's permission, or `None` if the role lacks it.
fn grant_scope(role: Role, permission: Permission) -> Option<GrantScope> {
    let granted = GRANTS.iter().filter(|(granted, _)| *granted == permission).flat_map(|(_, roles)| *roles);
    granted.filter(|(granted, _)| *granted == role).map(|(_, grant_scope)| *grant_scope).max()
}

impl Actor {
    /// Returns `true` if the caller has the permission for their whole tenant.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        grant_scope(self.role, permission) == Some(Tenant)
    }

    /// Returns the retailers to which a permission of the caller applies. Without a grant the scope is
    /// the caller's own assignments. A role without grants has no assignments.
    #[must_use]
    pub fn scope(&self, permission: Permission) -> Scope {
        match grant_scope(self.role, permission) {
            Some(Tenant) => Scope::All,
            Some(Own) | None => Scope::Rep(self.user),
        }
    }

    /// Returns `true` if the caller may grant this role: they need every permission of the role themselves.
    #[must_use]
    pub fn may_grant(&self, role: Role) -> bool {
        GRANTS
            .iter()
            .all(|(permission, _)| grant_scope(role, *permission) <= grant_scope(self.role, *permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, admin};

    #[test]
    fn unlisted_roles_are_denied() {
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
    fn grants_list_each_permission_and_role_once() {
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
    fn callers_cannot_grant_permissions_they_lack() {
        assert!(admin().may_grant(Admin) && admin().may_grant(SalesRep));
        assert!(actor().may_grant(SalesRep) && !actor().may_grant(Admin));
    }
}
