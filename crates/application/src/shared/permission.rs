//! Permissions and the roles that have them. This is the complete list: a role that is not listed is denied.

use GrantScope::{Own, Tenant};
use Role::{Admin, SalesRep};
use haat_domain::shared::{Role, Scope};

use super::Actor;

/// The scope of a grant, the narrower first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GrantScope {
    /// Retailers assigned to the caller.
    Own,
    /// Everything in the caller's tenant. No scope is wider.
    Tenant,
}

/// Declares the permissions: for each a variant of [`Permission`], a type of the same name for
/// [`Allowed`](super::Allowed), and its row of the table of grants.
macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal $($scoped:ident)?: $($role:ident $scope:ident),+;)+) => {
        /// A permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Permission {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the name that the documentation uses, such as `manage-map`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// Returns the permission with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|permission| permission.as_str() == name)
            }

            /// Returns the roles that have the permission, each with the scope of the grant.
            const fn grants(self) -> &'static [(Role, GrantScope)] {
                match self { $(Self::$name => &[$(($role, $scope)),+]),+ }
            }
        }

        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $name {}

            impl $name {
                /// The name that the documentation uses.
                pub const NAME: &'static str = $word;
            }

            impl PermissionType for $name {
                const PERMISSION: Permission = Permission::$name;
            }

            $(permissions!(@$scoped $name);)?
        )+

        #[cfg(test)]
        const SCOPED: &[Permission] = &[$($(permissions!(@of $scoped $name),)?)+];
    };
    (@scoped $name:ident) => {
        impl ScopedPermission for $name {}
    };
    (@of scoped $name:ident) => { Permission::$name };
}

/// A permission as a type.
pub trait PermissionType {
    /// The permission.
    const PERMISSION: Permission;
}

/// A permission whose grant may cover less than the whole tenant. Use cases must apply the scope.
pub trait ScopedPermission: PermissionType {}

// A new role needs a variant of `Role` and its entries here; a new permission needs one entry. Only a permission
// marked `scoped` may be granted for less than the whole tenant.
permissions! {
    /// Read retailers.
    ReadRetailers = "read-retailers" scoped: Admin Tenant, SalesRep Own;
    /// Change the points, routes and notes of retailers.
    UpdateRetailers = "update-retailers" scoped: Admin Tenant, SalesRep Own;
    /// Read the whole pool of retailers and change their master data.
    ManageRetailers = "manage-retailers": Admin Tenant;
    /// Read and change the assignments of retailers to sales reps.
    ChangeAssignments = "change-assignments": Admin Tenant;
    /// Change the sales map.
    ManageMap = "manage-map": Admin Tenant;
    /// Read and change users.
    ManageUsers = "manage-users": Admin Tenant;
    /// Read and change the settings of the tenant.
    ManageSettings = "manage-settings": Admin Tenant;
    /// Read the audit log.
    ReadAudit = "read-audit": Admin Tenant;
}

/// Returns the scope of a role's permission, or `None` if the role lacks it.
fn grant_scope(role: Role, permission: Permission) -> Option<GrantScope> {
    let granted = permission.grants().iter().filter(|(granted, _)| *granted == role);
    granted.map(|(_, grant_scope)| *grant_scope).max()
}

impl Actor {
    /// Returns `true` if the caller has the permission, for whatever scope.
    #[must_use]
    pub fn has(&self, permission: Permission) -> bool {
        grant_scope(self.role, permission).is_some()
    }

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
        Permission::ALL
            .iter()
            .all(|permission| grant_scope(role, *permission) <= grant_scope(self.role, *permission))
    }
}

impl Permission {
    /// Returns the extent to which a role has the permission: `all` of the tenant, its `own` retailers, or `None`.
    #[must_use]
    pub fn extent(self, role: Role) -> Option<&'static str> {
        grant_scope(role, self).map(|scope| match scope {
            Own => "own",
            Tenant => "all",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, admin};

    #[test]
    fn unlisted_roles_are_denied() {
        let rep = actor();
        for permission in Permission::ALL {
            assert!(admin().may(*permission), "{permission:?}");
            assert!(!rep.may(*permission), "{permission:?}");
        }
        assert_eq!(admin().scope(Permission::ReadRetailers), Scope::All);
        for permission in
            [Permission::ReadRetailers, Permission::UpdateRetailers, Permission::ManageRetailers]
        {
            assert_eq!(rep.scope(permission), Scope::Rep(rep.user), "{permission:?}");
        }
    }

    #[test]
    fn grants_list_each_role_once_and_only_scoped_ones_are_narrow() {
        let mut names = std::collections::BTreeSet::new();
        for permission in Permission::ALL {
            assert!(names.insert(permission.as_str()));
            let grants = permission.grants();
            for (number, (role, scope)) in grants.iter().enumerate() {
                let others = grants.iter().skip(number + 1);
                assert!(others.clone().all(|(other, _)| other != role), "{permission:?} {role:?}");
                assert!(*scope == Tenant || SCOPED.contains(permission), "{permission:?} {role:?}");
            }
        }
    }

    #[test]
    fn callers_cannot_grant_permissions_they_lack() {
        assert!(admin().may_grant(Admin) && admin().may_grant(SalesRep));
        assert!(actor().may_grant(SalesRep) && !actor().may_grant(Admin));
    }
}
