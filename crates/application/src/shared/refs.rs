//! References in filters: by id or by name.

use haat_domain::auth::{Username, UsernameReader};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

/// A user in a filter, selected by id or username.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserSelector {
    /// By id.
    Id(i64),
    /// By username.
    Username(Username),
}

impl UserSelector {
    /// Returns the user's id. An id is not looked up, because an unknown id matches nothing anyway.
    pub(crate) async fn id(
        &self,
        users: &dyn UsernameReader,
        tenant: TenantId,
    ) -> Result<Option<UserId>, StorageFailure> {
        match self {
            Self::Id(id) => Ok(Some(UserId::new(*id))),
            Self::Username(name) => users.id_of(tenant, name).await,
        }
    }
}

/// A place in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceSelector {
    /// By id.
    Id(i64),
    /// By any of its names, folded as in search and import.
    Name(String),
}
