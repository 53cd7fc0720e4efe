use std::sync::Arc;
use std::time::Duration;

use haat_domain::audit::AuditAction;
use haat_domain::auth::{
    AuthTx, Challenge, ChallengeTokens, Client, DeviceId, FactorCode, FactorFailure, LoginThrottle,
    SecondFactor, SecondFactors, Session,
};
use haat_domain::shared::{BeginTransaction, SessionId, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::prove::prove;
use crate::auth::issuer::{IssueError, Issuer, UniqueRequest};
use crate::auth::refusals::too_many_failures;
use crate::auth::{AttemptLimit, LoggedIn, session_entry};
use crate::shared::{Refusal, Refused};

/// Input of [`AnswerChallenge`].
#[derive(Debug)]
pub struct AnswerChallengeInput {
    /// The challenge token from the first step of the login.
    pub token: SecretString,
    /// The code; `None` if the input cannot be one.
    pub code: Option<FactorCode>,
    /// The client.
    pub client: Client,
    /// The id of the request, for the audit log.
    pub request_id: String,
}

/// Errors of [`AnswerChallenge`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerChallengeError {
    /// The challenge token is invalid or expired, or the user has changed since it was issued.
    #[error("the challenge token is invalid or expired")]
    Invalid,
    /// The code is incorrect or was used before.
    #[error("the code is incorrect")]
    WrongCode,
    /// Too many codes were incorrect; the client may retry after this time.
    #[error("too many incorrect codes")]
    TooManyFailures(Duration),
    /// The code could not be checked.
    #[error(transparent)]
    Factor(#[from] FactorFailure),
    /// The token could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for AnswerChallengeError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Invalid => Refused::new(&crate::auth::codes::INVALID_MFA_TOKEN),
            Self::WrongCode => Refused::new(&crate::auth::codes::WRONG_MFA_CODE),
            Self::TooManyFailures(wait) => too_many_failures(*wait),
            Self::Factor(failure) => failure.refuse(),
            Self::Issue(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Verifies the second factor and starts a session.
pub struct AnswerChallenge {
    tokens: Arc<dyn ChallengeTokens>,
    factors: Arc<dyn SecondFactors>,
    db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    issuer: Arc<Issuer>,
    throttle: Arc<dyn LoginThrottle>,
    limit: AttemptLimit,
}

impl AnswerChallenge {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn ChallengeTokens>,
        factors: Arc<dyn SecondFactors>,
        db: Arc<dyn BeginTransaction<dyn AuthTx>>,
        issuer: Arc<Issuer>,
        throttle: Arc<dyn LoginThrottle>,
        limit: AttemptLimit,
    ) -> Self {
        Self { tokens, factors, db, issuer, throttle, limit }
    }

    /// Completes a login. An incorrect code is audited and counts toward the limit. A repetition with the same
    /// code on the same client returns the tokens again, because a response can get lost. With another code,
    /// the same challenge can be answered again until it expires.
    ///
    /// # Errors
    /// [`AnswerChallengeError`].
    pub async fn execute(&self, input: AnswerChallengeInput) -> Result<LoggedIn, AnswerChallengeError> {
        let challenge = self.tokens.verify(input.token.expose_secret());
        let challenge = challenge.map_err(|_invalid| AnswerChallengeError::Invalid)?;
        let own_device = challenge.own_device.as_ref().map_or("", DeviceId::as_str);
        let user = (challenge.tenant, challenge.user);
        let id = challenge.id.to_string();
        let keys = self.limit.of_code(user, input.code.as_ref(), own_device, &id);
        self.throttle.take(&keys).await.map_err(AnswerChallengeError::TooManyFailures)?;
        let result = self.prove(&challenge, input).await;
        if !matches!(result, Err(AnswerChallengeError::WrongCode)) {
            self.throttle.refund(&keys).await;
        }
        result
    }

    async fn prove(
        &self,
        challenge: &Challenge,
        input: AnswerChallengeInput,
    ) -> Result<LoggedIn, AnswerChallengeError> {
        let at = self.issuer.now();
        let mut tx = self.db.begin().await?;
        let factor = tx.factors().lock_for_login(challenge.tenant, challenge.user).await?.filter(|factor| {
            factor.user.active
                && factor.user.token_version == challenge.token_version
                && factor.user.second_factor == SecondFactor::On
        });
        let Some(factor) = factor else {
            tx.roll_back().await;
            return Err(AnswerChallengeError::Invalid);
        };
        // The first answer opens a session with the id of the challenge.
        let session = SessionId::new(challenge.id);
        let request = UniqueRequest::new("challenge", session, &input.token, input.code.as_ref());
        let answered = tx.sessions().lock(challenge.tenant, session).await?;
        let is_answered = answered.is_some();
        if let Some(record) = answered.filter(|record| is_same_client(&record.session, &input.client))
            && let Some(logged_in) = self.issuer.repeat(record, &request)?
        {
            tx.roll_back().await;
            return Ok(logged_in);
        }
        let proof: Result<_, AnswerChallengeError> =
            prove(&mut *tx, &*self.factors, &factor, input.code.as_ref(), at).await;
        let (proof, user) = (proof?, factor.user);
        let action =
            if proof.is_some() { AuditAction::SessionLogIn } else { AuditAction::SessionLogInFailed };
        let mut entry = session_entry(action, user.tenant, at, &input.client, &input.request_id);
        let details = entry.after.get_or_insert_default();
        let (logged_in, entries) = if let Some(proof) = proof {
            details.push(("secondFactor", proof.as_str().into()));
            let request = (!is_answered).then_some(&request);
            let opened = self.issuer.open(&mut *tx, user, input.client, request).await?;
            let entries = opened.entries(entry);
            (Ok(opened.logged_in), entries)
        } else {
            details.push(("user", user.id.get().into()));
            details.push(("secondFactor", "incorrect".into()));
            (Err(AnswerChallengeError::WrongCode), vec![entry])
        };
        tx.audit().record(&entries).await?;
        tx.commit().await?;
        logged_in
    }
}

/// Returns true if a client is the one that opened the session. Phones change their addresses often.
fn is_same_client(session: &Session, client: &Client) -> bool {
    session.device == client.device && session.user_agent == client.user_agent
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{
        AccessTokenError, Digest, MockChallengeTokens, MockRefreshTokens, MockSessionWriter, SessionRecord,
        StoredFactor, TokenVerdict,
    };

    use super::*;
    use crate::auth::mfa::testing::{factors, recovery, storage, stored_factor, throttle, totp};
    use crate::testing::{FakeTx, OneTx, actor, deriving, issuer, noon, session_after, session_record};

    /// Answers a challenge that was issued for token version 3 on a known device of the user.
    async fn answer(
        stored: Option<StoredFactor>,
        code: Option<FactorCode>,
    ) -> Result<(), AnswerChallengeError> {
        answer_again(stored, code, None).await.map(|is_repetition| assert!(!is_repetition))
    }

    /// Answers a challenge that may have been answered with a session. Returns true if the tokens are those of
    /// that session.
    async fn answer_again(
        stored: Option<StoredFactor>,
        code: Option<FactorCode>,
        answered: Option<SessionRecord>,
    ) -> Result<bool, AnswerChallengeError> {
        let is_answered = answered.is_some();
        let mut tokens = MockChallengeTokens::new();
        tokens.expect_verify().withf(|token| token == "challenge").returning(|_| {
            Ok(Challenge {
                id: crate::testing::session_id().get(),
                tenant: actor().tenant,
                user: actor().user,
                token_version: 3,
                own_device: DeviceId::parse("phone-1"),
                expires_at: noon(),
            })
        });
        let (mut sessions, mut audit) = (MockSessionWriter::new(), MockAuditWriter::new());
        sessions.expect_open().returning(|_| Ok(()));
        sessions.expect_lock().return_once(|_, _| Ok(answered));
        let audited = Arc::new(std::sync::Mutex::new(String::new()));
        let log = audited.clone();
        audit.expect_record().returning(move |entries| {
            let [entry] = entries else { panic!("expected one entry") };
            *log.lock().unwrap() = format!("{} {}", entry.action.as_str(), entry.actor.is_some());
            Ok(())
        });
        let tx = OneTx::new(FakeTx::of((storage(stored), sessions)).with_audit(audit));
        let committed = tx.committed();
        let mut refresh = deriving();
        refresh.expect_first().returning(|_, _| Ok(("refresh".to_owned().into(), session_record().chain)));
        let key = match code {
            Some(FactorCode::Recovery(_)) => "recovery:1:7:00000000-0000-0000-0000-000000000046",
            _ => "code:1:7:phone-1",
        };
        let (throttle, given_back) = throttle(key);
        let use_case = AnswerChallenge::new(
            Arc::new(tokens),
            Arc::new(factors()),
            Arc::new(tx),
            issuer(refresh),
            Arc::new(throttle),
            AttemptLimit { failures: 10 },
        );
        let token = "challenge".to_owned().into();
        let input = AnswerChallengeInput { token, code, client: Client::default(), request_id: "r-1".into() };
        let result = use_case.execute(input).await;
        let is_incorrect = matches!(result, Err(AnswerChallengeError::WrongCode));
        assert_eq!(given_back.load(Ordering::SeqCst), !is_incorrect, "only an incorrect code counts");
        let token = result.as_ref().ok().map(|logged_in| logged_in.refresh_token.expose_secret());
        let is_repetition = is_answered && token == Some("challenge challenge 123456");
        assert_eq!(committed.load(Ordering::SeqCst), (result.is_ok() && !is_repetition) || is_incorrect);
        let expected = match &result {
            Ok(_) if is_repetition => "",
            Ok(_) => "session.log-in true",
            Err(AnswerChallengeError::WrongCode) => "session.log-in-failed false",
            Err(_) => "",
        };
        assert_eq!(*audited.lock().unwrap(), expected);
        result.map(|_| is_repetition)
    }

    #[tokio::test]
    async fn an_unused_code_starts_a_session() {
        for code in [Some(totp("123456")), Some(recovery("a"))] {
            assert_eq!(answer(Some(stored_factor(SecondFactor::On, 49)), code).await, Ok(()));
        }
        for (last, code) in
            [(49, Some(totp("000000"))), (49, Some(recovery("b"))), (49, None), (50, Some(totp("123456")))]
        {
            let result = answer(Some(stored_factor(SecondFactor::On, last)), code).await;
            assert_eq!(result, Err(AnswerChallengeError::WrongCode));
        }
    }

    #[tokio::test]
    async fn the_same_answer_of_the_same_client_returns_the_tokens_again() {
        let used = || Some(stored_factor(SecondFactor::On, 50));
        let record = || session_after("challenge challenge 123456");
        assert_eq!(answer_again(used(), Some(totp("123456")), Some(record())).await, Ok(true));
        let (mut device, mut late, mut ended) = (record(), record(), record());
        device.session.device = DeviceId::parse("another");
        late.session.last_used_at = noon() - Session::REPEAT;
        ended.session.ended_at = Some(noon());
        let refreshed =
            SessionRecord { chain: record().chain.after(TokenVerdict::Current, Digest([7; 32])), ..record() };
        for other in [device, late, ended, refreshed, session_record()] {
            let result = answer_again(used(), Some(totp("123456")), Some(other)).await;
            assert_eq!(result, Err(AnswerChallengeError::WrongCode));
        }
        // Another valid code opens another session.
        let next = stored_factor(SecondFactor::On, 49);
        assert_eq!(answer_again(Some(next), Some(totp("123456")), Some(session_record())).await, Ok(false));
    }

    #[tokio::test]
    async fn a_changed_user_must_log_in_again() {
        let mut disabled = stored_factor(SecondFactor::On, 0);
        disabled.user.active = false;
        let mut reset = stored_factor(SecondFactor::On, 0);
        reset.user.token_version = 4;
        for stored in [Some(disabled), Some(reset), Some(stored_factor(SecondFactor::Off, 0)), None] {
            assert_eq!(answer(stored, Some(totp("123456"))).await, Err(AnswerChallengeError::Invalid));
        }
    }

    #[tokio::test]
    async fn an_invalid_challenge_token_is_rejected_without_further_checks() {
        let mut tokens = MockChallengeTokens::new();
        tokens.expect_verify().returning(|_| Err(AccessTokenError::Expired));
        let use_case = AnswerChallenge::new(
            Arc::new(tokens),
            Arc::new(haat_domain::auth::MockSecondFactors::new()),
            Arc::new(OneTx::<FakeTx<MockSessionWriter>>::none()),
            issuer(MockRefreshTokens::new()),
            Arc::new(haat_domain::auth::MockLoginThrottle::new()),
            AttemptLimit { failures: 10 },
        );
        let token = "challenge".to_owned().into();
        let input = AnswerChallengeInput {
            token,
            code: Some(totp("123456")),
            client: Client::default(),
            request_id: "r-1".into(),
        };
        assert_eq!(use_case.execute(input).await.err(), Some(AnswerChallengeError::Invalid));
    }
}
