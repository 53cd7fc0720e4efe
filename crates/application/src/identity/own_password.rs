use std::sync::Arc;
use std::time::Duration;

use haat_domain::identity::{CredentialReader, HashFailure, LoginThrottle, PasswordHasher, User};
use haat_domain::shared::StorageFailure;
use secrecy::SecretString;

use super::GuessLimit;
use crate::shared::Actor;

/// Why somebody who is logged in has not shown that it is they.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnPasswordError {
    /// There is no such user any more.
    #[error("the caller may not act any more")]
    CallerEnded,
    /// That is not the caller's password.
    #[error("that is not the password")]
    Wrong,
    /// Too many were wrong; more may be tried after so long.
    #[error("too many wrong passwords")]
    TooManyFailures(Duration),
    /// The passwords could not be compared.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Asks somebody who is logged in for their password once more, before what must not be done by whoever finds their phone
/// unlocked.
pub struct OwnPassword {
    credentials: Arc<dyn CredentialReader>,
    hasher: Arc<dyn PasswordHasher>,
    throttle: Arc<dyn LoginThrottle>,
    limit: GuessLimit,
}

impl OwnPassword {
    /// Builds it.
    #[must_use]
    pub fn new(
        credentials: Arc<dyn CredentialReader>,
        hasher: Arc<dyn PasswordHasher>,
        throttle: Arc<dyn LoginThrottle>,
        limit: GuessLimit,
    ) -> Self {
        Self { credentials, hasher, throttle, limit }
    }

    /// The caller, whose password this is. Slow on purpose, so to be asked before a transaction.
    pub(super) async fn confirm(
        &self,
        actor: &Actor,
        password: &SecretString,
    ) -> Result<User, OwnPasswordError> {
        let credential = self.credentials.of(actor.tenant, actor.user).await?;
        let credential = credential.ok_or(OwnPasswordError::CallerEnded)?;
        let counted = self.limit.of_own_password(actor.tenant, actor.user);
        self.throttle.take(&counted).await.map_err(OwnPasswordError::TooManyFailures)?;
        let matches = self.hasher.verify(password, Some(&credential.password_hash)).await;
        if matches == Ok(false) {
            return Err(OwnPasswordError::Wrong);
        }
        // Only failures count.
        self.throttle.give_back(&counted).await;
        matches?;
        Ok(credential.user)
    }
}
