//! The ports through which credentials and sessions are read.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::auth::{AuthState, Credential, DeviceId, LoginName, Profile, Session, User, Username};
use crate::shared::{SessionId, StorageFailure, TenantId, UserId};
use crate::tenancy::TenantSlug;

/// A tenant, and its user with a given name, with the token version of the user's last recent login from a
/// device.
pub type FoundLogin = (TenantId, Option<(Credential, Option<i32>)>);

/// Reads the data that a login is checked against.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CredentialReader: Send + Sync {
    /// Finds the tenant and its user with this name, including a disabled one, with the token version of the
    /// user's last recent login from this device. Returns `None` if the tenant is unknown or closed. An
    /// unknown name costs the same as a known one.
    async fn find<'a>(
        &self,
        tenant: &TenantSlug,
        name: &LoginName,
        device: Option<&'a DeviceId>,
    ) -> Result<Option<FoundLogin>, StorageFailure>;

    /// Returns the credential of a known user.
    async fn of(&self, tenant: TenantId, user: UserId) -> Result<Option<Credential>, StorageFailure>;
}

/// Reads users.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserReader: Send + Sync {
    /// Returns a user, if the tenant has one with this id.
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, StorageFailure>;

    /// Returns what a user sees of their own account, if the tenant has one with this id.
    async fn profile(&self, tenant: TenantId, user: UserId) -> Result<Option<Profile>, StorageFailure>;
}

/// Resolves usernames in filters.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UsernameReader: Send + Sync {
    /// Returns the id of the tenant's user with this username, ignoring case; also of a disabled user.
    async fn id_of(&self, tenant: TenantId, username: &Username) -> Result<Option<UserId>, StorageFailure>;
}

/// Reads the state that every request checks about its caller. Separate from [`UserReader`] because it is
/// called on every request and may be cached.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuthStateReader: Send + Sync {
    /// Returns the current state of the user and, if given, of the session; `None` if the user does not exist
    /// or the tenant is closed. For a shadow user, token version, second factor, password and session are those of the
    /// platform user; it is active while both users are, the platform user is a super admin, and the tenant allows support
    /// access.
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<AuthState>, StorageFailure>;
}

/// Reads sessions.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// Returns the active sessions of a user, the most recently used first.
    async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StorageFailure>;
}
