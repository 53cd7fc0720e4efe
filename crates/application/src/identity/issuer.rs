use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use haat_domain::identity::{
    AccessClaims, AccessTokens, Challenge, Client, DeviceId, IdentityTx, NewSession, RefreshTokens,
    SessionId, User,
};
use haat_domain::shared::{Clock, IdGenerator, StorageFailure};
use secrecy::SecretString;

/// A login that succeeded, or goes on.
#[derive(Debug)]
pub struct LoggedIn {
    /// The token that speaks for the user from now on.
    pub access_token: SecretString,
    /// For how long.
    pub expires_in: Duration,
    /// The token to be exchanged for the next of both; none where the one the caller has is still good.
    pub refresh_token: Option<SecretString>,
    /// Who logged in.
    pub user: User,
}

/// Why no token was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// There was no randomness, or nothing to sign with.
    #[error("{0}")]
    Broken(String),
    /// The storage could not take it.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Begins sessions and issues their tokens.
pub struct Issuer {
    access: Arc<dyn AccessTokens>,
    refresh: Arc<dyn RefreshTokens>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
}

impl Issuer {
    /// Access tokens live for `lifetime`.
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

    /// Now.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A challenge for a user who has shown the right password.
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

    /// What refresh tokens are read and made with.
    pub(super) fn refresh(&self) -> &dyn RefreshTokens {
        &*self.refresh
    }

    /// Begins a session for a user as they are now.
    pub(super) async fn open(
        &self,
        tx: &mut dyn IdentityTx,
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

    /// Lets a session go on alone, for its user under another token version: every other one of theirs has ended. `None` where
    /// it has ended itself.
    pub(super) async fn go_on(
        &self,
        tx: &mut dyn IdentityTx,
        user: User,
        session: SessionId,
    ) -> Result<Option<LoggedIn>, IssueError> {
        if !tx.sessions().carry_over(user.tenant, user.id, session, user.token_version).await? {
            return Ok(None);
        }
        self.issue(user, session, None).map(Some)
    }

    /// An access token for a user as they are now.
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
