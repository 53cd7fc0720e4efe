use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::audit::AuditEntry;
use haat_domain::identity::{Client, HeldSession, IdentityTx, Verdict};
use haat_domain::shared::{Begin, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::LoggedIn;
use super::issuer::{IssueError, Issuer};
use super::log_in::session_entry;

/// A refresh token to be exchanged.
#[derive(Debug)]
pub struct RefreshInput {
    /// The token.
    pub token: SecretString,
    /// From where.
    pub client: Client,
    /// The request, for the audit log.
    pub request_id: String,
}

/// Why a refresh token is good for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// It is none of ours.
    #[error("not a refresh token")]
    Invalid,
    /// Its session has ended, or does now: an old token was shown again.
    #[error("the session has ended")]
    Ended,
    /// No token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Exchanges a refresh token for the next one and a new access token.
pub struct Refresh {
    db: Arc<dyn Begin<dyn IdentityTx>>,
    issuer: Arc<Issuer>,
}

impl Refresh {
    /// Builds the use case.
    #[must_use]
    pub fn new(db: Arc<dyn Begin<dyn IdentityTx>>, issuer: Arc<Issuer>) -> Self {
        Self { db, issuer }
    }

    /// The session, for another while. The same exchange gives the same token until that one is used, as an answer can get
    /// lost on the way to a phone; who shows an older one ends the session for everybody who has it.
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn execute(&self, input: RefreshInput) -> Result<LoggedIn, RefreshError> {
        let token = input.token.expose_secret();
        let shown = self.issuer.refresh().read(token).ok_or(RefreshError::Invalid)?;
        let mut tx = self.db.begin().await?;
        let Some(held) = tx.sessions().lock(shown.tenant, shown.session).await? else {
            tx.roll_back().await;
            return Err(RefreshError::Invalid);
        };
        let (verdict, at) = (held.chain.judge(&shown), self.issuer.now());
        let refused = match verdict {
            Verdict::Foreign => Some(RefreshError::Invalid),
            _ if !held.session.is_alive(&held.user, at) => Some(RefreshError::Ended),
            _ => None,
        };
        if let Some(error) = refused {
            tx.roll_back().await;
            return Err(error);
        }
        if verdict == Verdict::Stolen {
            tx.sessions().end(shown.tenant, held.user.id, shown.session, at).await?;
            tx.audit().record(&[stolen(&held, &input, at)]).await?;
            tx.commit().await?;
            return Err(RefreshError::Ended);
        }
        let next = self.issuer.refresh().next(token, &held.chain.seed);
        let (next, digest) = next.ok_or(RefreshError::Invalid)?;
        let chain = match verdict {
            Verdict::Current => held.chain.replaced_by(digest),
            // The same one follows from it again.
            _ => held.chain,
        };
        tx.sessions().used(shown.tenant, shown.session, &chain, at).await?;
        let logged_in = self.issuer.issue(held.user, shown.session, Some(next))?;
        tx.commit().await?;
        Ok(logged_in)
    }
}

fn stolen(held: &HeldSession, input: &RefreshInput, at: DateTime<Utc>) -> AuditEntry {
    let tenant = held.user.tenant;
    AuditEntry {
        entity_id: Some(held.session.id.to_string()),
        ..session_entry("session.end-stolen", tenant, at, &input.client, &input.request_id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use chrono::Duration;
    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{
        Chain, Digest, MockRefreshTokens, MockSessionWriter, Seed, Session, ShownToken,
    };

    use super::*;
    use crate::testing::{FakeTx, OneTx, issuer, noon, session_id, user};

    fn chain(current: u8, previous: Option<u8>) -> Chain {
        let digest = |byte| Digest([byte; 32]);
        Chain {
            family: digest(9),
            current: digest(current),
            previous: previous.map(digest),
            seed: Seed([5; 32]),
        }
    }

    fn held() -> HeldSession {
        let user = user("sr00001");
        let session = Session {
            id: session_id(),
            user: user.id,
            device: None,
            program: None,
            token_version: user.token_version,
            created_at: noon(),
            last_used_at: noon(),
            ended_at: None,
        };
        HeldSession { session, chain: chain(2, Some(1)), user }
    }

    /// Shows the token `key` of `family`, which `4` follows; what is kept then, whether the session ends, and what was
    /// committed.
    async fn refresh(
        held: Option<HeldSession>,
        (family, key): (u8, u8),
        keeps: Option<Chain>,
        ends: bool,
    ) -> (Result<String, RefreshError>, bool) {
        let mut refresh = MockRefreshTokens::new();
        refresh.expect_read().withf(|token| token == "shown").returning(move |_| {
            Some(ShownToken {
                tenant: user("sr00001").tenant,
                session: session_id(),
                family: Digest([family; 32]),
                key: Digest([key; 32]),
            })
        });
        refresh
            .expect_next()
            .withf(|token, seed| token == "shown" && *seed == Seed([5; 32]))
            .returning(|_, _| Some(("next".to_owned().into(), Digest([4; 32]))));
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_lock()
            .withf(|tenant, session| (tenant.get(), *session) == (1, session_id()))
            .return_once(move |_, _| Ok(held));
        sessions
            .expect_used()
            .withf(move |_, session, chain, at| {
                (*session, Some(*chain), *at) == (session_id(), keeps, noon())
            })
            .times(usize::from(keeps.is_some()))
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
                entries[0].action == "session.end-stolen" && !format!("{entries:?}").contains("shown")
            })
            .times(usize::from(ends))
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of(sessions).with_audit(audit));
        let committed = tx.committed();
        let use_case = Refresh::new(Arc::new(tx), issuer(refresh));
        let input = RefreshInput {
            token: "shown".to_owned().into(),
            client: Client::default(),
            request_id: "r-1".into(),
        };
        let result = use_case.execute(input).await;
        let told = result.map(|logged_in| {
            logged_in.refresh_token.map(|token| token.expose_secret().to_owned()).unwrap_or_default()
        });
        (told, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn the_last_token_is_replaced() {
        let result = refresh(Some(held()), (9, 2), Some(chain(4, Some(2))), false).await;
        assert_eq!(result, (Ok("next".to_owned()), true));
    }

    #[tokio::test]
    async fn the_one_before_gives_the_same_again_as_its_answer_was_lost() {
        let result = refresh(Some(held()), (9, 1), Some(chain(2, Some(1))), false).await;
        assert_eq!(result, (Ok("next".to_owned()), true));
    }

    #[tokio::test]
    async fn an_older_one_ends_the_session() {
        let result = refresh(Some(held()), (9, 8), None, true).await;
        assert_eq!(result, (Err(RefreshError::Ended), true));
    }

    #[tokio::test]
    async fn nobody_ends_a_session_by_its_id_alone() {
        for key in [1, 2, 8] {
            let result = refresh(Some(held()), (3, key), None, false).await;
            assert_eq!(result, (Err(RefreshError::Invalid), false));
        }
        assert_eq!(refresh(None, (9, 2), None, false).await, (Err(RefreshError::Invalid), false));
    }

    #[tokio::test]
    async fn what_has_ended_does_not_go_on() {
        let change = |change: &dyn Fn(&mut HeldSession)| {
            let mut held = held();
            change(&mut held);
            Some(held)
        };
        for held in [
            change(&|held| held.session.ended_at = Some(noon())),
            change(&|held| held.session.token_version -= 1),
            change(&|held| held.user.active = false),
            change(&|held| held.session.last_used_at = noon() - Duration::days(60)),
        ] {
            for key in [1, 2, 8] {
                let result = refresh(held.clone(), (9, key), None, false).await;
                assert_eq!(result, (Err(RefreshError::Ended), false));
            }
        }
        let idle =
            change(&|held| held.session.last_used_at = noon() - Duration::days(60) + Duration::seconds(1));
        assert!(refresh(idle, (9, 2), Some(chain(4, Some(2))), false).await.0.is_ok());
    }
}
