use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    AccessClaims, Caller, Chain, Credential, DeviceId, Digest, HeldSession, LoginName, NewPassword,
    NewSession, NewUser, PasswordChange, PasswordHash, Person, PersonKey, PersonQuery, Role, Seed, Session,
    SessionId, ShownToken, TenantName, TenantSlug, User, UserStanding, Username,
};
use crate::shared::{ChangeTx, Page, PageRequest, StorageFailure, TenantId, UserId};

/// A tenant, and its user of a name, with whether they have logged in with a device lately.
pub type FoundLogin = (TenantId, Option<(Credential, bool)>);

/// Finds what a login is checked against.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CredentialReader: Send + Sync {
    /// The tenant and its user of that name, disabled ones too, with whether they have logged in with this device lately; `None`
    /// when the tenant is unknown or closed. An unknown name costs what a known one does.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find<'a>(
        &self,
        tenant: &TenantSlug,
        name: &LoginName,
        device: Option<&'a DeviceId>,
    ) -> Result<Option<FoundLogin>, StorageFailure>;

    /// Of a user who is known already.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn of(&self, tenant: TenantId, user: UserId) -> Result<Option<Credential>, StorageFailure>;
}

/// Reads users.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserReader: Send + Sync {
    /// One user, if there is one of this id in the tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(&self, tenant: TenantId, user: UserId) -> Result<Option<User>, StorageFailure>;

    /// The id of an active tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find_tenant(&self, slug: &TenantSlug) -> Result<Option<TenantId>, StorageFailure>;
}

/// Finds out who is meant by a username, in a filter.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UsernameReader: Send + Sync {
    /// The id of the tenant's user of this name, in any case of letters; a disabled one too.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn id_of(&self, tenant: TenantId, username: &Username) -> Result<Option<UserId>, StorageFailure>;
}

/// Reads what every request checks of its caller. Apart from [`UserReader`] because it is asked on every
/// request and may be answered from a cache.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserStandingReader: Send + Sync {
    /// How the user stands now, and their session, if one is asked about; `None` when there is no such user or the tenant is
    /// closed.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<UserStanding>, StorageFailure>;
}

/// Reads people, as an administrator sees them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PersonReader: Send + Sync {
    /// One person of that role, if there is one of this id in the tenant.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn find(&self, tenant: TenantId, role: Role, id: UserId) -> Result<Option<Person>, StorageFailure>;

    /// A page of people, in order of name.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn list(
        &self,
        tenant: TenantId,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, StorageFailure>;
}

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

/// Reads sessions.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// Those of a user that go on, the last used first.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StorageFailure>;
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
}

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashFailure {
    /// Too many are waiting already; trying again a little later may help.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash cannot be read, or the hasher is gone.
    #[error("password hashing failed: {0}")]
    Broken(String),
}

/// Hashes passwords. Slow on purpose, so an implementation keeps it off the threads that serve requests and
/// bounds how many run at once.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// The hash to store for a password.
    ///
    /// # Errors
    /// [`HashFailure`].
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure>;

    /// Whether the hash was made with less effort than is made now.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;

    /// Whether this is the password. With no hash (an unknown user) it takes the same time and says no.
    ///
    /// # Errors
    /// [`HashFailure`].
    async fn verify<'a>(
        &self,
        password: &SecretString,
        hash: Option<&'a PasswordHash>,
    ) -> Result<bool, HashFailure>;
}

/// Why a text is not a valid access token. All of them are one answer to the caller; the log tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Not a token of ours: malformed, another algorithm, key, issuer or audience, or a wrong signature.
    #[error("invalid token")]
    Invalid,
    /// Ours, but its time is over.
    #[error("expired token")]
    Expired,
}

/// Makes and checks access tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait AccessTokens: Send + Sync {
    /// A token that says `claims`.
    ///
    /// # Errors
    /// A text for the log when signing is impossible.
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, String>;

    /// What a token says, if it is ours and still valid.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError>;
}

/// Something by which guesses are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The same for all that count together.
    pub key: String,
    /// How many are free at once, after a pause.
    pub burst: u32,
    /// After so long there is one more.
    pub interval: std::time::Duration,
}

/// Counts failures, for all processes together where they can be asked.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LoginThrottle: Send + Sync {
    /// Counts one by each of these, or by none of them and says how long to wait. Counted before it is known whether it
    /// fails, so that many at once are not more than one after the other.
    ///
    /// # Errors
    /// The time until all of them have room.
    async fn take(&self, counted: &[Counted]) -> Result<(), std::time::Duration>;

    /// Takes one back that did not fail.
    async fn give_back(&self, counted: &[Counted]);
}

/// Makes and reads refresh tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait RefreshTokens: Send + Sync {
    /// The first one of a new session, and what is kept of it.
    ///
    /// # Errors
    /// A text for the log when there is no randomness to be had.
    fn first(&self, tenant: TenantId, session: SessionId) -> Result<(SecretString, Chain), String>;

    /// What a text says, if it has the form of a refresh token.
    fn read(&self, token: &str) -> Option<ShownToken>;

    /// The one that follows, always the same, and what is kept of it; `None` where `token` is none.
    fn next(&self, token: &str, seed: &Seed) -> Option<(SecretString, Digest)>;
}

/// Makes passwords that are told once, to be changed at the first login.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait OneTimePasswords: Send + Sync {
    /// One that nobody can guess and anybody can type.
    ///
    /// # Errors
    /// A text for the log when there is no randomness to be had.
    fn next(&self) -> Result<NewPassword, String>;
}
