use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_domain::auth::{Profile, UserReader};
use haat_domain::shared::{Clock, StorageFailure};

use crate::shared::{Actor, Refusal, Refused, codes};

/// Errors of [`GetMe`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetMeError {
    /// The user was deleted after the token was checked.
    #[error("the user no longer exists")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for GetMeError {
    fn refuse(&self) -> Refused {
        match self {
            Self::NotFound => Refused::new(&codes::TOKEN_REVOKED),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// The account of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The account.
    pub profile: Profile,
    /// The time of the server.
    pub now: DateTime<Utc>,
}

/// Returns the account of the caller.
pub struct GetMe {
    users: Arc<dyn UserReader>,
    clock: Arc<dyn Clock>,
}

impl GetMe {
    /// Builds the use case.
    #[must_use]
    pub fn new(users: Arc<dyn UserReader>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// Returns the account of the caller.
    ///
    /// # Errors
    /// [`GetMeError`].
    pub async fn execute(&self, actor: &Actor) -> Result<Me, GetMeError> {
        let profile = self.users.profile(actor.tenant, actor.user).await?.ok_or(GetMeError::NotFound)?;
        Ok(Me { profile, now: self.clock.now() })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{Load, MockUserReader};
    use haat_domain::shared::MockClock;

    use super::*;
    use crate::testing::{actor, noon, user};

    #[tokio::test]
    async fn returns_the_account_of_the_caller() {
        let profile = Profile {
            user: user("sr00001"),
            company: "Haat".into(),
            time_zone: "Asia/Dhaka".into(),
            load: Some(Load { capacity: 120, assigned_count: 70 }),
        };
        let me = Me { profile: profile.clone(), now: noon() };
        for (found, expected) in [(Some(profile), Ok(me)), (None, Err(GetMeError::NotFound))] {
            let mut users = MockUserReader::new();
            users
                .expect_profile()
                .withf(|tenant, user| *tenant == actor().tenant && *user == actor().user)
                .return_once(move |_, _| Ok(found));
            let mut clock = MockClock::new();
            clock.expect_now().returning(noon);
            assert_eq!(GetMe::new(Arc::new(users), Arc::new(clock)).execute(&actor()).await, expected);
        }
    }
}
