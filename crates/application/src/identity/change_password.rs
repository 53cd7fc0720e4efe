use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use haat_domain::audit::AuditEntry;
use haat_domain::identity::{
    AccessTokens, CredentialReader, HashFailure, IdentityTx, NewPassword, PasswordChange, PasswordHasher,
    User,
};
use haat_domain::shared::{Begin, Clock, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::LoggedIn;
use super::issuer::Issuer;
use crate::shared::Actor;

/// The password somebody has and the one they want.
#[derive(Debug)]
pub struct ChangePasswordInput {
    /// As typed.
    pub current: SecretString,
    /// From now on.
    pub new: NewPassword,
    /// The request, for the audit log.
    pub request_id: String,
}

/// Why the password stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangePasswordError {
    /// The caller may not act any more, or has changed it at this moment.
    #[error("the caller may not act any more")]
    CallerEnded,
    /// That is not the caller's password.
    #[error("that is not the password")]
    Wrong,
    /// The new one is the old one.
    #[error("the new password is the current one")]
    Same,
    /// The passwords could not be compared or hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// No token could be signed.
    #[error("{0}")]
    Broken(String),
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Changes the caller's own password. Every token they have ends, so they are given another.
pub struct ChangePassword {
    credentials: Arc<dyn CredentialReader>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
    issuer: Issuer,
}

impl ChangePassword {
    /// Builds the use case; tokens live for `lifetime`.
    #[must_use]
    pub fn new(
        credentials: Arc<dyn CredentialReader>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn Begin<dyn IdentityTx>>,
        tokens: Arc<dyn AccessTokens>,
        clock: Arc<dyn Clock>,
        lifetime: Duration,
    ) -> Self {
        let issuer = Issuer::new(tokens, clock.clone(), lifetime);
        Self { credentials, hasher, db, clock, issuer }
    }

    /// The caller, logged in anew. Open to who must change their password.
    ///
    /// # Errors
    /// [`ChangePasswordError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        input: ChangePasswordInput,
    ) -> Result<LoggedIn, ChangePasswordError> {
        if input.current.expose_secret() == input.new.secret().expose_secret() {
            return Err(ChangePasswordError::Same);
        }
        let credential = self.credentials.of(actor.tenant, actor.user).await?;
        let credential = credential.ok_or(ChangePasswordError::CallerEnded)?;
        let (user, current) = (credential.user, credential.password_hash);
        // Slow on purpose, so before the transaction.
        if !self.hasher.verify(&input.current, Some(&current)).await? {
            return Err(ChangePasswordError::Wrong);
        }
        let password_hash = self.hasher.hash(&input.new).await?;
        let at = self.clock.now();
        let mut tx = self.db.begin().await?;
        let change = PasswordChange {
            tenant: actor.tenant,
            user: actor.user,
            password_hash,
            must_change_password: false,
            // Of two changes at once one is made, and who was disabled or reset meanwhile changes nothing.
            expected: Some((actor.token_version, current)),
            at,
        };
        let Some(token_version) = tx.users().set_password(&change).await? else {
            tx.roll_back().await;
            return Err(ChangePasswordError::CallerEnded);
        };
        let must_changed = user.must_change_password;
        let user = User { token_version, must_change_password: false, ..user };
        tx.audit().record(&[entry(actor, input.request_id, must_changed, at)]).await?;
        let logged_in = self.issuer.issue(user).map_err(ChangePasswordError::Broken)?;
        tx.commit().await?;
        Ok(logged_in)
    }
}

fn entry(actor: &Actor, request_id: String, must_changed: bool, at: DateTime<Utc>) -> AuditEntry {
    AuditEntry {
        tenant: actor.tenant,
        at,
        actor: Some((actor.user, actor.role)),
        action: "user.change-password",
        entity: "user",
        entity_id: Some(actor.user.to_string()),
        before: Some(vec![("mustChangePassword", must_changed.into())]),
        after: Some(vec![("mustChangePassword", false.into())]),
        request_id: Some(request_id),
        batch: None,
    }
}
