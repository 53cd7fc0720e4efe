use std::sync::Arc;

use haat_domain::auth::{AccessClaims, AccessTokenError, AccessTokens, AuthState, AuthStateReader};
use haat_domain::shared::{Clock, StorageFailure};

use super::{CachedCaller, CallerCache};
use crate::auth::codes::{EXPIRED_TOKEN, INVALID_TOKEN};
use crate::shared::{Actor, Refusal, Refused, codes};

/// Errors of [`Authenticate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateError {
    /// The token was not issued by this server.
    #[error("invalid token")]
    Invalid,
    /// The token has expired.
    #[error("expired token")]
    Expired,
    /// The token was valid, but the user has been disabled or no longer exists, or the token was revoked.
    #[error("revoked token")]
    Revoked,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for AuthenticateError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Invalid => Refused::new(&INVALID_TOKEN),
            Self::Expired => Refused::new(&EXPIRED_TOKEN),
            Self::Revoked => Refused::new(&codes::TOKEN_REVOKED),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Resolves an access token to the [`Actor`] that it authenticates.
pub struct Authenticate {
    tokens: Arc<dyn AccessTokens>,
    auth_states: Arc<dyn AuthStateReader>,
    callers: Arc<dyn CallerCache>,
    clock: Arc<dyn Clock>,
}

impl Authenticate {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn AccessTokens>,
        auth_states: Arc<dyn AuthStateReader>,
        callers: Arc<dyn CallerCache>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tokens, auth_states, callers, clock }
    }

    /// Returns the caller with their current role, which may differ from the role at the time the token was
    /// issued.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub async fn execute(&self, token: &str) -> Result<Actor, AuthenticateError> {
        if let Some(cached) = self.callers.known(token, self.clock.now()) {
            return Ok(cached.actor);
        }
        let claims = self.claims(token)?;
        let state = self.callers.state(claims.tenant, claims.user);
        let session = Some(claims.session);
        let auth_state = self.auth_states.find(claims.tenant, claims.user, session).await?;
        match auth_state {
            Some(auth_state) if is_valid(&auth_state, claims.token_version) => {
                let actor = Actor::of(claims.tenant, claims.user, session, auth_state);
                if let Some(state) = state {
                    let caller = CachedCaller { actor: actor.clone(), until: claims.expires_at };
                    self.callers.remember(token, caller, state);
                }
                Ok(actor)
            }
            _ => Err(AuthenticateError::Revoked),
        }
    }

    /// Returns the caller of a token that the last change of its user has revoked, if the session of the token
    /// made that change: the request may repeat it after a lost response. The caller has the token version of
    /// the token, so no change can be made with it.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub async fn repeating(&self, token: &str) -> Result<Actor, AuthenticateError> {
        let claims = self.claims(token)?;
        let session = Some(claims.session);
        let state = self.auth_states.find(claims.tenant, claims.user, session).await?;
        let state = state.filter(|state| is_valid(state, claims.token_version + 1));
        let state = state.ok_or(AuthenticateError::Revoked)?;
        let state = AuthState { token_version: claims.token_version, ..state };
        Ok(Actor::of(claims.tenant, claims.user, session, state))
    }

    fn claims(&self, token: &str) -> Result<AccessClaims, AuthenticateError> {
        self.tokens.verify(token).map_err(|error| match error {
            AccessTokenError::Invalid => AuthenticateError::Invalid,
            AccessTokenError::Expired => AuthenticateError::Expired,
        })
    }
}

/// Returns true if tokens of this version are valid.
fn is_valid(state: &AuthState, token_version: i32) -> bool {
    state.active && !state.session_ended && state.token_version == token_version
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{MockAccessTokens, MockAuthStateReader};
    use haat_domain::shared::{MockClock, Role, TenantId, UserId};

    use super::*;
    use crate::auth::caller_cache::MockCallerCache;
    use crate::testing::{actor, auth_state, noon, session_id};

    const AUTH_STATE: AuthState = auth_state(Role::SalesRep);

    fn use_case(
        tokens: MockAccessTokens,
        auth_states: MockAuthStateReader,
        callers: MockCallerCache,
    ) -> Authenticate {
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        Authenticate::new(Arc::new(tokens), Arc::new(auth_states), Arc::new(callers), Arc::new(clock))
    }

    async fn authenticate(
        token: Result<i32, AccessTokenError>,
        auth_state: Result<Option<AuthState>, StorageFailure>,
    ) -> Result<Actor, AuthenticateError> {
        let mut tokens = MockAccessTokens::new();
        tokens.expect_verify().return_once(move |_| {
            token.map(|token_version| AccessClaims {
                tenant: TenantId::new(1),
                user: UserId::new(7),
                session: session_id(),
                token_version,
                issued_at: noon(),
                expires_at: noon(),
            })
        });
        let mut auth_states = MockAuthStateReader::new();
        auth_states
            .expect_find()
            .withf(|tenant, user, session| {
                tenant.get() == 1 && user.get() == 7 && *session == Some(session_id())
            })
            .times(usize::from(token.is_ok()))
            .return_once(move |_, _, _| auth_state);
        let mut callers = MockCallerCache::new();
        callers.expect_known().returning(|_, _| None);
        callers.expect_state().returning(|_, _| None);
        use_case(tokens, auth_states, callers).execute("token").await
    }

    #[tokio::test]
    async fn a_valid_token_authenticates_an_active_user() {
        assert_eq!(authenticate(Ok(3), Ok(Some(AUTH_STATE))).await, Ok(actor()));
        let new = AuthState { must_change_password: true, ..AUTH_STATE };
        assert!(authenticate(Ok(3), Ok(Some(new))).await.unwrap().must_change_password);
    }

    #[tokio::test]
    async fn reads_the_cache_first_and_fills_it_last() {
        let cached = CachedCaller { actor: actor(), until: noon() };
        let mut callers = MockCallerCache::new();
        callers
            .expect_known()
            .withf(|token, now| token == "token" && *now == noon())
            .return_const(Some(cached.clone()));
        let result =
            use_case(MockAccessTokens::new(), MockAuthStateReader::new(), callers).execute("token").await;
        assert_eq!(result, Ok(actor()));

        let (mut tokens, mut auth_states, mut callers) =
            (MockAccessTokens::new(), MockAuthStateReader::new(), MockCallerCache::new());
        tokens.expect_verify().returning(|_| {
            Ok(AccessClaims {
                tenant: actor().tenant,
                user: actor().user,
                session: session_id(),
                token_version: 3,
                issued_at: noon(),
                expires_at: noon(),
            })
        });
        let mut order = mockall::Sequence::new();
        callers.expect_known().times(1).in_sequence(&mut order).return_const(None);
        callers.expect_state().times(1).in_sequence(&mut order).returning(|_, _| Some(9));
        auth_states.expect_find().times(1).in_sequence(&mut order).returning(|_, _, _| Ok(Some(AUTH_STATE)));
        callers
            .expect_remember()
            .withf(move |token, caller, state| (token, caller, *state) == ("token", &cached, 9))
            .times(1)
            .in_sequence(&mut order)
            .return_const(());
        assert_eq!(use_case(tokens, auth_states, callers).execute("token").await, Ok(actor()));
    }

    #[tokio::test]
    async fn uses_the_current_role() {
        let promoted = AuthState { role: Role::Admin, ..AUTH_STATE };
        assert_eq!(authenticate(Ok(3), Ok(Some(promoted))).await.unwrap().role, Role::Admin);
    }

    #[tokio::test]
    async fn rejects_tokens_of_disabled_missing_or_reset_users() {
        let disabled = AuthState { active: false, ..AUTH_STATE };
        let logged_out = AuthState { session_ended: true, ..AUTH_STATE };
        for (version, auth_state) in [
            (3, Some(disabled)),
            (3, Some(logged_out)),
            (3, None),
            (2, Some(AUTH_STATE)),
            (4, Some(AUTH_STATE)),
        ] {
            assert_eq!(authenticate(Ok(version), Ok(auth_state)).await, Err(AuthenticateError::Revoked));
        }
    }

    #[tokio::test]
    async fn only_the_session_that_made_the_last_change_can_repeat_it() {
        let repeating = async |token_version: i32, state: Option<AuthState>| {
            let (mut tokens, mut auth_states) = (MockAccessTokens::new(), MockAuthStateReader::new());
            tokens.expect_verify().returning(move |_| {
                Ok(AccessClaims {
                    tenant: actor().tenant,
                    user: actor().user,
                    session: session_id(),
                    token_version,
                    issued_at: noon(),
                    expires_at: noon(),
                })
            });
            auth_states.expect_find().return_once(move |_, _, _| Ok(state));
            use_case(tokens, auth_states, MockCallerCache::new()).repeating("token").await
        };
        let caller = Actor { token_version: 2, ..actor() };
        assert_eq!(repeating(2, Some(AUTH_STATE)).await, Ok(caller), "has the version of the token");
        let disabled = AuthState { active: false, ..AUTH_STATE };
        let ended = AuthState { session_ended: true, ..AUTH_STATE };
        for (version, state) in
            [(3, Some(AUTH_STATE)), (1, Some(AUTH_STATE)), (2, Some(disabled)), (2, Some(ended)), (2, None)]
        {
            assert_eq!(repeating(version, state).await, Err(AuthenticateError::Revoked), "{version}");
        }
    }

    #[tokio::test]
    async fn invalid_tokens_never_reach_the_storage() {
        for (token, error) in [
            (AccessTokenError::Invalid, AuthenticateError::Invalid),
            (AccessTokenError::Expired, AuthenticateError::Expired),
        ] {
            assert_eq!(authenticate(Err(token), Ok(None)).await, Err(error));
        }
    }

    #[tokio::test]
    async fn an_unavailable_storage_is_not_an_invalid_token() {
        let unavailable = StorageFailure::Unavailable("down".into());
        assert_eq!(
            authenticate(Ok(3), Err(unavailable.clone())).await,
            Err(AuthenticateError::Storage(unavailable))
        );
    }
}
