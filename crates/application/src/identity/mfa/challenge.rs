use std::sync::Arc;
use std::time::Duration;

use haat_domain::identity::{
    Challenge, ChallengeTokens, Client, DeviceId, FactorCode, FactorFailure, IdentityTx, LoginThrottle,
    SecondFactor, SecondFactors,
};
use haat_domain::shared::{Begin, StorageFailure};
use secrecy::{ExposeSecret as _, SecretString};

use super::prove::prove;
use crate::identity::issuer::{IssueError, Issuer};
use crate::identity::{GuessLimit, LoggedIn, session_entry};

/// The second half of a login.
#[derive(Debug)]
pub struct AnswerChallengeInput {
    /// What the first half gave.
    pub token: SecretString,
    /// The second factor; `None` when what was typed cannot be one.
    pub code: Option<FactorCode>,
    /// From where.
    pub client: Client,
    /// The request, for the audit log.
    pub request_id: String,
}

/// Why nobody was logged in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerChallengeError {
    /// The token is none of ours, or void: too old, or the user has changed since.
    #[error("not a token of a login that waits")]
    Invalid,
    /// The code is wrong, or was used before.
    #[error("that is not the code")]
    WrongCode,
    /// Too many were wrong; more may be tried after so long.
    #[error("too many wrong codes")]
    TooManyFailures(Duration),
    /// The code could not be checked.
    #[error(transparent)]
    Factor(#[from] FactorFailure),
    /// No token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Checks the second factor and begins a session.
pub struct AnswerChallenge {
    tokens: Arc<dyn ChallengeTokens>,
    factors: Arc<dyn SecondFactors>,
    db: Arc<dyn Begin<dyn IdentityTx>>,
    issuer: Arc<Issuer>,
    throttle: Arc<dyn LoginThrottle>,
    limit: GuessLimit,
}

impl AnswerChallenge {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn ChallengeTokens>,
        factors: Arc<dyn SecondFactors>,
        db: Arc<dyn Begin<dyn IdentityTx>>,
        issuer: Arc<Issuer>,
        throttle: Arc<dyn LoginThrottle>,
        limit: GuessLimit,
    ) -> Self {
        Self { tokens, factors, db, issuer, throttle, limit }
    }

    /// Logs in. A wrong code is told in the audit log and counts; the same login may be tried again until it is too old.
    ///
    /// # Errors
    /// [`AnswerChallengeError`].
    pub async fn execute(&self, input: AnswerChallengeInput) -> Result<LoggedIn, AnswerChallengeError> {
        let challenge = self.tokens.verify(input.token.expose_secret());
        let challenge = challenge.map_err(|_void| AnswerChallengeError::Invalid)?;
        let own_device = challenge.own_device.as_ref().map_or("", DeviceId::as_str);
        let whose = (challenge.tenant, challenge.user);
        let id = challenge.id.to_string();
        let counted = self.limit.of_code(whose, input.code.as_ref(), own_device, &id);
        self.throttle.take(&counted).await.map_err(AnswerChallengeError::TooManyFailures)?;
        let result = self.prove(&challenge, input).await;
        if !matches!(result, Err(AnswerChallengeError::WrongCode)) {
            self.throttle.give_back(&counted).await;
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
        let held = tx.factors().lock_for_login(challenge.tenant, challenge.user).await?.filter(|held| {
            held.user.active
                && held.user.token_version == challenge.token_version
                && held.user.second_factor == SecondFactor::On
        });
        let Some(held) = held else {
            tx.roll_back().await;
            return Err(AnswerChallengeError::Invalid);
        };
        let proof: Result<_, AnswerChallengeError> =
            prove(&mut *tx, &*self.factors, &held, input.code.as_ref(), at).await;
        let (proof, user) = (proof?, held.user);
        let action = if proof.is_some() { "session.log-in" } else { "session.log-in-failed" };
        let mut entry = session_entry(action, user.tenant, at, &input.client, &input.request_id);
        let told = entry.after.get_or_insert_default();
        let logged_in = if let Some(proof) = proof {
            told.push(("secondFactor", proof.as_str().into()));
            entry.actor = Some((user.id, user.role));
            let (session, logged_in) = self.issuer.open(&mut *tx, user, input.client).await?;
            entry.entity_id = Some(session.to_string());
            Ok(logged_in)
        } else {
            told.push(("user", user.id.get().into()));
            told.push(("secondFactor", "wrong".into()));
            Err(AnswerChallengeError::WrongCode)
        };
        tx.audit().record(&[entry]).await?;
        tx.commit().await?;
        logged_in
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::identity::{
        AccessTokenError, Chain, Digest, HeldFactor, MockChallengeTokens, MockRefreshTokens,
        MockSessionWriter, MockUserWriter, Seed,
    };

    use super::*;
    use crate::identity::mfa::testing::{factors, held, recovery, storage, throttle, totp};
    use crate::testing::{FakeTx, OneTx, actor, issuer, noon};

    const CHAIN: Chain =
        Chain { family: Digest([1; 32]), current: Digest([2; 32]), previous: None, seed: Seed([3; 32]) };

    /// Answers a challenge with the token version 3, given on a device of the user's own.
    async fn answer(held: Option<HeldFactor>, code: Option<FactorCode>) -> Result<(), AnswerChallengeError> {
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
        let told = Arc::new(std::sync::Mutex::new(String::new()));
        let log = told.clone();
        audit.expect_record().returning(move |entries| {
            let [entry] = entries else { panic!("one entry") };
            *log.lock().unwrap() = format!("{} {}", entry.action, entry.actor.is_some());
            Ok(())
        });
        let tx = OneTx::new(FakeTx::of((storage(held), MockUserWriter::new(), sessions)).with_audit(audit));
        let committed = tx.committed();
        let mut refresh = MockRefreshTokens::new();
        refresh.expect_first().returning(|_, _| Ok(("refresh".to_owned().into(), CHAIN)));
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
            GuessLimit { failures: 10 },
        );
        let token = "challenge".to_owned().into();
        let input = AnswerChallengeInput { token, code, client: Client::default(), request_id: "r-1".into() };
        let result = use_case.execute(input).await;
        let is_wrong = matches!(result, Err(AnswerChallengeError::WrongCode));
        assert_eq!(given_back.load(Ordering::SeqCst), !is_wrong, "only a wrong code counts");
        assert_eq!(committed.load(Ordering::SeqCst), result.is_ok() || is_wrong);
        let expected = match &result {
            Ok(_) => "session.log-in true",
            Err(AnswerChallengeError::WrongCode) => "session.log-in-failed false",
            Err(_) => "",
        };
        assert_eq!(*told.lock().unwrap(), expected);
        result.map(|_| ())
    }

    #[tokio::test]
    async fn a_code_not_used_before_begins_a_session() {
        for code in [Some(totp("123456")), Some(recovery("a"))] {
            assert_eq!(answer(Some(held(SecondFactor::On, 49)), code).await, Ok(()));
        }
        for (last, code) in
            [(49, Some(totp("000000"))), (49, Some(recovery("b"))), (49, None), (50, Some(totp("123456")))]
        {
            let result = answer(Some(held(SecondFactor::On, last)), code).await;
            assert_eq!(result, Err(AnswerChallengeError::WrongCode));
        }
    }

    #[tokio::test]
    async fn who_has_changed_since_the_password_begins_again() {
        let mut disabled = held(SecondFactor::On, 0);
        disabled.user.active = false;
        let mut reset = held(SecondFactor::On, 0);
        reset.user.token_version = 4;
        for held in [Some(disabled), Some(reset), Some(held(SecondFactor::Off, 0)), None] {
            assert_eq!(answer(held, Some(totp("123456"))).await, Err(AnswerChallengeError::Invalid));
        }
    }

    #[tokio::test]
    async fn no_token_of_a_challenge_asks_nothing_of_anybody() {
        let mut tokens = MockChallengeTokens::new();
        tokens.expect_verify().returning(|_| Err(AccessTokenError::Expired));
        let use_case = AnswerChallenge::new(
            Arc::new(tokens),
            Arc::new(haat_domain::identity::MockSecondFactors::new()),
            Arc::new(OneTx::<FakeTx<MockUserWriter>>::none()),
            issuer(MockRefreshTokens::new()),
            Arc::new(haat_domain::identity::MockLoginThrottle::new()),
            GuessLimit { failures: 10 },
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
