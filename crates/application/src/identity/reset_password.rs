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
        if let Err(error) = actor.check_role(before.user.role) {
            tx.roll_back().await;
            return Err(error.into());
        }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{
        MockOneTimePasswords, MockPasswordHasher, MockUserWriter, PasswordHash, Person,
    };
    use haat_domain::shared::MockClock;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    const PASSWORD: &str = "k7mq-x3vd-9hzp";

    async fn execute(
        actor: &Actor,
        found: Option<Person>,
        change: &Change,
    ) -> (Result<Option<String>, ResetPasswordError>, bool) {
        let mut users = MockUserWriter::new();
        let writes = usize::from(found.is_some());
        users
            .expect_lock()
            .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, None, 5))
            .return_once(move |_, _, _| Ok(found));
        users
            .expect_set_password()
            .withf(|set| {
                (set.tenant.get(), set.user.get(), set.at) == (1, 5, noon())
                    && set.must_change_password
                    && set.password_hash.expose() == "hash"
                    && set.expected.is_none()
            })
            .times(writes)
            .returning(|_| Ok(Some(4)));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                let text = format!("{entries:?}");
                entries[0].action == "user.reset-password"
                    && !text.contains("hash")
                    && !text.contains(PASSWORD)
            })
            .times(writes)
            .returning(|_| Ok(()));
        let mut passwords = MockOneTimePasswords::new();
        passwords
            .expect_next()
            .returning(|| NewPassword::parse(PASSWORD.to_owned().into()).map_err(|error| error.to_string()));
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().returning(|_| Ok(PasswordHash::new("hash".into())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of(users).with_audit(audit));
        let committed = tx.committed();
        let reset = ResetPassword::new(Arc::new(passwords), Arc::new(hasher), Arc::new(tx), Arc::new(clock));
        let result = reset.execute(actor, UserId::new(5), change).await;
        let told = result.map(|password| password.map(|new| new.secret().expose_secret().to_owned()));
        (told, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_password_is_made_and_told() {
        let result = execute(&admin(), Some(rep()), &Change::default()).await;
        assert_eq!(result, (Ok(Some(PASSWORD.to_owned())), true));
    }

    #[tokio::test]
    async fn a_trial_tells_and_changes_nothing() {
        let trial = Change { validate_only: true, ..Change::default() };
        assert_eq!(execute(&admin(), Some(rep()), &trial).await, (Ok(None), false));
    }

    #[tokio::test]
    async fn nobody_unknown_is_reset_and_by_nobody_who_may_not() {
        let result = execute(&admin(), None, &Change::default()).await;
        assert_eq!(result, (Err(ResetPasswordError::NotFound), false));
        let forbidden = ResetPassword::new(
            Arc::new(MockOneTimePasswords::new()),
            Arc::new(MockPasswordHasher::new()),
            Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()),
            Arc::new(MockClock::new()),
        );
        let result = forbidden.execute(&actor(), UserId::new(5), &Change::default()).await;
        assert_eq!(result.unwrap_err(), ResetPasswordError::Change(ChangeError::Forbidden));
    }
}
