use haat_domain::identity::Role;

use super::Actor;

/// Something that not everybody may do. What nobody is named for, nobody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Change the sales map.
    ManageMap,
    /// See and change who works here.
    ManagePeople,
    /// See the whole pool of shops and change their master data.
    ManageRetailers,
    /// See and change who serves which shop.
    ChangeAssignments,
    /// Read the audit log.
    ReadAudit,
}

impl Actor {
    /// Whether the caller may do this.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        use Permission::{ChangeAssignments, ManageMap, ManagePeople, ManageRetailers, ReadAudit};
        match (self.role, permission) {
            (Role::Admin, ManageMap | ManagePeople | ManageRetailers | ChangeAssignments | ReadAudit) => true,
            (Role::SalesRep, ManageMap | ManagePeople | ManageRetailers | ChangeAssignments | ReadAudit) => {
                false
            }
        }
    }
}
