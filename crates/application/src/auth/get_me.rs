use std::sync::Arc;

use haat_domain::auth::{User, UserReader};
use haat_domain::shared::StorageFailure;

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

/// Returns the user of the caller.
pub struct GetMe {
    users: Arc<dyn UserReader>,
}

impl GetMe {
    /// Builds the use case.
    #[must_use]
    pub fn new(users: Arc<dyn UserReader>) -> Self {
        Self { users }
    }

    /// Returns the user of the caller.
    ///
    /// # Errors
    /// [`GetMeError`].
    pub async fn execute(&self, actor: &Actor) -> Result<User, GetMeError> {
        self.users.find(actor.tenant, actor.user).await?.ok_or(GetMeError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::MockUserReader;

    use super::*;
    use crate::testing::{actor, user};

    #[tokio::test]
    async fn returns_the_user_of_the_caller() {
        for (found, expected) in
            [(Some(user("sr00001")), Ok(user("sr00001"))), (None, Err(GetMeError::NotFound))]
        {
            let mut users = MockUserReader::new();
            users
                .expect_find()
                .withf(|tenant, user| *tenant == actor().tenant && *user == actor().user)
                .return_once(move |_, _| Ok(found));
            assert_eq!(GetMe::new(Arc::new(users)).execute(&actor()).await, expected);
        }
    }
}
