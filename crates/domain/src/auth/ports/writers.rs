//! The ports through which credentials and sessions are written, inside a transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::auth::{
    DeviceId, Digest, NewSession, PasswordChange, PasswordHash, SealedSeed, SessionRecord, StoredFactor,
    TokenChain, User,
};
use crate::change::ChangeTx;
use crate::shared::{SessionId, StorageFailure, TenantId, UserId};
use crate::tenancy::TenantSelector;

/// Changes passwords inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordWriter: Send {
    /// Sets the password of a user, revokes every token of the user, and returns the new token version.
    /// Changes nothing and returns `None` if the user is not active or does not have the expected token
    /// version.
    async fn set_password(&mut self, change: &PasswordChange) -> Result<Option<i32>, StorageFailure>;

    /// Stores another hash of the same password, unless the password has changed since. Changes nothing else
    /// of the user.
    async fn rehash(
        &mut self,
        tenant: TenantId,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StorageFailure>;
}

/// Changes sessions inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionWriter: Send {
    /// Creates a session.
    async fn open(&mut self, session: &NewSession) -> Result<(), StorageFailure>;

    /// Locks a session until the commit and returns its current state, also if it has ended; `None` also if
    /// the tenant is closed.
    async fn lock(
        &mut self,
        tenant: TenantId,
        session: SessionId,
    ) -> Result<Option<SessionRecord>, StorageFailure>;

    /// Records the use of a session and the new state of its tokens.
    async fn used(
        &mut self,
        tenant: TenantId,
        session: SessionId,
        chain: &TokenChain,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Ends a user's session and adds a change feed entry. Returns false if the user has no active session
    /// with this id.
    async fn end(
        &mut self,
        tenant: TenantId,
        user: UserId,
        session: SessionId,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageFailure>;

    /// Ends the active sessions of a user on a device, adds a change feed entry and returns the sessions.
    async fn end_on_device(
        &mut self,
        user: &User,
        device: &DeviceId,
        at: DateTime<Utc>,
    ) -> Result<Vec<SessionId>, StorageFailure>;

    /// Keeps a user's session valid under a new token version of the user. Returns false if the session has
    /// ended.
    async fn carry_over(
        &mut self,
        tenant: TenantId,
        user: UserId,
        session: SessionId,
        token_version: i32,
    ) -> Result<bool, StorageFailure>;
}

/// Changes second factors inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait FactorWriter: Send {
    /// Locks a user and the stored second factor until the commit, and returns both; `None` also if the
    /// tenant is closed.
    async fn lock(&mut self, tenant: TenantId, user: UserId) -> Result<Option<StoredFactor>, StorageFailure>;

    /// Like [`lock`](Self::lock), but locks only the seed and the recovery codes, not the user. A long
    /// transaction of the user, which locks the user, thus delays changes of the user but not logins.
    async fn lock_for_login(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<StoredFactor>, StorageFailure>;

    /// Stores a seed that is not active yet for a locked user, in place of an earlier one.
    async fn save_seed(
        &mut self,
        tenant: TenantId,
        user: UserId,
        seed: &SealedSeed,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Activates the second factor of a locked user, with these recovery codes. Revokes every token of the
    /// user and returns the new token version.
    async fn turn_on(
        &mut self,
        tenant: TenantId,
        user: UserId,
        recovery: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure>;

    /// Replaces the recovery codes of a locked user.
    async fn replace_recovery_codes(
        &mut self,
        tenant: TenantId,
        user: UserId,
        recovery: &[Digest],
    ) -> Result<(), StorageFailure>;

    /// Deletes the seed and the recovery codes of a locked user. Revokes every token of the user and returns
    /// the new token version.
    async fn turn_off(
        &mut self,
        tenant: TenantId,
        user: UserId,
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure>;

    /// Records that a locked user has used the code of this 30-second step, and stores the renewed sealed
    /// seed, if given.
    async fn consume_totp_step<'a>(
        &mut self,
        tenant: TenantId,
        user: UserId,
        step: i64,
        renewed: Option<&'a SealedSeed>,
    ) -> Result<(), StorageFailure>;

    /// Uses up a recovery code. Returns false if the user has no such code.
    async fn consume_recovery_code(
        &mut self,
        tenant: TenantId,
        user: UserId,
        code: &Digest,
    ) -> Result<bool, StorageFailure>;
}

/// The view of a transaction for login, sessions and credentials.
pub trait AuthTx: ChangeTx {
    /// Returns the passwords.
    fn passwords(&mut self) -> &mut dyn PasswordWriter;

    /// Returns the sessions.
    fn sessions(&mut self) -> &mut dyn SessionWriter;

    /// Returns the second factors.
    fn factors(&mut self) -> &mut dyn FactorWriter;
}

/// The user that represents a platform user in another tenant, so that changes, jobs and audit entries there have an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShadowUser {
    /// The tenant.
    pub tenant: TenantId,
    /// The user in the tenant.
    pub user: UserId,
    /// The version of the user's grants.
    pub access_version: i32,
}

/// Provides shadow users inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ShadowUserWriter: Send {
    /// Returns the shadow user of a platform user in a tenant, and adds it on first use. Returns `None` if the tenant is
    /// unknown, closed or the platform tenant, if it allows no support access, or if the shadow user is disabled there.
    async fn enter(
        &mut self,
        platform_user: UserId,
        tenant: &TenantSelector,
    ) -> Result<Option<ShadowUser>, StorageFailure>;
}

/// The view of a transaction in which a super admin enters a tenant.
pub trait SupportTx: ChangeTx {
    /// Returns the shadow users.
    fn shadow_users(&mut self) -> &mut dyn ShadowUserWriter;
}
