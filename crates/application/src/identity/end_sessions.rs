use std::sync::Arc;

use haat_domain::identity::IdentityTx;
use haat_domain::shared::{Begin, Clock, StorageFailure, UserId};

use super::snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Permission, begin};

/// Why somebody's sessions go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndSessionsError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such person in the company.
    #[error("there is nobody of this id")]
    NotFound,
}

impl From<StorageFailure> for EndSessionsError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Ends every session of anybody of the company: a phone was lost.
pub struct EndSessions {
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl EndSessions {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn IdentityTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Ends them, and every token they have. Ending those of the caller logs the caller out as well.
    ///
    /// # Errors
    /// [`EndSessionsError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: UserId,
        request_id: String,
    ) -> Result<(), EndSessionsError> {
        let change = Change { request_id, ..Change::default() };
        let Begun::Now(mut tx) = begin(&*self.db, actor, Permission::ManagePeople, &change).await? else {
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
        // A session goes on under the version of its login alone.
        after.user.token_version += 1;
        if let Err(taken) = tx.users().update(&after, at).await? {
            // Nothing of theirs that could be taken has changed.
            let taken = format!("{taken:?} of a locked person");
            return Err(StorageFailure::Contended(taken).into());
        }
        let entry = snapshot::changed("user.end-sessions", (&before, &after), actor, &change, at);
        tx.audit().record(&[entry]).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{MockUserWriter, Person};
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
                person.user == haat_domain::identity::User { token_version: 4, ..rep().user } && *at == noon()
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
    async fn all_of_somebody_end() {
        assert_eq!(end(&admin(), Some(rep())).await, (Ok(()), true));
        assert_eq!(end(&admin(), None).await, (Err(EndSessionsError::NotFound), false));
    }

    #[tokio::test]
    async fn a_representative_ends_nobodys() {
        let clock = Arc::new(MockClock::new());
        let use_case = EndSessions::new(Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()), clock);
        let result = use_case.execute(&actor(), UserId::new(5), "r-1".into()).await;
        assert_eq!(result.unwrap_err(), EndSessionsError::Change(ChangeError::Forbidden));
    }
}
