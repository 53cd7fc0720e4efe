use std::sync::Arc;

use haat_domain::auth::SecondFactor;
use haat_domain::people::PeopleTx;
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, ChangeError, Permission, Refusal, Refused, Started, WriteOptions, begin, codes};

/// Errors of [`ResetMfa`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetMfaError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant has no such user.
    #[error("there is no user with this id")]
    NotFound,
    /// The caller targeted their own account. Disabling one's own second factor requires a code.
    #[error("you cannot reset your own second factor")]
    CannotTargetSelf,
}

impl Refusal for ResetMfaError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::CannotTargetSelf => Refused::new(&crate::people::codes::CANNOT_TARGET_SELF).detail(
                "Disable your own second factor with POST /auth/mfa/disable.",
                "নিজের দ্বিতীয় ধাপ POST /auth/mfa/disable দিয়ে বন্ধ করুন।",
            ),
        }
    }
}

impl From<StorageFailure> for ResetMfaError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Removes the second factor of a user of the tenant who has lost both the phone and the recovery codes.
pub struct ResetMfa {
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl ResetMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn PeopleTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Removes the second factor and ends all sessions of the user. A user without a second factor keeps
    /// their sessions.
    ///
    /// # Errors
    /// [`ResetMfaError`]. Nothing is changed on an error.
    pub async fn execute(&self, actor: &Actor, id: UserId, request_id: String) -> Result<(), ResetMfaError> {
        let write_options = WriteOptions { request_id, ..WriteOptions::default() };
        let Started::Execute(mut tx) =
            begin(&*self.db, actor, Permission::ManageUsers, &write_options).await?
        else {
            return Err(ResetMfaError::NotFound);
        };
        match self.reset(&mut *tx, actor, id, &write_options).await {
            Ok(()) => Ok(tx.commit().await?),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    }

    async fn reset(
        &self,
        tx: &mut dyn PeopleTx,
        actor: &Actor,
        id: UserId,
        write_options: &WriteOptions,
    ) -> Result<(), ResetMfaError> {
        if id == actor.user {
            return Err(ResetMfaError::CannotTargetSelf);
        }
        let tenant = actor.tenant;
        let before = tx.users().lock(tenant, None, id).await?.ok_or(ResetMfaError::NotFound)?;
        actor.check_role(before.user.role)?;
        if before.user.second_factor != SecondFactor::On {
            return Ok(());
        }
        let at = self.clock.now();
        tx.factors().turn_off(tenant, id, at).await?;
        let after = tx.users().lock(tenant, None, id).await?.ok_or(ResetMfaError::NotFound)?;
        let entry = snapshot::changed("user.reset-mfa", (&before, &after), actor, write_options, at);
        Ok(tx.audit().record(&[entry]).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{MockFactorWriter, User};
    use haat_domain::people::{MockUserWriter, Person};
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    async fn reset(id: i64, found: Option<Person>) -> (Result<(), ResetMfaError>, bool) {
        let writes = found.as_ref().is_some_and(|person| person.user.second_factor == SecondFactor::On);
        let (mut users, mut factors) = (MockUserWriter::new(), MockFactorWriter::new());
        users
            .expect_lock()
            .withf(|_, role, id| (*role, id.get()) == (None, 5))
            .returning(move |_, _, _| Ok(found.clone()));
        factors
            .expect_turn_off()
            .withf(|_, user, at| (user.get(), *at) == (5, noon()))
            .times(usize::from(writes))
            .returning(|_, _, _| Ok(4));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| entries[0].action == "user.reset-mfa")
            .times(usize::from(writes))
            .returning(|_| Ok(()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of((users, factors)).with_audit(audit));
        let committed = tx.committed();
        let use_case = ResetMfa::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(&admin(), UserId::new(id), "r-1".into()).await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn with(second_factor: SecondFactor) -> Person {
        Person { user: User { second_factor, ..rep().user }, ..rep() }
    }

    #[tokio::test]
    async fn resets_other_users_but_not_the_caller() {
        assert_eq!(reset(5, Some(with(SecondFactor::On))).await, (Ok(()), true));
        assert_eq!(reset(5, Some(with(SecondFactor::Off))).await, (Ok(()), true), "nothing to reset");
        assert_eq!(reset(5, None).await, (Err(ResetMfaError::NotFound), false));
        assert_eq!(reset(7, None).await, (Err(ResetMfaError::CannotTargetSelf), false));
    }

    #[tokio::test]
    async fn sales_reps_cannot_reset_a_second_factor() {
        let tx = Arc::new(OneTx::<FakeTx<MockUserWriter>>::none());
        let use_case = ResetMfa::new(tx, Arc::new(MockClock::new()));
        let result = use_case.execute(&actor(), UserId::new(5), "r-1".into()).await;
        assert_eq!(result.unwrap_err(), ResetMfaError::Change(ChangeError::Forbidden));
    }
}
