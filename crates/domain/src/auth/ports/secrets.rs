//! The ports for passwords, tokens, second factors and the login throttle.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::auth::{
    AccessClaims, Challenge, Digest, NewPassword, NewRecoveryCode, PasswordHash, PasswordSeed,
    PresentedToken, RevealedSeed, SealedSeed, Seed, TokenChain, User,
};
use crate::shared::{SessionId, TenantId};

/// Reasons why a password could not be hashed or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashFailure {
    /// Too many passwords are waiting; the queue will be empty after this time.
    #[error("too many passwords are being checked")]
    Busy(std::time::Duration),
    /// The stored hash cannot be read, or the hasher has stopped.
    #[error("password hashing failed: {0}")]
    Broken(String),
}

/// Hashes passwords. Hashing is slow by design, so an implementation keeps it off the threads that serve
/// requests and limits the number of concurrent hashes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Returns the hash to store for a password.
    ///
    /// # Errors
    /// [`HashFailure`].
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure>;

    /// Like [`hash`](Self::hash), but waits for other passwords as long as it takes: for jobs, which no client waits for.
    ///
    /// # Errors
    /// [`HashFailure::Broken`].
    async fn hash_for_job(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure>;

    /// Like [`hash`](Self::hash), but fails instead of waiting for other passwords.
    ///
    /// # Errors
    /// [`HashFailure`].
    async fn hash_if_idle(&self, password: &NewPassword) -> Result<PasswordHash, HashFailure>;

    /// Returns true if the hash was made with a lower cost than new hashes.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;

    /// Verifies a password. Without a hash (an unknown user) it takes the same time and returns false.
    ///
    /// # Errors
    /// [`HashFailure`].
    async fn verify<'a>(
        &self,
        password: &SecretString,
        hash: Option<&'a PasswordHash>,
    ) -> Result<bool, HashFailure>;
}

/// Reasons why a text is not a valid access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Not a token of this server: malformed, another algorithm, key, issuer or audience, or a wrong
    /// signature.
    #[error("invalid token")]
    Invalid,
    /// A token of this server that has expired.
    #[error("expired token")]
    Expired,
}

/// Issues and verifies access tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait AccessTokens: Send + Sync {
    /// Issues a token with these claims.
    ///
    /// # Errors
    /// A message for the log if signing fails.
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, String>;

    /// Returns the claims of a valid token of this server.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError>;
}

/// A key by which login attempts are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleKey {
    /// The name of the counter; equal names share one counter.
    pub key: String,
    /// The number of attempts allowed at once, after a pause.
    pub burst: u32,
    /// The time after which one more attempt is allowed.
    pub interval: std::time::Duration,
}

/// Counts failed attempts, across all processes as long as the shared counter is available.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LoginThrottle: Send + Sync {
    /// Counts one attempt under every key, or under none and returns the time to wait. An attempt is counted
    /// before its outcome is known, so that concurrent attempts are limited like sequential ones.
    ///
    /// # Errors
    /// The time until all keys allow another attempt.
    async fn take(&self, counted: &[ThrottleKey]) -> Result<(), std::time::Duration>;

    /// Subtracts an attempt that did not fail.
    async fn refund(&self, counted: &[ThrottleKey]);
}

/// Issues and parses refresh tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait RefreshTokens: Send + Sync {
    /// Creates the first token of a new session, and the stored state of its tokens.
    ///
    /// # Errors
    /// A message for the log if no random bytes are available.
    fn first(&self, tenant: TenantId, session: SessionId) -> Result<(SecretString, TokenChain), String>;

    /// Parses a refresh token; `None` if the text does not have the form of one.
    fn read(&self, token: &str) -> Option<PresentedToken>;

    /// Derives the next token, always the same one, and its stored digest; `None` if `token` is not a refresh
    /// token.
    fn next(&self, token: &str, seed: &Seed) -> Option<(SecretString, Digest)>;

    /// Derives the first token of a chain from a secret request and the seed of the session, always the same
    /// one. Neither the request nor the seed is enough alone.
    ///
    /// # Errors
    /// A message for the log if the token cannot be derived.
    fn derive(
        &self,
        tenant: TenantId,
        session: SessionId,
        request: &SecretString,
        seed: &Seed,
    ) -> Result<(SecretString, PresentedToken), String>;
}

/// Reasons why a second factor could not be set up or verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactorFailure {
    /// The operator has not configured a key for sealing seeds.
    #[error("no key for sealing seeds is configured")]
    NotConfigured,
    /// A seed cannot be unsealed, or no random bytes are available.
    #[error("second factor: {0}")]
    Broken(String),
}

/// Creates and verifies TOTP codes and recovery codes.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait SecondFactors: Send + Sync {
    /// Creates a seed for a user.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn new_seed(&self, user: &User) -> Result<RevealedSeed, FactorFailure>;

    /// Returns the 30-second step near `now` for which the code is valid, if there is one. Steps are numbered
    /// from 1970.
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

    /// Seals the seed with the current key, if it is sealed with an earlier one.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn renewed(&self, user: &User, seed: &SealedSeed) -> Result<Option<SealedSeed>, FactorFailure>;

    /// Creates a full set of recovery codes.
    ///
    /// # Errors
    /// [`FactorFailure`].
    fn new_recovery_codes(&self) -> Result<Vec<NewRecoveryCode>, FactorFailure>;

    /// Returns the digest to store for a recovery code in the form of
    /// [`crate::auth::FactorCode::Recovery`].
    fn digest(&self, recovery: &str) -> Digest;
}

/// Issues and verifies the tokens of logins that still require the second factor.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait ChallengeTokens: Send + Sync {
    /// Issues a token for this challenge.
    ///
    /// # Errors
    /// A message for the log if signing fails.
    fn issue(&self, challenge: &Challenge) -> Result<SecretString, String>;

    /// Returns the challenge of a valid token of this server.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    fn verify(&self, token: &str) -> Result<Challenge, AccessTokenError>;
}

/// Generates passwords that are displayed once and must be changed at the first login.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait OneTimePasswords: Send + Sync {
    /// Generates a password that cannot be guessed and is easy to type.
    ///
    /// # Errors
    /// A message for the log if no random bytes are available.
    fn next(&self) -> Result<NewPassword, String>;
}

/// Derives one-time passwords, so that none has to be stored until it is displayed.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait DerivedPasswords: Send + Sync {
    /// Generates a seed for the passwords of one file.
    ///
    /// # Errors
    /// A message for the log if no random bytes are available.
    fn new_seed(&self) -> Result<PasswordSeed, String>;

    /// Derives the password of a row of the file. Returns `None` if the server does not have the key of the seed.
    ///
    /// # Errors
    /// A message for the log if the password cannot be derived.
    fn derive(&self, seed: &PasswordSeed, row: i64) -> Result<Option<NewPassword>, String>;
}
