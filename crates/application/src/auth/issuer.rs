use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use haat_domain::auth::{
    AccessClaims, AccessTokens, AuthTx, Challenge, Client, DeviceId, NewSession, RefreshTokens, User,
};
use haat_domain::shared::{Clock, IdGenerator, SessionId, StorageFailure};
use secrecy::SecretString;

use crate::shared::{Refusal, Refused};

/// The tokens of a new or continued session.
#[derive(Debug)]
pub struct LoggedIn {
    /// The access token.
    pub access_token: SecretString,
    /// The lifetime of the access token.
    pub expires_in: Duration,
    /// The refresh token; `None` if the one that the caller has is still valid.
    pub refresh_token: Option<SecretString>,
    /// The user who logged in.
    pub user: User,
}

/// Errors of issuing tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// Random numbers or signing failed.
    #[error("{0}")]
    Broken(String),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for IssueError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Broken(cause) => Refused::internal(cause),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Starts sessions and issues their tokens.
pub struct Issuer {
    access: Arc<dyn AccessTokens>,
    refresh: Arc<dyn RefreshTokens>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
}

impl Issuer {
    /// Builds the issuer. Access tokens are valid for `lifetime`.
    #[must_use]
    pub fn new(
        access: Arc<dyn AccessTokens>,
        refresh: Arc<dyn RefreshTokens>,
        ids: Arc<dyn IdGenerator>,
        clock: Arc<dyn Clock>,
        lifetime: Duration,
    ) -> Self {
        Self { access, refresh, ids, clock, lifetime }
    }

    /// The current time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Builds a challenge for a user who has entered the correct password.
    pub(super) fn challenge(&self, user: &User, own_device: Option<DeviceId>) -> Challenge {
        Challenge {
            id: self.ids.next(),
            tenant: user.tenant,
            user: user.id,
            token_version: user.token_version,
            own_device,
            expires_at: self.now() + Challenge::LIFETIME,
        }
    }

    /// Reads and makes refresh tokens.
    pub(super) fn refresh(&self) -> &dyn RefreshTokens {
        &*self.refresh
    }

    /// Starts a session for a user in their current state.
    pub(super) async fn open(
        &self,
        tx: &mut dyn AuthTx,
        user: User,
        client: Client,
    ) -> Result<(SessionId, LoggedIn), IssueError> {
        let (tenant, session) = (user.tenant, SessionId::new(self.ids.next()));
        let (token, chain) = self.refresh.first(tenant, session).map_err(IssueError::Broken)?;
        let new = NewSession {
            tenant,
            id: session,
            user: user.id,
            token_version: user.token_version,
            client,
            chain,
            at: self.now(),
        };
        tx.sessions().open(&new).await?;
        let logged_in = self.issue(user, session, Some(token))?;
        Ok((session, logged_in))
    }

    /// Continues only this session of a user under a new token version; all other sessions of the user end.
    /// Returns `None` if this session has ended too.
    pub(super) async fn continue_session(
        &self,
        tx: &mut dyn AuthTx,
        user: User,
        session: SessionId,
    ) -> Result<Option<LoggedIn>, IssueError> {
        if !tx.sessions().carry_over(user.tenant, user.id, session, user.token_version).await? {
            return Ok(None);
        }
        self.issue(user, session, None).map(Some)
    }

    /// Issues an access token for a user in their current state.
    pub(super) fn issue(
        &self,
        user: User,
        session: SessionId,
        refresh_token: Option<SecretString>,
    ) -> Result<LoggedIn, IssueError> {
        let now = self.clock.now();
        let claims = AccessClaims {
            tenant: user.tenant,
            user: user.id,
            session,
            token_version: user.token_version,
            issued_at: now,
            expires_at: now + self.lifetime,
        };
        let access_token = self.access.issue(&claims).map_err(IssueError::Broken)?;
        Ok(LoggedIn { access_token, expires_in: self.lifetime, refresh_token, user })
    }
}
