use std::sync::Arc;

use haat_domain::people::{Person, PersonKey, PersonQuery, PersonReader};
use haat_domain::shared::{Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// Errors of [`ListPeople`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListPeopleError {
    /// The caller lacks the permission.
    #[error("the caller may not do this")]
    Forbidden,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for ListPeopleError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Lists the users of a tenant.
pub struct ListPeople {
    people: Arc<dyn PersonReader>,
}

impl ListPeople {
    /// Builds the use case.
    #[must_use]
    pub fn new(people: Arc<dyn PersonReader>) -> Self {
        Self { people }
    }

    /// Returns one page of users, ordered by name.
    ///
    /// # Errors
    /// [`ListPeopleError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, ListPeopleError> {
        if !actor.may(Permission::ManageUsers) {
            return Err(ListPeopleError::Forbidden);
        }
        Ok(self.people.list(actor.tenant, query, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::people::MockPersonReader;
    use haat_domain::shared::Role;

    use super::*;
    use crate::testing::{actor, admin, rep};

    #[tokio::test]
    async fn only_admins_may_list_users() {
        let query = PersonQuery { role: Role::SalesRep, search: None, active: Some(true) };
        for (actor, calls, expected) in
            [(admin(), 1, Ok(vec![rep()])), (actor(), 0, Err(ListPeopleError::Forbidden))]
        {
            let expected_query = query.clone();
            let mut people = MockPersonReader::new();
            people
                .expect_list()
                .withf(move |tenant, query, _| tenant.get() == 1 && *query == expected_query)
                .times(calls)
                .returning(|_, _, _| Ok(Page { rows: vec![rep()], next: None }));
            let list = ListPeople::new(Arc::new(people));
            let page = list.execute(&actor, &query, &PageRequest::default()).await;
            assert_eq!(page.map(|page| page.rows), expected);
        }
    }
}
