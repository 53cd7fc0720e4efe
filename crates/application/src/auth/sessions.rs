//! Lists and ends the caller's sessions.

use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{AuthTx, Session, SessionReader};
use haat_domain::shared::{BeginTransaction, Clock, SessionId, StorageFailure};

use crate::shared::{Actor, AuditedChange, ChangeError};

/// Lists the caller's own sessions.
pub struct ListSessions {
    sessions: Arc<dyn SessionReader>,
    clock: Arc<dyn Clock>,
}

impl ListSessions {
    /// Builds the use case.
    #[must_use]
    pub fn new(sessions: Arc<dyn SessionReader>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, clock }
    }

    /// Returns the active sessions, most recently used first.
    pub async fn execute(&self, actor: &Actor) -> Result<Vec<Session>, StorageFailure> {
        self.sessions.of_user(actor.tenant, actor.user, self.clock.now()).await
    }
}

/// Ends one of the caller's own sessions and revokes all of its tokens immediately.
pub struct EndSession {
    db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    clock: Arc<dyn Clock>,
}

impl EndSession {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn AuthTx>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// Ends the session. Requires no permission, because callers can only end their own sessions.
    ///
    /// # Errors
    /// [`ChangeError`]; `NotFound` if the caller has no active session with this id.
    pub async fn execute(
        &self,
        actor: &Actor,
        session: SessionId,
        request_id: String,
    ) -> Result<(), ChangeError> {
        let at = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !tx.sessions().end(actor.tenant, actor.user, session, at).await? {
            tx.roll_back().await;
            return Err(ChangeError::NotFound);
        }
        let action =
            if actor.session == Some(session) { AuditAction::SessionLogOut } else { AuditAction::SessionEnd };
        let ended = AuditedChange::event(action, session.to_string());
        let entry = ended.in_request(actor, &request_id, at);
        tx.audit().record(&[entry]).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::MockSessionWriter;
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{FakeTx, OneTx, actor, noon, session_id};

    async fn end(session: SessionId, exists: bool, action: AuditAction) -> (Result<(), ChangeError>, bool) {
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_end()
            .withf(move |tenant, user, id, at| {
                (tenant.get(), user.get(), *id, *at) == (1, 7, session, noon())
            })
            .times(1)
            .returning(move |_, _, _, _| Ok(exists));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(move |entries| entries[0].action == action)
            .times(usize::from(exists))
            .returning(|_| Ok(()));
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let tx = OneTx::new(FakeTx::of(sessions).with_audit(audit));
        let committed = tx.committed();
        let result =
            EndSession::new(Arc::new(tx), Arc::new(clock)).execute(&actor(), session, "r-1".into()).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn ends_sessions_of_the_caller_only() {
        let other = SessionId::new(uuid::Uuid::from_u128(71));
        assert_eq!(end(session_id(), true, AuditAction::SessionLogOut).await, (Ok(()), true));
        assert_eq!(end(other, true, AuditAction::SessionEnd).await, (Ok(()), true));
        assert_eq!(end(other, false, AuditAction::SessionEnd).await, (Err(ChangeError::NotFound), false));
    }
}
