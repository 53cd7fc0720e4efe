use std::sync::Arc;

use haat_domain::identity::{
    HashFailure, IdentityTx, NewPassword, OneTimePasswords, PasswordChange, PasswordHasher,
};
use haat_domain::shared::{Begin, Clock, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Permission, begin};

/// Why somebody keeps their password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetPasswordError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such person in the company.
    #[error("there is nobody of this id")]
    NotFound,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// There was no randomness for a password.
    #[error("{0}")]
    Broken(String),
}

impl From<StorageFailure> for ResetPasswordError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Gives anybody of the company a password that they must change at once, and ends every token they have.
pub struct ResetPassword {
    passwords: Arc<dyn OneTimePasswords>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl ResetPassword {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        passwords: Arc<dyn OneTimePasswords>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn Begin<dyn IdentityTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { passwords, hasher, db, clock }
    }

    /// The password, told this once; none on trial. It is never done under a key, as its answer may not be kept.
    ///
    /// # Errors
    /// [`ResetPasswordError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: UserId,
        change: &Change,
    ) -> Result<Option<NewPassword>, ResetPasswordError> {
        actor.check(Permission::ManagePeople)?;
        // Slow on purpose, so before the transaction.
        let password = self.passwords.next().map_err(ResetPasswordError::Broken)?;
        let password_hash = self.hasher.hash(&password).await?;
        let change = Change { once: None, ..change.clone() };
        let Begun::Now(mut tx) = begin(&*self.db, actor, Permission::ManagePeople, &change).await? else {
            return Err(ResetPasswordError::Broken("a receipt without a key".to_owned()));
        };
        let Some(before) = tx.users().lock(actor.tenant, None, id).await? else {
            tx.roll_back().await;
            return Err(ResetPasswordError::NotFound);
        };
        let at = self.clock.now();
        let set = PasswordChange {
            tenant: actor.tenant,
            user: id,
            password_hash,
            must_change_password: true,
            expected: None,
            at,
        };
        tx.users().set_password(&set).await?;
        let mut after = before.clone();
        after.user.must_change_password = true;
        let entry = snapshot::changed("user.reset-password", (&before, &after), actor, &change, at);
        tx.audit().record(&[entry]).await?;
        if change.validate_only {
            tx.roll_back().await;
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(password))
    }
}
