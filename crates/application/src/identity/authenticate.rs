use std::sync::Arc;

use haat_domain::identity::{AccessTokenError, AccessTokens, UserStandingReader};
use haat_domain::shared::StorageFailure;

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
}

impl Authenticate {
    /// Builds the use case.
    #[must_use]
    pub fn new(tokens: Arc<dyn AccessTokens>, standings: Arc<dyn UserStandingReader>) -> Self {
        Self { tokens, standings }
    }

    /// The caller behind `token`, with the role they have now rather than when it was issued.
    ///
    /// # Errors
    /// [`AuthenticateError`].
    pub async fn execute(&self, token: &str) -> Result<Actor, AuthenticateError> {
        let claims = self.tokens.verify(token).map_err(|error| match error {
            AccessTokenError::Invalid => AuthenticateError::Invalid,
            AccessTokenError::Expired => AuthenticateError::Expired,
        })?;
        let standing = self.standings.find(claims.tenant, claims.user).await?;
        match standing {
            Some(standing) if standing.active && standing.token_version == claims.token_version => {
                let token_version = standing.token_version;
                Ok(Actor { tenant: claims.tenant, user: claims.user, role: standing.role, token_version })
            }
            _ => Err(AuthenticateError::Ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{AccessClaims, MockAccessTokens, MockUserStandingReader, Role, UserStanding};
    use haat_domain::shared::{TenantId, UserId};

    use super::*;
    use crate::testing::noon;

    const STANDING: UserStanding = UserStanding { role: Role::SalesRep, active: true, token_version: 3 };

    async fn authenticate(
        token: Result<i32, AccessTokenError>,
        standing: Result<Option<UserStanding>, StorageFailure>,
    ) -> Result<Actor, AuthenticateError> {
        let mut tokens = MockAccessTokens::new();
        tokens.expect_verify().return_once(move |_| {
            token.map(|token_version| AccessClaims {
                tenant: TenantId::new(1),
                user: UserId::new(7),
                token_version,
                issued_at: noon(),
                expires_at: noon(),
            })
        });
        let mut standings = MockUserStandingReader::new();
        standings
            .expect_find()
            .withf(|tenant, user| tenant.get() == 1 && user.get() == 7)
            .times(usize::from(token.is_ok()))
            .return_once(move |_, _| standing);
        Authenticate::new(Arc::new(tokens), Arc::new(standings)).execute("token").await
    }

    #[tokio::test]
    async fn a_good_token_of_an_active_user_speaks_for_them() {
        let actor = authenticate(Ok(3), Ok(Some(STANDING))).await;
        let expected =
            Actor { tenant: TenantId::new(1), user: UserId::new(7), role: Role::SalesRep, token_version: 3 };
        assert_eq!(actor, Ok(expected));
    }

    #[tokio::test]
    async fn the_role_is_the_one_of_now() {
        let promoted = UserStanding { role: Role::Admin, ..STANDING };
        assert_eq!(authenticate(Ok(3), Ok(Some(promoted))).await.unwrap().role, Role::Admin);
    }

    #[tokio::test]
    async fn disabled_gone_or_reset_ends_it() {
        let disabled = UserStanding { active: false, ..STANDING };
        for (version, standing) in [(3, Some(disabled)), (3, None), (2, Some(STANDING)), (4, Some(STANDING))]
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
