use std::sync::Arc;

use haat_domain::identity::{Person, PersonReader, Role};
use haat_domain::shared::{StorageFailure, UserId};

use crate::shared::{Actor, Permission};

/// Why somebody could not be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetPersonError {
    /// The caller may not see who works here.
    #[error("the caller may not do this")]
    Forbidden,
    /// No such person in the company.
    #[error("there is nobody of this id")]
    NotFound,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// One person who works here.
pub struct GetPerson {
    people: Arc<dyn PersonReader>,
}

impl GetPerson {
    /// Builds the use case.
    #[must_use]
    pub fn new(people: Arc<dyn PersonReader>) -> Self {
        Self { people }
    }

    /// The person of that role and id.
    ///
    /// # Errors
    /// [`GetPersonError`].
    pub async fn execute(&self, actor: &Actor, role: Role, id: UserId) -> Result<Person, GetPersonError> {
        if !actor.may(Permission::ManagePeople) {
            return Err(GetPersonError::Forbidden);
        }
        self.people.find(actor.tenant, role, id).await?.ok_or(GetPersonError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::MockPersonReader;

    use super::*;
    use crate::testing::{actor, admin, rep};

    #[tokio::test]
    async fn an_administrator_sees_people_and_nobody_else_does() {
        for (actor, asked, found, expected) in [
            (admin(), 1, Some(rep()), Ok(rep())),
            (admin(), 1, None, Err(GetPersonError::NotFound)),
            (actor(), 0, None, Err(GetPersonError::Forbidden)),
        ] {
            let mut people = MockPersonReader::new();
            people
                .expect_find()
                .withf(|tenant, role, id| (tenant.get(), *role, id.get()) == (1, Role::SalesRep, 5))
                .times(asked)
                .return_once(move |_, _, _| Ok(found));
            let get = GetPerson::new(Arc::new(people));
            assert_eq!(get.execute(&actor, Role::SalesRep, UserId::new(5)).await, expected);
        }
    }
}
