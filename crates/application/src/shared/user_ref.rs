use haat_domain::identity::{Username, UsernameReader};
use haat_domain::shared::{StorageFailure, TenantId, UserId};

/// A user in a filter, as people name one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(i64),
    /// By username.
    Username(Username),
}

impl UserRef {
    /// Who that is. An id is not looked up: what belongs to nobody is not found anyway.
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
