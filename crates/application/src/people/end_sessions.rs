use std::sync::Arc;

use haat_domain::people::PeopleTx;
use haat_domain::shared::{BeginTransaction, Clock, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, ChangeError, Permission, Refusal, Refused, Started, WriteOptions, begin, codes};

/// Errors of [`EndSessions`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndSessionsError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The tenant has no such user.
    #[error("there is no user with this id")]
    NotFound,
}

impl Refusal for EndSessionsError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
        }
    }
}

impl From<StorageFailure> for EndSessionsError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Ends all sessions of a user of the tenant, for example after a phone was lost.
pub struct EndSessions {
    db: Arc<dyn BeginTransaction<dyn PeopleTx>>,
    clock: Arc<dyn Clock>,
}

impl EndSessions {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn PeopleTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Ends the sessions and revokes all tokens of the user. Callers who target themselves are logged out
    /// too.
    ///
    /// # Errors
    /// [`EndSessionsError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: UserId,
        request_id: String,
    ) -> Result<(), EndSessionsError> {
        let write_options = WriteOptions { request_id, ..WriteOptions::default() };
        let Started::Execute(mut tx) =
            begin(&*self.db, actor, Permission::ManageUsers, &write_options).await?
        else {
            return Err(EndSessionsError::NotFound);
        };
        let Some(before) = tx.users().lock(actor.tenant, None, id).await? else {
            tx.roll_back().await;
            return Err(EndSessionsError::NotFound);
        };
        if let Err(error) = actor.check_role(before.user.role) {
            tx.roll_back().await;
            return Err(error.into());
        }
        let at = self.clock.now();
        let mut after = before.clone();
        // A session is valid only for the token version of its login.
        after.user.token_version += 1;
        if let Err(taken) = tx.users().update(&after, at).await? {
            // No unique value of the user has changed.
            let taken = format!("{taken:?} of a locked person");
            return Err(StorageFailure::Contended(taken).into());
        }
        let entry = snapshot::changed("user.end-sessions", (&before, &after), actor, &write_options, at);
        tx.audit().record(&[entry]).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::people::{MockUserWriter, Person};
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, admin, noon, rep};

    async fn end(actor: &Actor, found: Option<Person>) -> (Result<(), EndSessionsError>, bool) {
        let (writes, mut users) = (usize::from(found.is_some()), MockUserWriter::new());
        users
            .expect_lock()
            .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, None, 5))
            .return_once(move |_, _, _| Ok(found));
        users
            .expect_update()
            .withf(|person, at| {
                person.user == haat_domain::auth::User { token_version: 4, ..rep().user } && *at == noon()
            })
            .times(writes)
            .returning(|_, _| Ok(Ok(())));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| entries[0].action == "user.end-sessions")
            .times(writes)
            .returning(|_| Ok(()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of(users).with_audit(audit));
        let committed = tx.committed();
        let result = EndSessions::new(Arc::new(tx), Arc::new(clock))
            .execute(actor, UserId::new(5), "r-1".into())
            .await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn ends_all_sessions_of_a_user() {
        assert_eq!(end(&admin(), Some(rep())).await, (Ok(()), true));
        assert_eq!(end(&admin(), None).await, (Err(EndSessionsError::NotFound), false));
    }

    #[tokio::test]
    async fn sales_reps_cannot_end_sessions() {
        let clock = Arc::new(MockClock::new());
        let use_case = EndSessions::new(Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()), clock);
        let result = use_case.execute(&actor(), UserId::new(5), "r-1".into()).await;
        assert_eq!(result.unwrap_err(), EndSessionsError::Change(ChangeError::Forbidden));
    }
}
