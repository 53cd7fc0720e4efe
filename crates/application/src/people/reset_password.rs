use std::sync::Arc;

use haat_domain::auth::{HashFailure, NewPassword, OneTimePasswords, PasswordChange, PasswordHasher};
use haat_domain::people::PeopleTx;
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, ChangeError, Permission, Refusal, Refused, Started, WriteOptions, begin, codes};

/// Errors of [`ResetPassword`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetPasswordError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant has no such user.
    #[error("there is no user with this id")]
    NotFound,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// No random password could be generated.
    #[error("{0}")]
    Broken(String),
}

impl Refusal for ResetPasswordError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Hash(failure) => failure.refuse(),
            Self::Broken(cause) => Refused::internal(cause),
        }
    }
}

impl From<StorageFailure> for ResetPasswordError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Gives a user of the tenant a one-time password, which they must change at the next login, and revokes all
/// of their tokens.
pub struct ResetPassword {
    passwords: Arc<dyn OneTimePasswords>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl ResetPassword {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        passwords: Arc<dyn OneTimePasswords>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { passwords, hasher, db, clock }
    }

    /// Resets the password and returns it, only this once; `None` for a dry run. Ignores the idempotency key,
    /// because the response contains a secret and must not be stored.
    ///
    /// # Errors
    /// [`ResetPasswordError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: UserId,
        write_options: &WriteOptions,
    ) -> Result<Option<NewPassword>, ResetPasswordError> {
        actor.check(Permission::ManageUsers)?;
        // Hashing is slow by design, so it happens before the transaction.
        let password = self.passwords.next().map_err(ResetPasswordError::Broken)?;
        let password_hash = self.hasher.hash(&password).await?;
        let write_options = WriteOptions { idempotent_request: None, ..write_options.clone() };
        let Started::Execute(mut tx) =
            begin(&*self.db, actor, Permission::ManageUsers, &write_options).await?
        else {
            return Err(ResetPasswordError::Broken(
                "a stored response without an idempotency key".to_owned(),
            ));
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
        tx.passwords().set_password(&set).await?;
        let mut after = before.clone();
        after.user.must_change_password = true;
        let entry = snapshot::changed("user.reset-password", (&before, &after), actor, &write_options, at);
        tx.audit().record(&[entry]).await?;
        if write_options.validate_only {
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
    use haat_domain::auth::{MockOneTimePasswords, MockPasswordHasher, MockPasswordWriter, PasswordHash};
    use haat_domain::people::{MockUserWriter, Person};
    use haat_domain::shared::MockClock;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    const PASSWORD: &str = "k7mq-x3vd-9hzp";

    async fn execute(
        actor: &Actor,
        found: Option<Person>,
        write_options: &WriteOptions,
    ) -> (Result<Option<String>, ResetPasswordError>, bool) {
        let mut users = MockUserWriter::new();
        let writes = usize::from(found.is_some());
        users
            .expect_lock()
            .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, None, 5))
            .return_once(move |_, _, _| Ok(found));
        let mut passwords = MockPasswordWriter::new();
        passwords
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
        let mut one_time_passwords = MockOneTimePasswords::new();
        one_time_passwords
            .expect_next()
            .returning(|| NewPassword::parse(PASSWORD.to_owned().into()).map_err(|error| error.to_string()));
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().returning(|_| Ok(PasswordHash::new("hash".into())));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of((users, passwords)).with_audit(audit));
        let committed = tx.committed();
        let reset =
            ResetPassword::new(Arc::new(one_time_passwords), Arc::new(hasher), Arc::new(tx), Arc::new(clock));
        let result = reset.execute(actor, UserId::new(5), write_options).await;
        let secret = result.map(|password| password.map(|new| new.secret().expose_secret().to_owned()));
        (secret, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn returns_a_new_password() {
        let result = execute(&admin(), Some(rep()), &WriteOptions::default()).await;
        assert_eq!(result, (Ok(Some(PASSWORD.to_owned())), true));
    }

    #[tokio::test]
    async fn a_dry_run_returns_no_password_and_changes_nothing() {
        let dry_run = WriteOptions { validate_only: true, ..WriteOptions::default() };
        assert_eq!(execute(&admin(), Some(rep()), &dry_run).await, (Ok(None), false));
    }

    #[tokio::test]
    async fn rejects_unknown_users_and_sales_reps() {
        let result = execute(&admin(), None, &WriteOptions::default()).await;
        assert_eq!(result, (Err(ResetPasswordError::NotFound), false));
        let forbidden = ResetPassword::new(
            Arc::new(MockOneTimePasswords::new()),
            Arc::new(MockPasswordHasher::new()),
            Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()),
            Arc::new(MockClock::new()),
        );
        let result = forbidden.execute(&actor(), UserId::new(5), &WriteOptions::default()).await;
        assert_eq!(result.unwrap_err(), ResetPasswordError::Change(ChangeError::Forbidden));
    }
}
