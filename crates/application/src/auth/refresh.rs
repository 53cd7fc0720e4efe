use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{AuthTx, Client, Session, SessionRecord, TokenVerdict};
use haat_domain::shared::{BeginTransaction, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::LoggedIn;
use super::issuer::{IssueError, Issuer};
use super::log_in::session_entry;
use crate::shared::{Refusal, Refused};

/// Input of [`Refresh`].
#[derive(Debug)]
pub struct RefreshInput {
    /// The refresh token.
    pub token: SecretString,
    /// The client.
    pub client: Client,
    /// The id of the request, for the audit log.
    pub request_id: String,
}

/// Errors of [`Refresh`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// The token was not issued by this server.
    #[error("not a refresh token")]
    Invalid,
    /// The session has ended. Reuse of an old token also ends it.
    #[error("the session has ended")]
    Ended,
    /// The token could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for RefreshError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Invalid => Refused::new(&crate::auth::codes::INVALID_REFRESH_TOKEN),
            Self::Ended => Refused::new(&crate::auth::codes::SESSION_ENDED),
            Self::Issue(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Exchanges a refresh token for a new token pair.
pub struct Refresh {
    db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    issuer: Arc<Issuer>,
}

impl Refresh {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn BeginTransaction<dyn AuthTx>>, issuer: Arc<Issuer>) -> Self {
        Self { db, issuer }
    }

    /// Continues the session with a new token pair. Repeating an exchange returns the same refresh token
    /// until that token is used, because a response can get lost on the way to a phone. Presenting an older
    /// token ends the session for all its holders.
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn execute(&self, input: RefreshInput) -> Result<LoggedIn, RefreshError> {
        let token = input.token.expose_secret();
        let presented = self.issuer.refresh().read(token).ok_or(RefreshError::Invalid)?;
        let mut tx = self.db.begin().await?;
        let Some(record) = tx.sessions().lock(presented.tenant, presented.session).await? else {
            tx.roll_back().await;
            return Err(RefreshError::Invalid);
        };
        let (verdict, at) = (record.chain.judge(&presented), self.issuer.now());
        let refused = match verdict {
            TokenVerdict::Foreign => Some(RefreshError::Invalid),
            _ if !record.session.is_alive(&record.user, at) => Some(RefreshError::Ended),
            TokenVerdict::Resumed if at >= record.session.last_used_at + Session::RESUME => {
                Some(RefreshError::Ended)
            }
            _ => None,
        };
        if let Some(error) = refused {
            tx.roll_back().await;
            return Err(error);
        }
        if verdict == TokenVerdict::Stolen {
            tx.sessions().end(presented.tenant, record.user.id, presented.session, at).await?;
            tx.audit().record(&[stolen(&record, &input, at)]).await?;
            tx.commit().await?;
            return Err(RefreshError::Ended);
        }
        let next = self.issuer.refresh().next(token, &record.chain.seed);
        let (next, digest) = next.ok_or(RefreshError::Invalid)?;
        let chain = record.chain.after(verdict, digest);
        tx.sessions().used(presented.tenant, presented.session, &chain, at).await?;
        let logged_in = self.issuer.issue(record.user, presented.session, next)?;
        tx.commit().await?;
        Ok(logged_in)
    }
}

fn stolen(record: &SessionRecord, input: &RefreshInput, at: DateTime<Utc>) -> AuditEntry {
    let tenant = record.user.tenant;
    AuditEntry {
        entity_id: Some(record.session.id.to_string()),
        ..session_entry(AuditAction::SessionEndStolen, tenant, at, &input.client, &input.request_id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use chrono::Duration;
    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{
        Digest, MockRefreshTokens, MockSessionWriter, PresentedToken, ReplacedChain, Seed, TokenChain,
    };

    use super::*;
    use crate::testing::{FakeTx, OneTx, issuer, noon, session_id, session_record, user};

    fn chain(current: u8, previous: Option<u8>) -> TokenChain {
        let digest = |byte| Digest([byte; 32]);
        TokenChain {
            family: digest(9),
            current: digest(current),
            previous: previous.map(digest),
            seed: Seed([5; 32]),
            replaced: None,
        }
    }

    fn record() -> SessionRecord {
        SessionRecord { chain: chain(2, Some(1)), ..session_record() }
    }

    /// Presents the token `key` of `family`; the next token is `4`. Expects the chain `saves` to be stored
    /// and the session to end if `ends`. Returns the result and whether the transaction was committed.
    async fn refresh(
        record: Option<SessionRecord>,
        (family, key): (u8, u8),
        saves: Option<TokenChain>,
        ends: bool,
    ) -> (Result<String, RefreshError>, bool) {
        let mut refresh = MockRefreshTokens::new();
        refresh.expect_read().withf(|token| token == "presented").returning(move |_| {
            Some(PresentedToken {
                tenant: user("sr00001").tenant,
                session: session_id(),
                family: Digest([family; 32]),
                key: Digest([key; 32]),
            })
        });
        refresh
            .expect_next()
            .withf(|token, seed| token == "presented" && *seed == Seed([5; 32]))
            .returning(|_, _| Some(("next".to_owned().into(), Digest([4; 32]))));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_lock()
            .withf(|tenant, session| (tenant.get(), *session) == (1, session_id()))
            .return_once(move |_, _| Ok(record));
        sessions
            .expect_used()
            .withf(move |_, session, chain, at| {
                (*session, Some(*chain), *at) == (session_id(), saves, noon())
            })
            .times(usize::from(saves.is_some()))
            .returning(|_, _, _, _| Ok(()));
        sessions
            .expect_end()
            .withf(|_, user, session, at| (user.get(), *session, *at) == (7, session_id(), noon()))
            .times(usize::from(ends))
            .returning(|_, _, _, _| Ok(true));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(|entries| {
                entries[0].action == AuditAction::SessionEndStolen
                    && !format!("{entries:?}").contains("presented")
            })
            .times(usize::from(ends))
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(sessions).with_audit(audit));
        let committed = tx.committed();
        let use_case = Refresh::new(Arc::new(tx), issuer(refresh));
        let input = RefreshInput {
            token: "presented".to_owned().into(),
            client: Client::default(),
            request_id: "r-1".into(),
        };
        let result = use_case.execute(input).await;
        let token = result.map(|logged_in| logged_in.refresh_token.expose_secret().to_owned());
        (token, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn replaces_the_current_token() {
        let result = refresh(Some(record()), (9, 2), Some(chain(4, Some(2))), false).await;
        assert_eq!(result, (Ok("next".to_owned()), true));
    }

    #[tokio::test]
    async fn the_previous_token_yields_the_same_next_token() {
        let result = refresh(Some(record()), (9, 1), Some(chain(2, Some(1))), false).await;
        assert_eq!(result, (Ok("next".to_owned()), true));
    }

    #[tokio::test]
    async fn a_replaced_chain_continues_while_the_new_one_is_unused() {
        let replaced = Some(ReplacedChain { family: Digest([8; 32]), current: Digest([1; 32]) });
        let record = |previous| SessionRecord {
            chain: TokenChain { replaced, ..chain(2, previous) },
            ..session_record()
        };
        let resumed = TokenChain {
            family: Digest([8; 32]),
            replaced: Some(ReplacedChain { family: Digest([9; 32]), current: Digest([2; 32]) }),
            ..chain(4, Some(1))
        };
        let result = refresh(Some(record(None)), (8, 1), Some(resumed), false).await;
        let mut old = record(None);
        old.session.last_used_at = noon() - Session::RESUME;
        assert_eq!(refresh(Some(old), (8, 1), None, false).await, (Err(RefreshError::Ended), false));
        assert_eq!(result, (Ok("next".to_owned()), true));
        let result = refresh(Some(record(Some(3))), (8, 1), None, true).await;
        assert_eq!(result, (Err(RefreshError::Ended), true));
    }

    #[tokio::test]
    async fn an_older_token_ends_the_session() {
        let result = refresh(Some(record()), (9, 8), None, true).await;
        assert_eq!(result, (Err(RefreshError::Ended), true));
    }

    #[tokio::test]
    async fn a_token_of_another_family_does_not_end_the_session() {
        for key in [1, 2, 8] {
            let result = refresh(Some(record()), (3, key), None, false).await;
            assert_eq!(result, (Err(RefreshError::Invalid), false));
        }
        assert_eq!(refresh(None, (9, 2), None, false).await, (Err(RefreshError::Invalid), false));
    }

    #[tokio::test]
    async fn ended_and_idle_sessions_cannot_be_refreshed() {
        let change = |change: &dyn Fn(&mut SessionRecord)| {
            let mut record = record();
            change(&mut record);
            Some(record)
        };
        for record in [
            change(&|record| record.session.ended_at = Some(noon())),
            change(&|record| record.session.token_version -= 1),
            change(&|record| record.user.active = false),
            change(&|record| record.session.last_used_at = noon() - Duration::days(60)),
        ] {
            for key in [1, 2, 8] {
                let result = refresh(record.clone(), (9, key), None, false).await;
                assert_eq!(result, (Err(RefreshError::Ended), false));
            }
        }
        let idle = change(&|record| {
            record.session.last_used_at = noon() - Duration::days(60) + Duration::seconds(1);
        });
        assert!(refresh(idle, (9, 2), Some(chain(4, Some(2))), false).await.0.is_ok());
    }
}
