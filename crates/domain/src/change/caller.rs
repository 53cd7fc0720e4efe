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
    /// The highest role.
    pub role: Role,
    /// The version of the grants.
    pub access_version: i32,
    /// The token version of the access token.
    pub token_version: i32,
    /// The session of the access token; `None` for the requester of a job, who is not the caller of a
    /// request.
    pub session: Option<SessionId>,
}

/// The result of the check of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerCheck {
    /// The caller may act.
    Ok,
    /// The caller may no longer act.
    Ended,
    /// The grants of the caller have changed: the request has to be checked again with the current ones.
    Changed,
}

/// Checks the caller of a change, inside its transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallerGuard: Send {
    /// Checks that the caller is still allowed to act, with this token version and in this session, that the grants are
    /// still those of this version, and that the caller does not have to change the password first. Locks the user, so
    /// that the permissions cannot change before the commit.
    async fn check(&mut self, caller: &Caller) -> Result<CallerCheck, StorageFailure>;
}
