use std::sync::Arc;

use haat_domain::identity::{Person, PersonKey, PersonQuery, PersonReader};
use haat_domain::shared::{Page, PageRequest, StorageFailure};

use crate::shared::{Actor, Permission};

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListPeopleError {
    /// The caller may not see who works here.
    #[error("the caller may not do this")]
    Forbidden,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Who works here.
pub struct ListPeople {
    people: Arc<dyn PersonReader>,
}

impl ListPeople {
    /// Builds the use case.
    #[must_use]
    pub fn new(people: Arc<dyn PersonReader>) -> Self {
        Self { people }
    }

    /// One page, in order of name.
    ///
    /// # Errors
    /// [`ListPeopleError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        query: &PersonQuery,
        page: &PageRequest<PersonKey>,
    ) -> Result<Page<Person, PersonKey>, ListPeopleError> {
        if !actor.may(Permission::ManagePeople) {
            return Err(ListPeopleError::Forbidden);
        }
        Ok(self.people.list(actor.tenant, query, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::{MockPersonReader, Role};

    use super::*;
    use crate::testing::{actor, admin, rep};

    #[tokio::test]
    async fn an_administrator_sees_the_list_and_nobody_else_does() {
        let query = PersonQuery { role: Role::SalesRep, search: None, active: Some(true) };
        for (actor, asked, expected) in
            [(admin(), 1, Ok(vec![rep()])), (actor(), 0, Err(ListPeopleError::Forbidden))]
        {
            let wanted = query.clone();
            let mut people = MockPersonReader::new();
            people
                .expect_list()
                .withf(move |tenant, query, _| tenant.get() == 1 && *query == wanted)
                .times(asked)
                .returning(|_, _, _| Ok(Page { rows: vec![rep()], next: None }));
            let list = ListPeople::new(Arc::new(people));
            let page = list.execute(&actor, &query, &PageRequest::default()).await;
            assert_eq!(page.map(|page| page.rows), expected);
        }
    }
}
