use std::sync::Arc;

use haat_domain::auth::UserReader;
use haat_domain::shared::{Role, Scope, StorageFailure, UserId};

use super::{ListRetailers, ListRetailersError, ListRetailersInput, ListedRetailers};
use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// Reasons why a sales rep's retailers cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListRepRetailersError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The tenant has no such sales rep.
    #[error("sales rep not found")]
    NotFound,
    /// The list cannot be read.
    #[error(transparent)]
    List(#[from] ListRetailersError),
}

impl Refusal for ListRepRetailersError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::List(error) => error.refuse(),
        }
    }
}

impl From<StorageFailure> for ListRepRetailersError {
    fn from(failure: StorageFailure) -> Self {
        Self::List(failure.into())
    }
}

/// Lists the retailers of a sales rep for an admin, as the sales rep sees them.
pub struct ListRepRetailers {
    users: Arc<dyn UserReader>,
    list: ListRetailers,
}

impl ListRepRetailers {
    /// Builds the use case.
    #[must_use]
    pub fn new(users: Arc<dyn UserReader>, list: ListRetailers) -> Self {
        Self { users, list }
    }

    /// Returns a page.
    ///
    /// # Errors
    /// [`ListRepRetailersError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        rep: UserId,
        input: &ListRetailersInput,
    ) -> Result<ListedRetailers, ListRepRetailersError> {
        if !actor.may(Permission::ManageUsers) {
            return Err(ListRepRetailersError::Forbidden);
        }
        let user = self.users.find(actor.tenant, rep).await?;
        if user.is_none_or(|user| user.role != Role::SalesRep) {
            return Err(ListRepRetailersError::NotFound);
        }
        Ok(self.list.within(actor, Scope::Rep(rep), input).await?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::auth::{MockUserReader, User};
    use haat_domain::retailer::MockRetailerReader;
    use haat_domain::shared::Page;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, admin, retailer, sales_map, user};

    #[tokio::test]
    async fn admin_lists_the_retailers_of_a_sales_rep() {
        let boss = User { role: Role::Admin, ..user("boss") };
        for (actor, user, expected) in [
            (admin(), Some(user("sr00001")), Ok(vec![retailer(1)])),
            (admin(), Some(boss), Err(ListRepRetailersError::NotFound)),
            (admin(), None, Err(ListRepRetailersError::NotFound)),
            (actor(), Some(user("sr00001")), Err(ListRepRetailersError::Forbidden)),
        ] {
            let mut users = MockUserReader::new();
            users
                .expect_find()
                .withf(|tenant, user| (tenant.get(), user.get()) == (1, 5))
                .return_once(move |_, _| Ok(user));
            let mut retailers = MockRetailerReader::new();
            retailers
                .expect_list()
                .withf(|tenant, scope, _, _| (tenant.get(), *scope) == (1, Scope::Rep(UserId::new(5))))
                .times(usize::from(expected.is_ok()))
                .returning(|_, _, _, _| Ok(Page { rows: vec![retailer(1)], next: None }));
            let mut maps = MockSalesMapReader::new();
            maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
            let list = ListRetailers::new(Arc::new(retailers), Arc::new(maps));
            let list = ListRepRetailers::new(Arc::new(users), list);
            let page = list.execute(&actor, UserId::new(5), &ListRetailersInput::default()).await;
            assert_eq!(page.map(|page| page.rows), expected);
        }
    }
}
