//! What identity changes, inside a transaction.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::identity::{
    Caller, Chain, CompanySettings, Digest, HeldFactor, HeldSession, NewSession, NewUser, PasswordChange,
    PasswordHash, Person, Role, SealedSeed, SessionId, TenantName, TenantSlug,
};
use crate::shared::{ChangeTx, StorageFailure, TenantId, UserId};

/// Another user already has this name, phone, address or code.
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
    /// Adds a user, or says all of theirs that is taken; then the transaction is only good to be rolled back.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn insert(&mut self, user: &NewUser) -> Result<Result<UserId, Vec<UserConflict>>, StorageFailure>;

    /// A person as they are now, whom nobody else changes before the commit; of any role where none is named.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock(
        &mut self,
        tenant: TenantId,
        role: Option<Role>,
        id: UserId,
    ) -> Result<Option<Person>, StorageFailure>;

    /// Makes a locked person what is given here, their version one more, or says all of theirs that is taken; then the
    /// transaction is only good to be rolled back.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn update(
        &mut self,
        person: &Person,
        at: DateTime<Utc>,
    ) -> Result<Result<(), Vec<UserConflict>>, StorageFailure>;

    /// Gives somebody another password and ends every token they have: the token version from now on. `None`, and
    /// nothing is changed, where they are not active as expected.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn set_password(&mut self, change: &PasswordChange) -> Result<Option<i32>, StorageFailure>;

    /// Stores another hash of the same password, unless it has been changed since. Nothing else of the user changes.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn rehash(
        &mut self,
        tenant: TenantId,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StorageFailure>;
}

/// Checks, inside the transaction of a change, whoever asks for it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CallerGuard: Send {
    /// Whether they may still act, with this role and token version and in this session, and need not change their password
    /// first; nobody changes what they may before the commit.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn may_act(&mut self, caller: &Caller) -> Result<bool, StorageFailure>;
}

/// Changes sessions inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionWriter: Send {
    /// Begins a session.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn open(&mut self, session: &NewSession) -> Result<(), StorageFailure>;

    /// A session as it is now, which nobody else uses before the commit; ended ones too. `None` also when the tenant is closed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock(
        &mut self,
        tenant: TenantId,
        session: SessionId,
    ) -> Result<Option<HeldSession>, StorageFailure>;

    /// Notes that a session was used, and how its tokens are now.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn used(
        &mut self,
        tenant: TenantId,
        session: SessionId,
        chain: &Chain,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Ends a user's session, and tells the feed; `false` where they have none of this id that goes on.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn end(
        &mut self,
        tenant: TenantId,
        user: UserId,
        session: SessionId,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageFailure>;

    /// Lets a user's session go on under another token version of theirs; `false` where it has ended.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
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
    /// Somebody with what is kept of their second factor, which nobody else uses before the commit. `None` also when the tenant
    /// is closed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock(&mut self, tenant: TenantId, user: UserId) -> Result<Option<HeldFactor>, StorageFailure>;

    /// The same where only the seed and the recovery codes are kept from others: whoever works on something big in their name
    /// keeps them from changing and not from logging in.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock_for_login(
        &mut self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<HeldFactor>, StorageFailure>;

    /// Keeps a seed that counts for nothing yet, in place of one before, for somebody locked.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn keep_seed(
        &mut self,
        tenant: TenantId,
        user: UserId,
        seed: &SealedSeed,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// From now on somebody locked does not log in without it, and these recovery codes are theirs. Ends every token they have:
    /// the token version from now on.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn turn_on(
        &mut self,
        tenant: TenantId,
        user: UserId,
        recovery: &[Digest],
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure>;

    /// Forgets the seed and the recovery codes of somebody locked, and ends every token they have: the token version from now on.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn turn_off(
        &mut self,
        tenant: TenantId,
        user: UserId,
        at: DateTime<Utc>,
    ) -> Result<i32, StorageFailure>;

    /// Notes of somebody locked that the code of the 30 seconds with this number was used, and keeps their seed as it is sealed
    /// now, where that is given.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn use_step<'a>(
        &mut self,
        tenant: TenantId,
        user: UserId,
        step: i64,
        renewed: Option<&'a SealedSeed>,
    ) -> Result<(), StorageFailure>;

    /// Uses up a recovery code; `false` where they have none like it.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn use_recovery(
        &mut self,
        tenant: TenantId,
        user: UserId,
        code: &Digest,
    ) -> Result<bool, StorageFailure>;
}

/// Changes what a company's administrators set of it, inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SettingsWriter: Send {
    /// As it is now, which nobody else changes before the commit.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn lock(&mut self, tenant: TenantId) -> Result<Option<CompanySettings>, StorageFailure>;

    /// Sets it.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn set(&mut self, tenant: TenantId, settings: &CompanySettings) -> Result<(), StorageFailure>;
}

/// Adds companies inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TenantWriter: Send {
    /// Adds a company; `None` where one has this short name already.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take it.
    async fn insert(
        &mut self,
        slug: &TenantSlug,
        name: &TenantName,
    ) -> Result<Option<TenantId>, StorageFailure>;
}

/// What adding a company sees of a transaction.
pub trait TenantTx: ChangeTx {
    /// Companies.
    fn tenants(&mut self) -> &mut dyn TenantWriter;
}

/// What identity's use cases see of a transaction.
pub trait IdentityTx: ChangeTx {
    /// Users.
    fn users(&mut self) -> &mut dyn UserWriter;

    /// Sessions.
    fn sessions(&mut self) -> &mut dyn SessionWriter;

    /// Second factors.
    fn factors(&mut self) -> &mut dyn FactorWriter;

    /// What a company's administrators set of it.
    fn settings(&mut self) -> &mut dyn SettingsWriter;
}
