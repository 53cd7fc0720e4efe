//! Permissions and the roles that have them. This is the complete list: a role that is not listed is denied.

use haat_domain::auth::{Grant, GrantTarget};
use haat_domain::shared::{Role, Targets};

use super::Actor;

/// The objects that a role's permission covers, from narrowest to widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extent {
    /// The caller's own: their account, or the retailers assigned to them.
    Own,
    /// Objects covered by the targets of the grant.
    Targets,
    /// Everything in the caller's tenant.
    Tenant,
    /// Everything in the caller's tenant, also for users of the platform tenant in that tenant.
    AnyTenant,
    /// All tenants. Only users of the platform tenant can use it, and they can use nothing else.
    Platform,
}

/// The act that a caller needs a permission for. A role may have a permission for one act only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Creating and disabling users.
    CreateOrDisable,
    /// Anything else.
    Other,
}

/// Declares the permissions: for each a variant of [`Permission`], a type of the same name for
/// [`Allowed`](super::Allowed), and its row of the table: a letter for each role of [`Role::ALL`], in this order. `C` stands for
/// [`Extent::Tenant`], `A` for [`Extent::AnyTenant`], `P` for [`Extent::Platform`], `S` for [`Extent::Targets`], `O` for [`Extent::Own`] and `-` for none. The
/// letters are followed by the roles that have the permission for one act only.
macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal $(($scoped:ident))?: [$($letter:tt)+] $(, $role:ident only to $act:ident)*;)+) => {
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

            /// Returns the row of the table.
            const fn extents(self) -> [Option<Extent>; Role::ALL.len()] {
                match self { $(Self::$name => [$(permissions!(@extent $letter)),+]),+ }
            }

            /// Returns the only act that a role has the permission for, or `None` if there is no such condition.
            const fn only_act(self, role: Role) -> Option<Act> {
                match (self, role) {
                    $($((Self::$name, Role::$role) => Some(Act::$act),)*)+
                    _ => None,
                }
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
    (@extent C) => { Some(Extent::Tenant) };
    (@extent A) => { Some(Extent::AnyTenant) };
    (@extent P) => { Some(Extent::Platform) };
    (@extent S) => { Some(Extent::Targets) };
    (@extent O) => { Some(Extent::Own) };
    (@extent -) => { None };
}

/// A permission as a type.
pub trait PermissionType {
    /// The permission.
    const PERMISSION: Permission;
    /// The act that needs the permission.
    const ACT: Act = Act::Other;
}

/// A permission whose grant may cover less than the whole tenant. Use cases must apply the scope.
pub trait ScopedPermission: PermissionType {}

// A new permission is a row here, a new role a column. Only a permission marked `scoped` may cover less than the whole tenant.
permissions! {
    // columns: super_admin admin national_manager | regional_manager area_manager | team_leader sales_rep | distributor_user | retailer_user
    /// Read retailers.
    ReadRetailers = "read-retailers" (scoped): [C C C S S S O S S];
    /// Change the points, routes and notes of retailers.
    UpdateRetailers = "update-retailers" (scoped): [C C C S S S O - -];
    /// Read the pool of retailers with their sales reps, and export it.
    ReadPool = "read-pool" (scoped): [C C C S S S - - -];
    /// Change the master data of retailers.
    ManageRetailers = "manage-retailers": [C C - - - - - - -];
    /// Read and change the assignments of retailers to sales reps.
    ChangeAssignments = "change-assignments" (scoped): [C C C S S S - - -];
    /// Read regions, areas and territories.
    ReadMap = "read-map": [C C C C C C C C C];
    /// Read distributors.
    ReadDistributors = "read-distributors" (scoped): [C C C C C C C S -];
    /// Change the sales map.
    ManageMap = "manage-map": [C C - - - - - - -];
    /// Read teams and their members.
    ReadTeams = "read-teams" (scoped): [C C C S S S O - -];
    /// Create and change teams, and move users between them.
    ManageTeams = "manage-teams" (scoped): [C C C S S - - - -];
    /// Read users.
    ReadUsers = "read-users" (scoped): [C C C S S S O S O];
    /// Create and change users.
    ManageUsers = "manage-users" (scoped): [C C - - - - - S -], DistributorUser only to CreateOrDisable;
    /// Read and change the roles of users.
    GrantRoles = "grant-roles" (scoped): [C C - - - - - S -], DistributorUser only to CreateOrDisable;
    /// Read and change the settings of the tenant.
    ManageSettings = "manage-settings": [C C - - - - - - -];
    /// Read the activity of users.
    ReadActivity = "read-activity" (scoped): [C C C S S S O O O];
    /// Read background jobs.
    ReadJobs = "read-jobs": [A C - - - - - - -];
    /// Cancel background jobs and run them again.
    ManageJobs = "manage-jobs": [A C - - - - - - -];
    /// Read the audit log.
    ReadAudit = "read-audit": [C C - - - - - - -];
    /// List, create and close tenants.
    ManageTenants = "manage-tenants": [P - - - - - - - -];
    /// Read and change a tenant: any tenant for super admins, otherwise the own one.
    ChangeTenant = "change-tenant": [P C - - - - - - -];
}

/// [`ManageUsers`], used to create and disable users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateOrDisableUsers {}

impl CreateOrDisableUsers {
    /// The name that the documentation uses. The facet of the routes says what the permission is used for.
    pub const NAME: &'static str = ManageUsers::NAME;
}

impl PermissionType for CreateOrDisableUsers {
    const PERMISSION: Permission = Permission::ManageUsers;
    const ACT: Act = Act::CreateOrDisable;
}

impl ScopedPermission for CreateOrDisableUsers {}

/// A permission that is enough to create and disable users.
pub trait MayCreateOrDisableUsers: ScopedPermission {}

impl MayCreateOrDisableUsers for ManageUsers {}
impl MayCreateOrDisableUsers for CreateOrDisableUsers {}

/// Returns the extent of a role's permission, or `None` if the role lacks it.
#[expect(clippy::indexing_slicing, reason = "a row has an entry for each role")]
const fn extent(role: Role, permission: Permission) -> Option<Extent> {
    permission.extents()[role as usize]
}

impl Actor {
    /// Returns the extents of a permission over the grants of the caller.
    fn extents(&self, permission: Permission) -> impl Iterator<Item = (Extent, Grant)> + '_ {
        self.held(permission).filter(|(extent, _)| match extent {
            Extent::AnyTenant => true,
            Extent::Platform => self.is_platform,
            Extent::Tenant | Extent::Targets | Extent::Own => !self.is_platform,
        })
    }

    /// Returns the extents of a permission over the grants of the caller, with those that the caller cannot use in the
    /// current tenant.
    fn held(&self, permission: Permission) -> impl Iterator<Item = (Extent, Grant)> + '_ {
        self.grants.iter().filter_map(move |grant| Some((extent(grant.role(), permission)?, grant)))
    }

    /// Returns `true` if the caller has the permission for every act, to any extent.
    #[must_use]
    pub fn has(&self, permission: Permission) -> bool {
        self.has_for(permission, Act::Other)
    }

    /// Returns `true` if the caller has the permission for an act, to any extent.
    #[must_use]
    pub fn has_for(&self, permission: Permission, act: Act) -> bool {
        self.extents(permission).any(|(_, grant)| permission.allows(grant.role(), act))
    }

    /// Returns `true` if the caller has the permission for their whole tenant.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.extents(permission).any(|(extent, _)| matches!(extent, Extent::Tenant | Extent::AnyTenant))
    }

    /// Returns `true` if a permission of the caller covers their own objects and nothing else.
    #[must_use]
    pub fn has_only_own(&self, permission: Permission) -> bool {
        let mut extents = self.extents(permission).map(|(extent, _)| extent);
        extents.next() == Some(Extent::Own) && extents.all(|extent| extent == Extent::Own)
    }

    /// Returns the objects that a permission of the caller covers: the union over the grants.
    #[must_use]
    pub fn targets(&self, permission: Permission) -> Targets {
        let mut targets = Targets::default();
        for (extent, grant) in self.extents(permission) {
            match (extent, grant.target()) {
                (Extent::Tenant | Extent::AnyTenant | Extent::Platform, _) => targets.all = true,
                (Extent::Own, _) => targets.own = Some(self.user),
                (Extent::Targets, Some(GrantTarget::Region(id))) => targets.regions.push(id),
                (Extent::Targets, Some(GrantTarget::Area(id))) => targets.areas.push(id),
                (Extent::Targets, Some(GrantTarget::Team(id))) => targets.teams.push(id),
                (Extent::Targets, Some(GrantTarget::Distributor(id))) => targets.distributors.push(id),
                (Extent::Targets, Some(GrantTarget::Retailer(id))) => targets.retailers.push(id),
                // A role without targets has no permission of this extent.
                (Extent::Targets, None) => {}
            }
        }
        targets
    }

    /// Returns `true` if the caller may grant this role for this target: they need every permission of the role
    /// themselves, to an extent that covers the target. `super_admin` cannot be granted over HTTP.
    #[must_use]
    pub fn may_grant(&self, grant: Grant) -> bool {
        let covers = |permission: &Permission| {
            let Some(needed) = extent(grant.role(), *permission) else { return true };
            self.held(*permission).any(|(held, own)| match held {
                Extent::Tenant | Extent::AnyTenant | Extent::Platform => true,
                Extent::Targets => needed <= held && own.target().is_some() && own.target() == grant.target(),
                // A caller covers the own objects of a colleague who has the same grant for the same target.
                Extent::Own => needed == held && own.target().is_some() && own == grant,
            })
        };
        grant.role() != Role::SuperAdmin && !self.is_platform && Permission::ALL.iter().all(covers)
    }
}

impl Permission {
    /// Returns `true` if a role has the permission, at least for some act.
    #[must_use]
    pub const fn belongs_to(self, role: Role) -> bool {
        extent(role, self).is_some()
    }

    /// Returns `true` if a role that has the permission has it for this act.
    fn allows(self, role: Role, act: Act) -> bool {
        self.only_act(role).is_none_or(|only| only == act)
    }

    /// Returns the extent to which a role has the permission for an act: all tenants of the `platform`, `all` of the tenant, the
    /// objects of its `targets`, its `own`, `any` of a tenant or of the platform's own tenant, or `None`.
    #[must_use]
    pub fn extent(self, role: Role, act: Act) -> Option<&'static str> {
        match extent(role, self).filter(|_| self.allows(role, act)) {
            Some(Extent::Own) => Some("own"),
            Some(Extent::Targets) => Some("targets"),
            Some(Extent::Tenant) => Some("all"),
            Some(Extent::AnyTenant) => Some("any"),
            Some(Extent::Platform) => Some("platform"),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::Grants;
    use haat_domain::shared::{DistributorId, Scope};

    use super::*;
    use crate::testing::{actor, admin, granted};

    #[test]
    fn unlisted_roles_are_denied() {
        let rep = actor();
        for permission in Permission::ALL {
            assert_eq!(admin().may(*permission), *permission != Permission::ManageTenants, "{permission:?}");
            let is_open = matches!(permission, Permission::ReadMap | Permission::ReadDistributors);
            assert_eq!(rep.may(*permission), is_open, "{permission:?}");
            assert!(!granted(&[]).has(*permission), "{permission:?}");
        }
        assert_eq!(admin().targets(Permission::ReadRetailers).scope(), Some(Scope::All));
        for (permission, scope) in [
            (Permission::ReadRetailers, Scope::Rep(rep.user)),
            (Permission::UpdateRetailers, Scope::Rep(rep.user)),
            (Permission::ManageRetailers, Scope::None),
        ] {
            assert_eq!(rep.has_only_own(permission), matches!(scope, Scope::Rep(_)), "{permission:?}");
            assert_eq!(rep.targets(permission).scope(), Some(scope), "{permission:?}");
        }
    }

    #[test]
    fn a_user_without_grants_has_no_scope() {
        assert_eq!(granted(&[]).targets(Permission::ReadRetailers), Targets::default());
    }

    #[test]
    fn only_scoped_permissions_are_narrow() {
        let mut names = std::collections::BTreeSet::new();
        for permission in Permission::ALL {
            assert!(names.insert(permission.as_str()));
            for role in Role::ALL {
                let narrow = extent(role, *permission).is_some_and(|extent| extent < Extent::Tenant);
                assert!(!narrow || SCOPED.contains(permission), "{permission:?} {role:?}");
            }
        }
    }

    #[test]
    fn permissions_are_the_union_of_grants() {
        let both = granted(&[Role::Admin, Role::SalesRep]);
        for permission in Permission::ALL {
            assert_eq!(both.may(*permission), admin().may(*permission), "{permission:?}");
        }
        assert_eq!(both.targets(Permission::ReadRetailers).scope(), Some(Scope::All));
        assert!(!both.has_only_own(Permission::ReadRetailers));
    }

    #[test]
    fn platform_users_have_the_permissions_of_the_platform_and_no_others() {
        let shadow = granted(&[Role::SuperAdmin]);
        let platform = Actor { is_platform: true, ..shadow.clone() };
        for permission in Permission::ALL {
            let is_of_platform = matches!(permission, Permission::ManageTenants | Permission::ChangeTenant);
            let is_of_both = matches!(permission, Permission::ReadJobs | Permission::ManageJobs);
            assert_eq!(platform.has(*permission), is_of_platform || is_of_both, "{permission:?}");
            assert_eq!(shadow.has(*permission), !is_of_platform, "{permission:?}");
        }
        assert_eq!(platform.targets(Permission::ReadRetailers), Targets::default());
        // The first administrator of a tenant may be created by a super admin who has entered it.
        let grant = Grant::new(Role::Admin, None).unwrap_or_else(|| unreachable!());
        assert!(shadow.may_grant(grant) && !platform.may_grant(grant));
        let admin_of_platform = Actor { is_platform: true, ..admin() };
        assert!(Permission::ALL.iter().all(|permission| !admin_of_platform.has(*permission)));
    }

    #[test]
    fn distributor_users_only_create_and_disable_colleagues() {
        let target = |id| Some(GrantTarget::Distributor(DistributorId::new(id)));
        let grant = |id| Grant::new(Role::DistributorUser, target(id)).unwrap_or_else(|| unreachable!());
        let caller = Actor { grants: Grants::of(vec![grant(3), grant(4)]), ..actor() };
        for permission in [Permission::ManageUsers, Permission::GrantRoles] {
            assert!(caller.has_for(permission, Act::CreateOrDisable) && !caller.has(permission));
            assert_eq!(permission.extent(Role::DistributorUser, Act::CreateOrDisable), Some("targets"));
            assert_eq!(permission.extent(Role::DistributorUser, Act::Other), None);
            assert_eq!(permission.extent(Role::Admin, Act::Other), Some("all"));
            assert!(admin().has(permission) && admin().has_for(permission, Act::CreateOrDisable));
        }
        assert!(caller.may_grant(grant(3)) && caller.may_grant(grant(4)) && !caller.may_grant(grant(5)));
        for role in Role::ALL.into_iter().filter(|role| *role != Role::DistributorUser) {
            let other = Grant::new(role, role.target().map(|kind| GrantTarget::new(kind, 3)));
            assert!(!other.is_some_and(|grant| caller.may_grant(grant)), "{role:?}");
        }
    }

    #[test]
    fn callers_cannot_grant_permissions_they_lack() {
        let grant = |role: Role| {
            Grant::new(role, role.target().map(|kind| GrantTarget::new(kind, 3)))
                .unwrap_or_else(|| unreachable!())
        };
        for role in Role::ALL {
            assert_eq!(admin().may_grant(grant(role)), role != Role::SuperAdmin, "{role:?}");
        }
        assert!(!granted(&[Role::NationalManager]).may_grant(grant(Role::Admin)));
        assert!(!actor().may_grant(grant(Role::Admin)));
        assert!(
            !actor().may_grant(grant(Role::SalesRep)),
            "the retailers of others are not the caller's own"
        );
    }
}
