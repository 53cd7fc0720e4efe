use std::sync::Arc;

use haat_domain::people::{Person, PersonReader};
use haat_domain::shared::{Role, StorageFailure, UserId};

use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// Errors of [`GetPerson`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetPersonError {
    /// The caller lacks the permission.
    #[error("the caller may not do this")]
    Forbidden,
    /// The tenant has no such user.
    #[error("there is no user with this id")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for GetPersonError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Returns a user of the tenant.
pub struct GetPerson {
    people: Arc<dyn PersonReader>,
}

impl GetPerson {
    /// Builds the use case.
    #[must_use]
    pub fn new(people: Arc<dyn PersonReader>) -> Self {
        Self { people }
    }

    /// Returns the user with this role and id.
    ///
    /// # Errors
    /// [`GetPersonError`].
    pub async fn execute(&self, actor: &Actor, role: Role, id: UserId) -> Result<Person, GetPersonError> {
        if !actor.may(Permission::ManageUsers) {
            return Err(GetPersonError::Forbidden);
        }
        self.people.find(actor.tenant, role, id).await?.ok_or(GetPersonError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::people::MockPersonReader;

    use super::*;
    use crate::testing::{actor, admin, rep};

    #[tokio::test]
    async fn only_admins_may_get_a_user() {
        for (actor, calls, found, expected) in [
            (admin(), 1, Some(rep()), Ok(rep())),
            (admin(), 1, None, Err(GetPersonError::NotFound)),
            (actor(), 0, None, Err(GetPersonError::Forbidden)),
        ] {
            let mut people = MockPersonReader::new();
            people
                .expect_find()
                .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, Role::SalesRep, 5))
                .times(calls)
                .return_once(move |_, _, _| Ok(found));
            let get = GetPerson::new(Arc::new(people));
            assert_eq!(get.execute(&actor, Role::SalesRep, UserId::new(5)).await, expected);
        }
    }
}
