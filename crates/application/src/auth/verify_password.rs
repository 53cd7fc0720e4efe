use std::sync::Arc;
use std::time::Duration;

use haat_domain::auth::{CredentialReader, HashFailure, LoginThrottle, PasswordHasher, User};
use haat_domain::shared::StorageFailure;
use secrecy::SecretString;

use super::AttemptLimit;
use crate::shared::Actor;

/// Errors of [`VerifyPassword`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyPasswordError {
    /// The user no longer exists.
    #[error("the caller is no longer authorized")]
    CallerEnded,
    /// The password is incorrect.
    #[error("the password is incorrect")]
    Incorrect,
    /// Too many passwords were incorrect; the caller may retry after this time.
    #[error("too many incorrect passwords")]
    TooManyFailures(Duration),
    /// The passwords could not be compared.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Checks the password of a logged-in caller again, before operations that the finder of an unlocked phone
/// must not be able to perform.
pub struct VerifyPassword {
    credentials: Arc<dyn CredentialReader>,
    hasher: Arc<dyn PasswordHasher>,
    throttle: Arc<dyn LoginThrottle>,
    limit: AttemptLimit,
}

impl VerifyPassword {
    /// Builds the service.
    #[must_use]
    pub fn new(
        credentials: Arc<dyn CredentialReader>,
        hasher: Arc<dyn PasswordHasher>,
        throttle: Arc<dyn LoginThrottle>,
        limit: AttemptLimit,
    ) -> Self {
        Self { credentials, hasher, throttle, limit }
    }

    /// Checks the password and returns the user. Slow by design, so call it before opening a transaction.
    pub(super) async fn confirm(
        &self,
        actor: &Actor,
        password: &SecretString,
    ) -> Result<User, VerifyPasswordError> {
        let credential = self.credentials.of(actor.tenant, actor.user).await?;
        let credential = credential.ok_or(VerifyPasswordError::CallerEnded)?;
        let keys = self.limit.of_own_password(actor.tenant, actor.user);
        self.throttle.take(&keys).await.map_err(VerifyPasswordError::TooManyFailures)?;
        let matches = self.hasher.verify(password, Some(&credential.password_hash)).await;
        if matches == Ok(false) {
            return Err(VerifyPasswordError::Incorrect);
        }
        // Only failures count, so gives the attempt back.
        self.throttle.refund(&keys).await;
        matches?;
        Ok(credential.user)
    }
}
