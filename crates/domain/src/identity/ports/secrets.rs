//! Passwords, tokens, second factors, and how often they may be guessed.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::identity::{
    AccessClaims, Chain, Challenge, Digest, NewPassword, NewRecoveryCode, PasswordHash, SealedSeed, Seed,
    SessionId, ShownSeed, ShownToken, User,
};
use crate::shared::TenantId;

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

/// Why a second factor could not be set up or checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactorFailure {
    /// The operator has given no key to seal seeds with.
    #[error("no key to seal seeds with is configured")]
    NotConfigured,
    /// A seed cannot be unsealed, or there is no randomness to be had.
    #[error("second factor: {0}")]
    Broken(String),
}

/// Makes and checks codes of authenticator apps and recovery codes.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait SecondFactors: Send + Sync {
    /// A new seed for somebody.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn new_seed(&self, user: &User) -> Result<ShownSeed, FactorFailure>;

    /// Of which 30 seconds this is the code, if of any near now; numbered from 1970.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn step_of(
        &self,
        user: &User,
        seed: &SealedSeed,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, FactorFailure>;

    /// The same seed sealed with the key of now, where it is sealed with one before.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn renewed(&self, user: &User, seed: &SealedSeed) -> Result<Option<SealedSeed>, FactorFailure>;

    /// All the recovery codes that somebody gets at once.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn new_recovery_codes(&self) -> Result<Vec<NewRecoveryCode>, FactorFailure>;

    /// What is kept of a recovery code, as [`crate::identity::FactorCode::Recovery`] has it.
    fn digest(&self, recovery: &str) -> Digest;
}

/// Makes and checks the tokens of those who have shown a password and not yet the second factor.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ChallengeTokens: Send + Sync {
    /// A token that says so.
    ///
    /// # Errors
    /// A text for the log when signing is impossible.
    fn issue(&self, challenge: &Challenge) -> Result<SecretString, String>;

    /// What a token says, if it is ours and still valid.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    fn verify(&self, token: &str) -> Result<Challenge, AccessTokenError>;
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
