use std::sync::Arc;

use haat_domain::identity::{IdentityTx, SecondFactor};
use haat_domain::shared::{Begin, Clock, StorageFailure, UserId};

use crate::identity::snapshot;
use crate::shared::{Actor, Begun, Change, ChangeError, Permission, begin};

/// Why somebody keeps their second factor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetMfaError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such person in the company.
    #[error("there is nobody of this id")]
    NotFound,
    /// It is the caller, who has to show it to turn it off.
    #[error("nobody takes their own second factor away like this")]
    Yourself,
}

impl From<StorageFailure> for ResetMfaError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Takes the second factor of anybody of the company away: their phone was lost, and their recovery codes with it.
pub struct ResetMfa {
    db: Arc<dyn Begin<dyn IdentityTx>>,
    clock: Arc<dyn Clock>,
}

impl ResetMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn IdentityTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Takes it away and ends every session they have; who has none keeps theirs.
    ///
    /// # Errors
    /// [`ResetMfaError`]; nothing was changed then.
    pub async fn execute(&self, actor: &Actor, id: UserId, request_id: String) -> Result<(), ResetMfaError> {
        let change = Change { request_id, ..Change::default() };
        let Begun::Now(mut tx) = begin(&*self.db, actor, Permission::ManagePeople, &change).await? else {
            return Err(ResetMfaError::NotFound);
        };
        match self.reset(&mut *tx, actor, id, &change).await {
            Ok(()) => Ok(tx.commit().await?),
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    }

    async fn reset(
        &self,
        tx: &mut dyn IdentityTx,
        actor: &Actor,
        id: UserId,
        change: &Change,
    ) -> Result<(), ResetMfaError> {
        if id == actor.user {
            return Err(ResetMfaError::Yourself);
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
        let entry = snapshot::changed("user.reset-mfa", (&before, &after), actor, change, at);
        Ok(tx.audit().record(&[entry]).await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{MockFactorWriter, MockSessionWriter, MockUserWriter, Person, User};
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
        let tx = OneTx::new(FakeTx::of((factors, users, MockSessionWriter::new())).with_audit(audit));
        let committed = tx.committed();
        let use_case = ResetMfa::new(Arc::new(tx), Arc::new(clock));
        let result = use_case.execute(&admin(), UserId::new(id), "r-1".into()).await;
        (result, committed.load(Ordering::SeqCst))
    }

    fn with(second_factor: SecondFactor) -> Person {
        Person { user: User { second_factor, ..rep().user }, ..rep() }
    }

    #[tokio::test]
    async fn anybodys_but_ones_own_is_taken_away() {
        assert_eq!(reset(5, Some(with(SecondFactor::On))).await, (Ok(()), true));
        assert_eq!(reset(5, Some(with(SecondFactor::Off))).await, (Ok(()), true), "there is nothing to take");
        assert_eq!(reset(5, None).await, (Err(ResetMfaError::NotFound), false));
        assert_eq!(reset(7, None).await, (Err(ResetMfaError::Yourself), false));
    }

    #[tokio::test]
    async fn a_representative_takes_nobodys() {
        let tx = Arc::new(OneTx::<FakeTx<MockUserWriter>>::none());
        let use_case = ResetMfa::new(tx, Arc::new(MockClock::new()));
        let result = use_case.execute(&actor(), UserId::new(5), "r-1".into()).await;
        assert_eq!(result.unwrap_err(), ResetMfaError::Change(ChangeError::Forbidden));
    }
}
