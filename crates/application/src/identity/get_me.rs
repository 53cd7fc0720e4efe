use std::sync::Arc;

use haat_domain::identity::{User, UserReader};
use haat_domain::shared::StorageFailure;

use crate::shared::Actor;

/// Why a caller could not be shown themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetMeError {
    /// The user went away after the token was checked.
    #[error("the user is gone")]
    Gone,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// The caller's own user.
pub struct GetMe {
    users: Arc<dyn UserReader>,
}

impl GetMe {
    /// Builds the use case.
    #[must_use]
    pub fn new(users: Arc<dyn UserReader>) -> Self {
        Self { users }
    }

    /// The caller.
    ///
    /// # Errors
    /// [`GetMeError`].
    pub async fn execute(&self, actor: &Actor) -> Result<User, GetMeError> {
        self.users.find(actor.tenant, actor.user).await?.ok_or(GetMeError::Gone)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::MockUserReader;

    use super::*;
    use crate::testing::{actor, user};

    #[tokio::test]
    async fn a_caller_sees_themselves() {
        for (found, expected) in [(Some(user("sr00001")), Ok(user("sr00001"))), (None, Err(GetMeError::Gone))]
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
