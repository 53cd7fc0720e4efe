use haat_domain::identity::Role;

use super::Actor;

/// Something that not everybody may do. What nobody is named for, nobody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Change who serves which shop.
    ChangeAssignments,
}

impl Actor {
    /// Whether the caller may do this.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        match (self.role, permission) {
            (Role::Admin, Permission::ChangeAssignments) => true,
            (Role::SalesRep, Permission::ChangeAssignments) => false,
        }
    }
}
