use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{AuthTx, Client, TokenVerdict};
use haat_domain::shared::{BeginTransaction, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::issuer::Issuer;
use super::log_in::session_entry;
use crate::shared::{Refusal, Refused};

/// Input of [`LogOut`].
#[derive(Debug)]
pub struct LogOutInput {
    /// A refresh token of the session.
    pub token: SecretString,
    /// The client.
    pub client: Client,
    /// The id of the request, for the audit log.
    pub request_id: String,
}

/// Errors of [`LogOut`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogOutError {
    /// The token was not issued by this server.
    #[error("not a refresh token")]
    Invalid,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for LogOutError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Invalid => Refused::new(&crate::auth::codes::INVALID_REFRESH_TOKEN),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Ends the session of a refresh token, for clients whose access token has expired.
pub struct LogOut {
    db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    issuer: Arc<Issuer>,
}

impl LogOut {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn AuthTx>>, issuer: Arc<Issuer>) -> Self {
        Self { db, issuer }
    }

    /// Ends the session, also for an older token: a client that lost a response has no other one. A session
    /// that has ended stays unchanged.
    ///
    /// # Errors
    /// [`LogOutError`].
    pub async fn execute(&self, input: LogOutInput) -> Result<(), LogOutError> {
        let presented = self.issuer.refresh().read(input.token.expose_secret());
        let presented = presented.ok_or(LogOutError::Invalid)?;
        let mut tx = self.db.begin().await?;
        let record = tx.sessions().lock(presented.tenant, presented.session).await?;
        let record = record.filter(|record| record.chain.judge(&presented) != TokenVerdict::Foreign);
        let Some(record) = record else {
            tx.roll_back().await;
            return Err(LogOutError::Invalid);
        };
        let (user, at) = (record.user, self.issuer.now());
        if !tx.sessions().end(user.tenant, user.id, presented.session, at).await? {
            tx.roll_back().await;
            return Ok(());
        }
        let mut entry =
            session_entry(AuditAction::SessionLogOut, user.tenant, at, &input.client, &input.request_id);
        entry.actor = Some((user.id, user.role));
        entry.entity_id = Some(presented.session.to_string());
        tx.audit().record(&[entry]).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::auth::{Digest, MockRefreshTokens, MockSessionWriter, PresentedToken};

    use super::*;
    use crate::testing::{FakeTx, OneTx, audits, issuer, noon, session_id, session_record};

    /// Logs out with the token `key` of `family`, in a session that is active or has ended.
    async fn log_out((family, key): (u8, u8), exists: bool, active: bool) -> (Result<(), LogOutError>, bool) {
        let mut refresh = MockRefreshTokens::new();
        refresh.expect_read().returning(move |_| {
            Some(PresentedToken {
                tenant: session_record().user.tenant,
                session: session_id(),
                family: Digest([family; 32]),
                key: Digest([key; 32]),
            })
        });
        let mut sessions = MockSessionWriter::new();
        sessions.expect_lock().return_once(move |_, _| Ok(exists.then(session_record)));
        let ends = exists && family == 9;
        sessions
            .expect_end()
            .withf(|_, user, session, at| (user.get(), *session, *at) == (7, session_id(), noon()))
            .times(usize::from(ends))
            .returning(move |_, _, _, _| Ok(active));
        let audit = audits((ends && active).then_some(AuditAction::SessionLogOut));
        let tx = OneTx::new(FakeTx::of(sessions).with_audit(audit));
        let committed = tx.committed();
        let input = LogOutInput {
            token: "presented".to_owned().into(),
            client: Client::default(),
            request_id: "r-1".into(),
        };
        let result = LogOut::new(Arc::new(tx), issuer(refresh)).execute(input).await;
        (result, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn every_token_of_a_session_ends_it_once() {
        for key in [2, 1] {
            assert_eq!(log_out((9, key), true, true).await, (Ok(()), true));
            assert_eq!(log_out((9, key), true, false).await, (Ok(()), false));
        }
    }

    #[tokio::test]
    async fn other_tokens_end_no_session() {
        assert_eq!(log_out((8, 2), true, true).await, (Err(LogOutError::Invalid), false));
        assert_eq!(log_out((9, 2), false, true).await, (Err(LogOutError::Invalid), false));
    }
}
