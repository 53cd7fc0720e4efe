//! The ports through which identity writes, inside a transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::identity::{
    Caller, Digest, NewSession, NewUser, PasswordChange, PasswordHash, Person, Role, SealedSeed, SessionId,
    SessionRecord, StoredFactor, TenantName, TenantSettings, TenantSlug, TokenChain,
};
use crate::shared::{ChangeTx, StorageFailure, TenantId, UserId};

/// An attribute that another user already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserConflict {
    /// The username is taken.
    Username,
    /// The phone is taken.
    Phone,
    /// The e-mail address is taken.
    Email,
    /// The employee code is taken.
    EmployeeCode,
}

/// Changes users inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserWriter: Send {
    /// Adds a user, or returns all attributes that are taken; the transaction can then only be rolled back.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn insert(&mut self, user: &NewUser) -> Result<Result<UserId, Vec<UserConflict>>, StorageFailure>;

    /// Locks a user until the commit and returns the current state. `role` of `None` stands for any role.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    async fn lock(
        &mut self,
        tenant: TenantId,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Option<Person>, StorageFailure>;

    /// Stores a locked user and raises the version, or returns all attributes that are taken; the transaction
    /// can then only be rolled back.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn update(
        &mut self,
        person: &Person,
        at: DateTime<Utc>,
    ) -> Result<Result<(), Vec<UserConflict>>, StorageFailure>;

    /// Sets the password of a user, revokes every token of the user, and returns the new token version.
    /// Changes nothing and returns `None` if the user is not active or does not have the expected token
    /// version.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn set_password(&mut self, change: &PasswordChange) -> Result<Option<i32>, StorageFailure>;

    /// Stores another hash of the same password, unless the password has changed since. Changes nothing else
    /// of the user.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn rehash(
        &mut self,
        tenant: TenantId,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StorageFailure>;
}

/// Checks the caller of a change, inside its transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallerGuard: Send {
    /// Returns true if the caller is still allowed to act, with this role and token version and in this
    /// session, and does not have to change the password first. Locks the user, so that the permissions
    /// cannot change before the commit.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    async fn may_act(&mut self, caller: &Caller) -> Result<bool, StorageFailure>;
}

/// Changes sessions inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionWriter: Send {
    /// Creates a session.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn open(&mut self, session: &NewSession) -> Result<(), StorageFailure>;

    /// Locks a session until the commit and returns its current state, also if it has ended; `None` also if
    /// the tenant is closed.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    async fn lock(
        &mut self,
        tenant: TenantId,
        session: SessionId,
    ) -> Result<Option<SessionRecord>, StorageFailure>;

    /// Records the use of a session and the new state of its tokens.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn used(
        &mut self,
        tenant: TenantId,
        session: SessionId,
        chain: &TokenChain,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Ends a user's session and adds a change feed entry. Returns false if the user has no active session
    /// with this id.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn end(
        &mut self,
        tenant: TenantId,
        user: UserId,
        session: SessionId,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageFailure>;

    /// Keeps a user's session valid under a new token version of the user. Returns false if the session has
    /// ended.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
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
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    async fn lock(&mut self, tenant: TenantId, user: UserId) -> Result<Option<StoredFactor>, StorageFailure>;

    /// Like [`lock`](Self::lock), but locks only the seed and the recovery codes, not the user. A long
    /// transaction of the user, which locks the user, thus delays changes of the user but not logins.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    async fn lock_for_login(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<StoredFactor>, StorageFailure>;

    /// Stores a seed that is not active yet for a locked user, in place of an earlier one.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn save_seed(
        &mut self,
        tenant: TenantId,
        user: UserId,
        seed: &SealedSeed,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Activates the second factor of a locked user, with these recovery codes. Revokes every token of the
    /// user and returns the new token version.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn turn_on(
        &mut self,
        tenant: TenantId,
        user: UserId,
        recovery: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure>;

    /// Deletes the seed and the recovery codes of a locked user. Revokes every token of the user and returns
    /// the new token version.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn turn_off(
        &mut self,
        tenant: TenantId,
        user: UserId,
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure>;

    /// Records that a locked user has used the code of this 30-second step, and stores the renewed sealed
    /// seed, if given.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn consume_totp_step<'a>(
        &mut self,
        tenant: TenantId,
        user: UserId,
        step: i64,
        renewed: Option<&'a SealedSeed>,
    ) -> Result<(), StorageFailure>;

    /// Uses up a recovery code. Returns false if the user has no such code.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn consume_recovery_code(
        &mut self,
        tenant: TenantId,
        user: UserId,
        code: &Digest,
    ) -> Result<bool, StorageFailure>;
}

/// Changes the settings of a tenant inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SettingsWriter: Send {
    /// Locks the settings until the commit and returns them.
    ///
    /// # Errors
    /// [`StorageFailure`] if the storage fails.
    async fn lock(&mut self, tenant: TenantId) -> Result<Option<TenantSettings>, StorageFailure>;

    /// Stores the settings.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn set(&mut self, tenant: TenantId, settings: &TenantSettings) -> Result<(), StorageFailure>;
}

/// Adds tenants inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TenantWriter: Send {
    /// Adds a tenant; `None` if another tenant has this short name.
    ///
    /// # Errors
    /// [`StorageFailure`] if the write fails.
    async fn insert(
        &mut self,
        slug: &TenantSlug,
        name: &TenantName,
    ) -> Result<Option<TenantId>, StorageFailure>;
}

/// The view of a transaction for adding tenants.
pub trait TenantTx: ChangeTx {
    /// Returns the tenants.
    fn tenants(&mut self) -> &mut dyn TenantWriter;
}

/// The view of a transaction for the use cases of identity.
pub trait IdentityTx: ChangeTx {
    /// Returns the users.
    fn users(&mut self) -> &mut dyn UserWriter;

    /// Returns the sessions.
    fn sessions(&mut self) -> &mut dyn SessionWriter;

    /// Returns the second factors.
    fn factors(&mut self) -> &mut dyn FactorWriter;

    /// Returns the settings of the tenant.
    fn settings(&mut self) -> &mut dyn SettingsWriter;
}
