//! The roles and what they permit.

use haat_domain::auth::{Grant, GrantTarget};
use haat_domain::shared::Role;

use crate::shared::{Act, Actor, Permission};

/// A role, as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleInfo {
    /// The role.
    pub role: Role,
    /// The objects that the permissions cover: `platform`, `tenant`, `regions`, `areas`, `teams`, `own`, `distributors` or
    /// `retailers`.
    pub scope: &'static str,
    /// The names of the permissions.
    pub permissions: Vec<&'static str>,
    /// True if the caller may give this role to another user, for some target.
    pub grantable: bool,
}

/// Returns all roles, the highest first.
#[must_use]
pub fn roles(caller: &Actor) -> Vec<RoleInfo> {
    let info = |role: Role| RoleInfo {
        role,
        scope: scope(role),
        permissions: Permission::ALL
            .iter()
            .filter(|permission| permission.belongs_to(role))
            .map(|permission| permission.as_str())
            .collect(),
        grantable: is_grantable(caller, role),
    };
    Role::ALL.into_iter().map(info).collect()
}

const fn scope(role: Role) -> &'static str {
    match (role.target(), role) {
        (Some(kind), _) => kind.plural(),
        (None, Role::SuperAdmin) => "platform",
        (None, Role::Admin | Role::NationalManager) => "tenant",
        (None, _) => "own",
    }
}

fn is_grantable(caller: &Actor, role: Role) -> bool {
    // Any target, for callers whose permissions cover the whole tenant; else one of the caller's own. `Grant::new` accepts only
    // those that belong to the role.
    let any = role.target().map(|kind| GrantTarget::new(kind, 0));
    let mut targets = caller.grants.iter().map(Grant::target).chain([any]);
    caller.has_for(Permission::GrantRoles, Act::CreateOrDisable)
        && targets.any(|target| Grant::new(role, target).is_some_and(|grant| caller.may_grant(grant)))
}

/// The values of [`RoleInfo::scope`].
pub const ROLE_SCOPES: &[&str] =
    &["platform", "tenant", "regions", "areas", "teams", "own", "distributors", "retailers"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{actor, admin, granted};

    #[test]
    fn lists_every_role_with_its_permissions() {
        let all = roles(&admin());
        assert_eq!(all.len(), Role::ALL.len());
        for RoleInfo { role, scope, permissions, grantable } in all {
            assert!(ROLE_SCOPES.contains(&scope));
            assert_eq!(grantable, role != Role::SuperAdmin, "{role:?}");
            assert_eq!(permissions.contains(&"manage-map"), matches!(role, Role::SuperAdmin | Role::Admin));
        }
    }

    #[test]
    fn callers_without_the_permission_can_grant_nothing() {
        for caller in [actor(), granted(&[Role::NationalManager]), granted(&[])] {
            assert!(roles(&caller).iter().all(|role| !role.grantable), "{caller:?}");
        }
    }
}
