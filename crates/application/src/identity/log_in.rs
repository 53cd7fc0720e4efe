use std::sync::Arc;

use chrono::Duration;
use haat_domain::identity::{
    AccessTokens, CredentialReader, HashFailure, LoginName, PasswordHasher, TenantSlug, User,
};
use haat_domain::shared::{Clock, StorageFailure};
use secrecy::SecretString;

use super::issuer::Issuer;

/// What a login says.
#[derive(Debug)]
pub struct LogInInput {
    /// The company.
    pub tenant: TenantSlug,
    /// The user; `None` when what was typed cannot be anybody's name.
    pub name: Option<LoginName>,
    /// The password, as typed.
    pub password: SecretString,
}

/// A login that succeeded.
#[derive(Debug)]
pub struct LoggedIn {
    /// The token that speaks for the user from now on.
    pub access_token: SecretString,
    /// For how long.
    pub expires_in: Duration,
    /// Who logged in.
    pub user: User,
}

/// Why nobody was logged in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogInError {
    /// Unknown tenant or user, wrong password, or a disabled user: one answer, so that names cannot be probed.
    #[error("unknown user or wrong password")]
    InvalidCredentials,
    /// Too many logins are being checked.
    #[error("too many logins at once")]
    Busy,
    /// The hasher or the signer failed.
    #[error("{0}")]
    Broken(String),
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Checks a password and issues an access token.
pub struct LogIn {
    credentials: Arc<dyn CredentialReader>,
    hasher: Arc<dyn PasswordHasher>,
    issuer: Issuer,
}

impl LogIn {
    /// Builds the use case; tokens live for `lifetime`.
    #[must_use]
    pub fn new(
        credentials: Arc<dyn CredentialReader>,
        hasher: Arc<dyn PasswordHasher>,
        tokens: Arc<dyn AccessTokens>,
        clock: Arc<dyn Clock>,
        lifetime: Duration,
    ) -> Self {
        Self { credentials, hasher, issuer: Issuer::new(tokens, clock, lifetime) }
    }

    /// Logs in. Every refusal costs one password comparison, whatever the reason.
    ///
    /// # Errors
    /// [`LogInError`].
    pub async fn execute(&self, input: LogInInput) -> Result<LoggedIn, LogInError> {
        let credential = match &input.name {
            Some(name) => self.credentials.find(&input.tenant, name).await?,
            None => None,
        };
        let hash = credential.as_ref().map(|credential| &credential.password_hash);
        let matches = self.hasher.verify(&input.password, hash).await.map_err(|failure| match failure {
            HashFailure::Busy => LogInError::Busy,
            HashFailure::Broken(reason) => LogInError::Broken(reason),
        })?;
        match credential {
            Some(credential) if matches && credential.user.active => {
                self.issuer.issue(credential.user).map_err(LogInError::Broken)
            }
            _ => Err(LogInError::InvalidCredentials),
        }
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{
        Credential, MockAccessTokens, MockCredentialReader, MockPasswordHasher, PasswordHash, Username,
    };
    use haat_domain::shared::MockClock;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::testing::{noon, user};

    /// Logs in as `name`; exactly one password comparison must happen, answering `matches`.
    async fn log_in(
        name: Option<&str>,
        found: Option<User>,
        matches: Result<bool, HashFailure>,
    ) -> Result<LoggedIn, LogInError> {
        let mut credentials = MockCredentialReader::new();
        let known = found.is_some();
        credentials.expect_find().times(usize::from(name.is_some())).return_once(move |_, _| {
            Ok(found.map(|user| Credential { user, password_hash: PasswordHash::new("hash".into()) }))
        });
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_verify()
            .withf(move |_, hash| hash.is_some() == known)
            .times(1)
            .return_once(move |_, _| matches);
        let mut tokens = MockAccessTokens::new();
        tokens.expect_issue().returning(|claims| {
            assert_eq!(claims.expires_at - claims.issued_at, Duration::hours(12));
            assert_eq!(claims.issued_at, noon());
            Ok(format!("token of {} version {}", claims.user, claims.token_version).into())
        });
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        let log_in = LogIn::new(
            Arc::new(credentials),
            Arc::new(hasher),
            Arc::new(tokens),
            Arc::new(clock),
            Duration::hours(12),
        );
        let name = name.map(|name| LoginName::Username(Username::parse(name).unwrap()));
        let input =
            LogInInput { tenant: TenantSlug::default(), name, password: "Sr@12345".to_owned().into() };
        log_in.execute(input).await
    }

    #[tokio::test]
    async fn the_right_password_gives_a_token() {
        let logged_in = log_in(Some("sr00001"), Some(user("sr00001")), Ok(true)).await.unwrap();
        assert_eq!(logged_in.access_token.expose_secret(), "token of 7 version 3");
        assert_eq!(logged_in.expires_in, Duration::hours(12));
        assert_eq!(logged_in.user.username.as_str(), "sr00001");
    }

    #[tokio::test]
    async fn every_refusal_is_one_answer_at_the_cost_of_one_comparison() {
        let disabled = User { active: false, ..user("sr00001") };
        for (name, found, matches) in [
            (Some("sr00001"), Some(user("sr00001")), false),
            (Some("sr00001"), Some(disabled), true),
            (Some("nobody"), None, false),
            (None, None, false),
        ] {
            let error = log_in(name, found, Ok(matches)).await.unwrap_err();
            assert_eq!(error, LogInError::InvalidCredentials, "{name:?}");
        }
    }

    #[tokio::test]
    async fn an_unknown_user_is_refused_even_if_the_comparison_says_yes() {
        let error = log_in(Some("nobody"), None, Ok(true)).await.unwrap_err();
        assert_eq!(error, LogInError::InvalidCredentials);
    }

    #[tokio::test]
    async fn a_busy_hasher_is_not_a_wrong_password() {
        let error = log_in(Some("sr00001"), Some(user("sr00001")), Err(HashFailure::Busy)).await.unwrap_err();
        assert_eq!(error, LogInError::Busy);
    }
}
