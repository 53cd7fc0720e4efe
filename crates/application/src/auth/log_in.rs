use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use haat_domain::audit::{AuditAction, AuditEntry, Snapshot};
use haat_domain::auth::{
    AuthTx, ChallengeTokens, Client, Credential, CredentialReader, DeviceId, HashFailure, LoginName,
    LoginThrottle, NewPassword, PasswordHash, PasswordHasher, SecondFactor, User,
};
use haat_domain::shared::{BeginTransaction, StorageFailure, TenantId};
use haat_domain::tenancy::TenantSlug;
use secrecy::SecretString;

use super::issuer::{IssueError, Issuer};
use super::refusals::too_many_failures;
use super::{AttemptLimit, LoggedIn};
use crate::shared::{Refusal, Refused};

/// Input of [`LogIn`].
#[derive(Debug)]
pub struct LogInInput {
    /// The tenant.
    pub tenant: TenantSlug,
    /// The login name; `None` if the input cannot be one.
    pub name: Option<LoginName>,
    /// The password as typed.
    pub password: SecretString,
    /// The client.
    pub client: Client,
    /// The id of the request, for the audit log.
    pub request_id: String,
}

/// The outcome of a correct password.
#[derive(Debug)]
pub enum LogInOutcome {
    /// A new session.
    LoggedIn(LoggedIn),
    /// A challenge token to be sent with the second factor, valid for
    /// [`haat_domain::auth::Challenge::LIFETIME`].
    Challenged(SecretString),
}

/// Errors of [`LogIn`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogInError {
    /// Unknown tenant or user, incorrect password, or a disabled user. All are the same error, so that names
    /// cannot be probed.
    #[error("unknown user or incorrect password")]
    InvalidCredentials,
    /// Too many logins have failed; the client may retry after this time.
    #[error("too many failed logins")]
    TooManyFailures(Duration),
    /// The password could not be compared.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// The token could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for LogInError {
    fn refuse(&self) -> Refused {
        match self {
            Self::InvalidCredentials => Refused::new(&crate::auth::codes::INVALID_CREDENTIALS),
            Self::TooManyFailures(wait) => too_many_failures(*wait),
            Self::Hash(failure) => failure.refuse(),
            Self::Issue(error) => error.refuse(),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Checks a password and starts a session.
pub struct LogIn {
    credentials: Arc<dyn CredentialReader>,
    hasher: Arc<dyn PasswordHasher>,
    db: Arc<dyn BeginTransaction<dyn AuthTx>>,
    issuer: Arc<Issuer>,
    challenges: Arc<dyn ChallengeTokens>,
    throttle: Arc<dyn LoginThrottle>,
    limit: AttemptLimit,
}

impl LogIn {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        credentials: Arc<dyn CredentialReader>,
        hasher: Arc<dyn PasswordHasher>,
        db: Arc<dyn BeginTransaction<dyn AuthTx>>,
        issuer: Arc<Issuer>,
        challenges: Arc<dyn ChallengeTokens>,
        throttle: Arc<dyn LoginThrottle>,
        limit: AttemptLimit,
    ) -> Self {
        Self { credentials, hasher, db, issuer, challenges, throttle, limit }
    }

    /// Logs in, or returns a challenge if the user has a second factor. Every rejection costs one password
    /// comparison, whatever the reason; but after too many failures nothing is compared.
    ///
    /// # Errors
    /// [`LogInError`].
    pub async fn execute(&self, input: LogInInput) -> Result<LogInOutcome, LogInError> {
        let found = match &input.name {
            Some(name) => self.credentials.find(&input.tenant, name, input.client.device.as_ref()).await?,
            None => None,
        };
        let (tenant, found) = found.map_or((None, None), |(tenant, found)| (Some(tenant), found));
        let own_device =
            found.as_ref().and_then(|(credential, version)| Some((&credential.user, (*version)?)));
        let own_device_of = own_device.map(|(user, _)| (user.tenant, user.id));
        let keys = self.limit.of_login(&input.tenant, input.name.as_ref(), &input.client, own_device_of);
        self.throttle.take(&keys).await.map_err(LogInError::TooManyFailures)?;
        // The device must have logged in since the second factor was turned on: an earlier login proved the
        // password only.
        let is_proven = own_device.is_some_and(|(user, version)| version == user.token_version);
        let own_device = input.client.device.clone().filter(|_| is_proven);
        let credential = found.map(|(credential, _)| credential);
        let result = self.compare(tenant, credential, own_device, input).await;
        if !matches!(result, Err(LogInError::InvalidCredentials)) {
            self.throttle.refund(&keys).await;
        }
        result
    }

    async fn compare(
        &self,
        tenant: Option<TenantId>,
        credential: Option<Credential>,
        own_device: Option<DeviceId>,
        input: LogInInput,
    ) -> Result<LogInOutcome, LogInError> {
        let hash = credential.as_ref().map(|credential| &credential.password_hash);
        let matches = self.hasher.verify(&input.password, hash).await?;
        match credential {
            Some(credential) if matches && credential.user.active => {
                self.succeed(credential, own_device, input).await
            }
            credential => {
                if let Some(tenant) = tenant {
                    self.audit_failure(tenant, credential.map(|credential| credential.user), &input).await;
                }
                Err(LogInError::InvalidCredentials)
            }
        }
    }

    async fn succeed(
        &self,
        credential: Credential,
        own_device: Option<DeviceId>,
        input: LogInInput,
    ) -> Result<LogInOutcome, LogInError> {
        let rehashed = self.rehash(&credential.password_hash, &input).await;
        let user = credential.user;
        let mut tx = self.db.begin().await?;
        if let Some(new) = &rehashed {
            tx.passwords().rehash(user.tenant, user.id, &credential.password_hash, new).await?;
        }
        let mut entry = self.entry(AuditAction::SessionLogIn, user.tenant, &input);
        let (outcome, entries) = if user.second_factor == SecondFactor::On {
            // The client knows the password, but is not yet authenticated as the user.
            entry.action = AuditAction::SessionChallenge;
            entry.after.get_or_insert_default().push(("user", user.id.get().into()));
            let challenge = self.issuer.challenge(&user, own_device);
            let token = self.challenges.issue(&challenge).map_err(IssueError::Broken)?;
            (LogInOutcome::Challenged(token), vec![entry])
        } else {
            let opened = self.issuer.open(&mut *tx, user, input.client, None).await?;
            let entries = opened.entries(entry);
            (LogInOutcome::LoggedIn(opened.logged_in), entries)
        };
        tx.audit().record(&entries).await?;
        tx.commit().await?;
        Ok(outcome)
    }

    /// Returns a new hash if the stored one was made at a lower cost than configured now. A failure does not
    /// prevent the login, and the login does not wait a second time.
    async fn rehash(&self, stored: &PasswordHash, input: &LogInInput) -> Option<PasswordHash> {
        if !self.hasher.is_outdated(stored) {
            return None;
        }
        let password = NewPassword::known(&input.password).ok()?;
        self.hasher.hash_if_idle(&password).await.ok()
    }

    /// Audits the failure whether or not the user exists, so that the response time does not reveal it. If
    /// the audit entry cannot be written, the login is rejected in the same way.
    async fn audit_failure(&self, tenant: TenantId, user: Option<User>, input: &LogInInput) {
        let mut entry = self.entry(AuditAction::SessionLogInFailed, tenant, input);
        // The entry has no actor, because the client is not authenticated.
        let user = user.map(|user| user.id.get());
        entry.after.get_or_insert_default().push(("user", user.into()));
        let written = async {
            let mut tx = self.db.begin().await?;
            tx.audit().record(&[entry]).await?;
            tx.commit().await
        };
        if let Err(failure) = written.await {
            tracing::warn!(%failure, "failed to record a failed login in the audit log");
        }
    }

    fn entry(&self, action: AuditAction, tenant: TenantId, input: &LogInInput) -> AuditEntry {
        session_entry(action, tenant, self.issuer.now(), &input.client, &input.request_id)
    }
}

/// The audit entry of a login or session, without an actor or session id.
pub(super) fn session_entry(
    action: AuditAction,
    tenant: TenantId,
    at: DateTime<Utc>,
    client: &Client,
    request_id: &str,
) -> AuditEntry {
    AuditEntry {
        tenant,
        at,
        actor: None,
        action,
        entity_id: None,
        before: None,
        after: Some(client_snapshot(client)),
        request_id: Some(request_id.to_owned()),
        batch: None,
    }
}

/// The audited values of a client.
fn client_snapshot(client: &Client) -> Snapshot {
    vec![
        ("address", client.address.map(|address| address.to_string()).as_deref().into()),
        ("device", client.device.as_ref().map(DeviceId::as_str).into()),
        ("program", client.user_agent.as_deref().into()),
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use haat_domain::audit::MockAuditWriter;
    use haat_domain::auth::{
        Digest, MockChallengeTokens, MockCredentialReader, MockLoginThrottle, MockPasswordHasher,
        MockPasswordWriter, MockRefreshTokens, MockSessionWriter, Seed, TokenChain, Username,
    };
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{FakeTx, OneTx, issuer, noon, session_id, user};

    const WAIT: Duration = Duration::from_secs(42);

    const CHAIN: TokenChain = TokenChain {
        family: Digest([1; 32]),
        current: Digest([2; 32]),
        previous: None,
        seed: Seed([3; 32]),
        replaced: None,
    };

    /// Logs in as `name`. Expects exactly one password comparison, which returns `matches`, and one audit
    /// entry, whether or not the user exists.
    async fn log_in(
        name: Option<&str>,
        found: Option<User>,
        matches: Result<bool, HashFailure>,
    ) -> (Result<LoggedIn, LogInError>, bool) {
        log_in_with(name, found, matches, false).await
    }

    /// Logs in with a hash that may be outdated.
    async fn log_in_with(
        name: Option<&str>,
        found: Option<User>,
        matches: Result<bool, HashFailure>,
        outdated: bool,
    ) -> (Result<LoggedIn, LogInError>, bool) {
        let (outcome, committed) = outcome_of(name, found, matches, outdated).await;
        let logged_in = outcome.map(|outcome| match outcome {
            LogInOutcome::LoggedIn(logged_in) => logged_in,
            LogInOutcome::Challenged(token) => panic!("{token:?}"),
        });
        (logged_in, committed)
    }

    /// Sessions that expect a new one on the device, which ends another, or nothing.
    fn sessions(opens: bool) -> MockSessionWriter {
        let mut sessions = MockSessionWriter::new();
        sessions
            .expect_open()
            .withf(|new| {
                (new.user.get(), new.token_version, new.chain) == (7, 3, CHAIN)
                    && new.client.device == DeviceId::parse("phone-1")
            })
            .times(usize::from(opens))
            .returning(|_| Ok(()));
        sessions
            .expect_end_on_device()
            .withf(|user, device, at| (user.id.get(), device.as_str(), *at) == (7, "phone-1", noon()))
            .times(usize::from(opens))
            .returning(|_, _, _| Ok(vec![session_id()]));
        sessions
    }

    /// Logs in as a user who may have a second factor.
    async fn outcome_of(
        name: Option<&str>,
        found: Option<User>,
        matches: Result<bool, HashFailure>,
        outdated: bool,
    ) -> (Result<LogInOutcome, LogInError>, bool) {
        let has_factor = found.as_ref().is_some_and(|user| user.second_factor == SecondFactor::On);
        let version = has_factor.then_some(3);
        let mut credentials = MockCredentialReader::new();
        let known = found.is_some();
        let succeeds = matches == Ok(true) && found.as_ref().is_some_and(|user| user.active);
        let audited = usize::from(name.is_some() && matches.is_ok());
        credentials.expect_find().times(usize::from(name.is_some())).return_once(move |_, _, _| {
            let password_hash = PasswordHash::new("hash".into());
            Ok(Some((TenantId::new(1), found.map(|user| (Credential { user, password_hash }, version)))))
        });
        let mut throttle = MockLoginThrottle::new();
        let is_allowed = !matches!(matches, Err(HashFailure::Broken(_)));
        throttle.expect_take().times(1).returning(move |_| if is_allowed { Ok(()) } else { Err(WAIT) });
        // Only a failure counts.
        let fails = matches.is_ok() && !succeeds;
        throttle.expect_refund().times(usize::from(is_allowed && !fails)).return_const(());
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_verify()
            .withf(move |_, hash| hash.is_some() == known)
            .times(usize::from(is_allowed))
            .return_once(move |_, _| matches);
        hasher.expect_is_outdated().return_const(outdated);
        hasher
            .expect_hash_if_idle()
            .times(usize::from(outdated))
            .returning(|_| Ok(PasswordHash::new("new".into())));
        let mut passwords = MockPasswordWriter::new();
        passwords
            .expect_rehash()
            .withf(|_, user, old, new| (user.get(), old.expose(), new.expose()) == (7, "hash", "new"))
            .times(usize::from(outdated))
            .returning(|_, _, _, _| Ok(()));
        let mut refresh = MockRefreshTokens::new();
        refresh
            .expect_first()
            .withf(|tenant, session| (tenant.get(), *session) == (1, session_id()))
            .returning(|_, _| Ok(("refresh".to_owned().into(), CHAIN)));
        let sessions = sessions(succeeds && !has_factor);
        let mut challenges = MockChallengeTokens::new();
        challenges
            .expect_issue()
            .withf(|challenge| {
                (challenge.tenant.get(), challenge.user.get(), challenge.token_version) == (1, 7, 3)
                    && challenge.own_device == DeviceId::parse("phone-1")
                    && challenge.expires_at == noon() + chrono::Duration::minutes(5)
            })
            .times(usize::from(succeeds && has_factor))
            .returning(|_| Ok("challenge".to_owned().into()));
        let mut audit = MockAuditWriter::new();
        audit
            .expect_record()
            .withf(move |entries| {
                let action = match (succeeds, has_factor) {
                    (true, false) => AuditAction::SessionLogIn,
                    (true, true) => AuditAction::SessionChallenge,
                    (false, _) => AuditAction::SessionLogInFailed,
                };
                let text = format!("{entries:?}");
                let ended = entries.iter().skip(1).map(|entry| (entry.action, entry.actor.is_some()));
                entries[0].action == action
                    && ended
                        .eq((action == AuditAction::SessionLogIn).then_some((AuditAction::SessionEnd, true)))
                    && entries[0].actor.is_some() == (succeeds && !has_factor)
                    && !text.contains("Sr@12345")
                    && !text.contains("refresh")
            })
            .times(audited)
            .returning(|_| Ok(()));
        let tx = OneTx::new(FakeTx::of((passwords, sessions)).with_audit(audit));
        let committed = tx.committed();
        let log_in = LogIn::new(
            Arc::new(credentials),
            Arc::new(hasher),
            Arc::new(tx),
            issuer(refresh),
            Arc::new(challenges),
            Arc::new(throttle),
            AttemptLimit { failures: 10 },
        );
        let name = name.map(|name| LoginName::Username(Username::parse(name).unwrap()));
        let input = LogInInput {
            tenant: TenantSlug::default(),
            name,
            password: "Sr@12345".to_owned().into(),
            client: Client { device: DeviceId::parse("phone-1"), ..Client::default() },
            request_id: "r-1".into(),
        };
        (log_in.execute(input).await, committed.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_correct_password_starts_a_session() {
        let (logged_in, committed) = log_in(Some("sr00001"), Some(user("sr00001")), Ok(true)).await;
        let logged_in = logged_in.unwrap();
        assert!(committed);
        assert_eq!(logged_in.access_token.expose_secret(), "token of 7 version 3");
        assert_eq!(logged_in.refresh_token.expose_secret(), "refresh");
        assert_eq!(logged_in.user.username.as_str(), "sr00001");
    }

    #[tokio::test]
    async fn a_second_factor_is_requested_only_after_a_correct_password() {
        let with_factor = User { second_factor: SecondFactor::On, ..user("sr00001") };
        for outdated in [false, true] {
            let (outcome, committed) =
                outcome_of(Some("sr00001"), Some(with_factor.clone()), Ok(true), outdated).await;
            let LogInOutcome::Challenged(token) = outcome.unwrap() else { panic!("no session yet") };
            assert!(committed && token.expose_secret() == "challenge");
        }
        let (refused, _) = outcome_of(Some("sr00001"), Some(with_factor), Ok(false), false).await;
        assert_eq!(refused.unwrap_err(), LogInError::InvalidCredentials);
    }

    #[tokio::test]
    async fn every_rejection_is_the_same_error_and_costs_one_comparison() {
        let disabled = User { active: false, ..user("sr00001") };
        for (name, found, matches) in [
            (Some("sr00001"), Some(user("sr00001")), false),
            (Some("sr00001"), Some(disabled), true),
            (Some("unknown"), None, false),
            (None, None, false),
            // An unknown user is refused even if the comparison says yes.
            (Some("unknown"), None, true),
        ] {
            let (error, _) = log_in(name, found, Ok(matches)).await;
            assert_eq!(error.unwrap_err(), LogInError::InvalidCredentials, "{name:?}");
        }
    }

    #[tokio::test]
    async fn replaces_a_hash_of_lower_cost() {
        let (logged_in, committed) =
            log_in_with(Some("sr00001"), Some(user("sr00001")), Ok(true), true).await;
        assert!(logged_in.is_ok() && committed);
    }

    #[tokio::test]
    async fn a_busy_hasher_is_not_an_incorrect_password() {
        let (error, _) = log_in(Some("sr00001"), Some(user("sr00001")), Err(HashFailure::Busy(WAIT))).await;
        assert_eq!(error.unwrap_err(), LogInError::Hash(HashFailure::Busy(WAIT)));
    }

    #[tokio::test]
    async fn after_too_many_failures_nothing_is_compared() {
        // The hasher would fail if it were called.
        let broken = Err(HashFailure::Broken("called".into()));
        let (error, _) = log_in(Some("sr00001"), Some(user("sr00001")), broken).await;
        assert_eq!(error.unwrap_err(), LogInError::TooManyFailures(WAIT));
    }
}
