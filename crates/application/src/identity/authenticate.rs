use std::sync::Arc;

use haat_domain::identity::{AccessTokenError, AccessTokens, UserStandingReader};
use haat_domain::shared::{Clock, StorageFailure};

use super::{CallerCache, KnownCaller};
use crate::shared::Actor;

/// Why a request's token does not speak for anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateError {
    /// Not a token of ours.
    #[error("invalid token")]
    Invalid,
    /// Its time is over.
    #[error("expired token")]
    Expired,
    /// It was good, but the user has been disabled, is gone, or has had their tokens ended.
    #[error("token of a user who may not act any more")]
    Ended,
    /// The storage could not say.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Turns an access token into the [`Actor`] it speaks for.
pub struct Authenticate {
    tokens: Arc<dyn AccessTokens>,
    standings: Arc<dyn UserStandingReader>,
    callers: Arc<dyn CallerCache>,
    clock: Arc<dyn Clock>,
}

impl Authenticate {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        tokens: Arc<dyn AccessTokens>,
        standings: Arc<dyn UserStandingReader>,
        callers: Arc<dyn CallerCache>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tokens, standings, callers, clock }
    }

    /// The caller behind `token`, with the role they have now rather than when it was issued.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub async fn execute(&self, token: &str) -> Result<Actor, AuthenticateError> {
        if let Some(known) = self.callers.known(token, self.clock.now()) {
            return Ok(known.actor);
        }
        let claims = self.tokens.verify(token).map_err(|error| match error {
            AccessTokenError::Invalid => AuthenticateError::Invalid,
            AccessTokenError::Expired => AuthenticateError::Expired,
        })?;
        let state = self.callers.state(claims.tenant, claims.user);
        let session = Some(claims.session);
        let standing = self.standings.find(claims.tenant, claims.user, session).await?;
        match standing {
            Some(standing)
                if standing.active
                    && !standing.session_ended
                    && standing.token_version == claims.token_version =>
            {
                let actor = Actor::of(claims.tenant, claims.user, session, standing);
                if let Some(state) = state {
                    self.callers.remember(token, KnownCaller { actor, until: claims.expires_at }, state);
                }
                Ok(actor)
            }
            _ => Err(AuthenticateError::Ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{AccessClaims, MockAccessTokens, MockUserStandingReader, Role, UserStanding};
    use haat_domain::shared::{MockClock, TenantId, UserId};

    use super::*;
    use crate::identity::caller_cache::MockCallerCache;
    use crate::testing::{actor, noon, session_id};

    const STANDING: UserStanding = UserStanding {
        role: Role::SalesRep,
        active: true,
        must_change_password: false,
        second_factor: haat_domain::identity::SecondFactor::Off,
        token_version: 3,
        session_ended: false,
    };

    fn use_case(
        tokens: MockAccessTokens,
        standings: MockUserStandingReader,
        callers: MockCallerCache,
    ) -> Authenticate {
        let mut clock = MockClock::new();
        clock.expect_now().returning(noon);
        Authenticate::new(Arc::new(tokens), Arc::new(standings), Arc::new(callers), Arc::new(clock))
    }

    async fn authenticate(
        token: Result<i32, AccessTokenError>,
        standing: Result<Option<UserStanding>, StorageFailure>,
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
        let mut standings = MockUserStandingReader::new();
        standings
            .expect_find()
            .withf(|tenant, user, session| {
                tenant.get() == 1 && user.get() == 7 && *session == Some(session_id())
            })
            .times(usize::from(token.is_ok()))
            .return_once(move |_, _, _| standing);
        let mut callers = MockCallerCache::new();
        callers.expect_known().returning(|_, _| None);
        callers.expect_state().returning(|_, _| None);
        use_case(tokens, standings, callers).execute("token").await
    }

    #[tokio::test]
    async fn a_good_token_of_an_active_user_speaks_for_them() {
        assert_eq!(authenticate(Ok(3), Ok(Some(STANDING))).await, Ok(actor()));
        let new = UserStanding { must_change_password: true, ..STANDING };
        assert!(authenticate(Ok(3), Ok(Some(new))).await.unwrap().must_change_password);
    }

    #[tokio::test]
    async fn what_is_known_of_a_token_is_asked_first_and_told_last() {
        let known = KnownCaller { actor: actor(), until: noon() };
        let mut callers = MockCallerCache::new();
        callers
            .expect_known()
            .withf(|token, now| token == "token" && *now == noon())
            .return_const(Some(known));
        let result =
            use_case(MockAccessTokens::new(), MockUserStandingReader::new(), callers).execute("token").await;
        assert_eq!(result, Ok(actor()));

        let (mut tokens, mut standings, mut callers) =
            (MockAccessTokens::new(), MockUserStandingReader::new(), MockCallerCache::new());
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
        standings.expect_find().times(1).in_sequence(&mut order).returning(|_, _, _| Ok(Some(STANDING)));
        callers
            .expect_remember()
            .withf(move |token, caller, state| (token, *caller, *state) == ("token", known, 9))
            .times(1)
            .in_sequence(&mut order)
            .return_const(());
        assert_eq!(use_case(tokens, standings, callers).execute("token").await, Ok(actor()));
    }

    #[tokio::test]
    async fn the_role_is_the_one_of_now() {
        let promoted = UserStanding { role: Role::Admin, ..STANDING };
        assert_eq!(authenticate(Ok(3), Ok(Some(promoted))).await.unwrap().role, Role::Admin);
    }

    #[tokio::test]
    async fn disabled_gone_or_reset_ends_it() {
        let disabled = UserStanding { active: false, ..STANDING };
        let logged_out = UserStanding { session_ended: true, ..STANDING };
        for (version, standing) in
            [(3, Some(disabled)), (3, Some(logged_out)), (3, None), (2, Some(STANDING)), (4, Some(STANDING))]
        {
            assert_eq!(authenticate(Ok(version), Ok(standing)).await, Err(AuthenticateError::Ended));
        }
    }

    #[tokio::test]
    async fn bad_tokens_never_reach_the_storage() {
        for (token, error) in [
            (AccessTokenError::Invalid, AuthenticateError::Invalid),
            (AccessTokenError::Expired, AuthenticateError::Expired),
        ] {
            assert_eq!(authenticate(Err(token), Ok(None)).await, Err(error));
        }
    }

    #[tokio::test]
    async fn a_storage_that_is_away_is_not_a_bad_token() {
        let away = StorageFailure::Unavailable("away".into());
        assert_eq!(authenticate(Ok(3), Err(away.clone())).await, Err(AuthenticateError::Storage(away)));
    }
}
