use async_trait::async_trait;

use crate::shared::{Role, SessionId, StorageFailure, TenantId, UserId};

/// The user who requests a change, as given by the token and the auth state. The change itself checks both
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The role.
    pub role: Role,
    /// The token version of the access token.
    pub token_version: i32,
    /// The session of the access token; `None` for the requester of a job, who is not the caller of a
    /// request.
    pub session: Option<SessionId>,
}

/// Checks the caller of a change, inside its transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallerGuard: Send {
    /// Returns true if the caller is still allowed to act, with this role and token version and in this
    /// session, and does not have to change the password first. Locks the user, so that the permissions
    /// cannot change before the commit.
    async fn may_act(&mut self, caller: &Caller) -> Result<bool, StorageFailure>;
}
