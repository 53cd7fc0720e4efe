use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use haat_domain::audit::{AuditAction, AuditEntry};
use haat_domain::auth::{
    AccessClaims, AccessTokens, AuthTx, Challenge, Client, DeviceId, FactorCode, NewSession, PresentedToken,
    RefreshTokens, Session, SessionRecord, TokenChain, TokenVerdict, User,
};
use haat_domain::shared::{Clock, IdGenerator, SessionId, StorageFailure, TenantId};
use secrecy::{ExposeSecret as _, SecretString};

use crate::shared::{Refusal, Refused};

/// The tokens of a new or continued session.
#[derive(Debug)]
pub struct LoggedIn {
    /// The access token.
    pub access_token: SecretString,
    /// The lifetime of the access token.
    pub expires_in: Duration,
    /// The refresh token.
    pub refresh_token: SecretString,
    /// The user who logged in.
    pub user: User,
}

/// A new session.
pub(super) struct Opened {
    /// The session.
    pub(super) session: SessionId,
    /// Its tokens.
    pub(super) logged_in: LoggedIn,
    /// The sessions that it has ended: the earlier ones on the same device.
    pub(super) ended: Vec<SessionId>,
}

impl Opened {
    /// Completes the audit entry of the login, and adds those of the sessions that it has ended.
    pub(super) fn entries(&self, entry: AuditEntry) -> Vec<AuditEntry> {
        let user = &self.logged_in.user;
        let log_in = AuditEntry {
            actor: Some((user.id, user.role)),
            entity_id: Some(self.session.to_string()),
            ..entry
        };
        let ended = self.ended.iter().map(|ended| AuditEntry {
            action: AuditAction::SessionEnd,
            entity_id: Some(ended.to_string()),
            after: None,
            ..log_in.clone()
        });
        let ended: Vec<_> = ended.collect();
        std::iter::once(log_in).chain(ended).collect()
    }
}

/// A request that only its sender can repeat, because it contains a token. The first refresh token of the session that
/// it opens or continues is derived from it, so that a repetition after a lost response gets the same tokens.
pub(super) struct UniqueRequest {
    /// The session.
    pub(super) session: SessionId,
    secret: SecretString,
}

impl UniqueRequest {
    /// Creates a request of this kind with a token and a code.
    pub(super) fn new(
        kind: &str,
        session: SessionId,
        token: &SecretString,
        code: Option<&FactorCode>,
    ) -> Self {
        let code = code.map_or("", FactorCode::text);
        Self { session, secret: format!("{kind} {} {code}", token.expose_secret()).into() }
    }
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

    /// Starts a session for a user in their current state. The earlier sessions of the user on the same device
    /// end, because the device no longer has their tokens. If the request is unique, [`repeat`](Self::repeat)
    /// returns the tokens again.
    pub(super) async fn open(
        &self,
        tx: &mut dyn AuthTx,
        user: User,
        client: Client,
        request: Option<&UniqueRequest>,
    ) -> Result<Opened, IssueError> {
        let (tenant, at) = (user.tenant, self.now());
        let session = request.map_or_else(|| SessionId::new(self.ids.next()), |request| request.session);
        let (mut token, mut chain) = self.refresh.first(tenant, session).map_err(IssueError::Broken)?;
        if let Some(request) = request {
            let derived = self.derive(tenant, request, &chain)?;
            token = derived.0;
            chain = TokenChain { family: derived.1.family, current: derived.1.key, ..chain };
        }
        let ended = match &client.device {
            Some(device) => tx.sessions().end_on_device(&user, device, at).await?,
            None => Vec::new(),
        };
        let new = NewSession {
            tenant,
            id: session,
            user: user.id,
            token_version: user.token_version,
            client,
            chain,
            at,
        };
        tx.sessions().open(&new).await?;
        let logged_in = self.issue(user, session, token)?;
        Ok(Opened { session, logged_in, ended })
    }

    /// Returns the tokens that this request has got before, if they are unused and not older than
    /// [`Session::REPEAT`]: the response may have been lost.
    pub(super) fn repeat(
        &self,
        record: SessionRecord,
        request: &UniqueRequest,
    ) -> Result<Option<LoggedIn>, IssueError> {
        let SessionRecord { session, chain, user } = record;
        let at = self.now();
        if !chain.is_unused() || at >= session.last_used_at + Session::REPEAT || !session.is_alive(&user, at)
        {
            return Ok(None);
        }
        let (token, presented) = self.derive(user.tenant, request, &chain)?;
        match chain.judge(&presented) {
            TokenVerdict::Current => self.issue(user, session.id, token).map(Some),
            _ => Ok(None),
        }
    }

    fn derive(
        &self,
        tenant: TenantId,
        request: &UniqueRequest,
        chain: &TokenChain,
    ) -> Result<(SecretString, PresentedToken), IssueError> {
        let derived = self.refresh.derive(tenant, request.session, &request.secret, &chain.seed);
        derived.map_err(IssueError::Broken)
    }

    /// Continues only the session of this request under a new token version of its user, with new tokens; all
    /// other sessions of the user end. Returns `None` if this session has ended too. If the response is lost,
    /// [`repeat`](Self::repeat) returns the tokens again, and the refresh token before them still works.
    pub(super) async fn continue_session(
        &self,
        tx: &mut dyn AuthTx,
        user: User,
        request: &UniqueRequest,
    ) -> Result<Option<LoggedIn>, IssueError> {
        let (tenant, session) = (user.tenant, request.session);
        let Some(record) = tx.sessions().lock(tenant, session).await? else {
            return Ok(None);
        };
        if !tx.sessions().carry_over(tenant, user.id, session, user.token_version).await? {
            return Ok(None);
        }
        let (token, presented) = self.derive(tenant, request, &record.chain)?;
        let chain = record.chain.restarted_with(&presented);
        tx.sessions().used(tenant, session, &chain, self.now()).await?;
        self.issue(user, session, token).map(Some)
    }

    /// Issues an access token for a user in their current state.
    pub(super) fn issue(
        &self,
        user: User,
        session: SessionId,
        refresh_token: SecretString,
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
