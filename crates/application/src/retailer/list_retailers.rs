use std::sync::Arc;

use haat_domain::retailer::{RetailerKey, RetailerReader, RetailerSort, RetailerView};
use haat_domain::shared::{Page, PageRequest, StorageFailure};

use crate::shared::Actor;

/// Which part of the caller's shops is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRetailersInput {
    /// The order.
    pub sort: RetailerSort,
    /// The page.
    pub page: PageRequest<RetailerKey>,
}

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListRetailersError {
    /// The page starts after a key of a list in another order.
    #[error("the page belongs to a list in another order")]
    OtherOrder,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// The caller's shops: a representative's own, an administrator's whole pool.
pub struct ListRetailers {
    retailers: Arc<dyn RetailerReader>,
}

impl ListRetailers {
    /// Builds the use case.
    #[must_use]
    pub fn new(retailers: Arc<dyn RetailerReader>) -> Self {
        Self { retailers }
    }

    /// One page.
    ///
    /// # Errors
    /// [`ListRetailersError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        input: &ListRetailersInput,
    ) -> Result<Page<RetailerView, RetailerKey>, ListRetailersError> {
        if input.page.after.as_ref().is_some_and(|key| key.field() != input.sort.field) {
            return Err(ListRetailersError::OtherOrder);
        }
        Ok(self.retailers.list(actor.tenant, actor.retailer_scope(), input.sort, &input.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Role;
    use haat_domain::retailer::{MockRetailerReader, RetailerUid};
    use haat_domain::shared::{Limit, Scope};

    use super::*;
    use crate::testing::actor;

    fn input(after: Option<RetailerKey>) -> ListRetailersInput {
        ListRetailersInput {
            sort: RetailerSort::default(),
            page: PageRequest { limit: Limit::default(), after },
        }
    }

    #[tokio::test]
    async fn a_representative_is_shown_their_own_and_an_admin_the_pool() {
        for (role, scope) in [(Role::SalesRep, Scope::Rep(actor().user)), (Role::Admin, Scope::All)] {
            let mut retailers = MockRetailerReader::new();
            retailers
                .expect_list()
                .withf(move |tenant, asked, _, _| *tenant == actor().tenant && *asked == scope)
                .times(1)
                .returning(|_, _, _, _| Ok(Page { rows: vec![], next: None }));
            let actor = Actor { role, ..actor() };
            let page = ListRetailers::new(Arc::new(retailers)).execute(&actor, &input(None)).await;
            assert_eq!(page, Ok(Page { rows: vec![], next: None }));
        }
    }

    #[tokio::test]
    async fn a_key_of_another_order_never_reaches_the_storage() {
        let key = RetailerKey::Uid(RetailerUid::parse("RTL-1").unwrap());
        let list = ListRetailers::new(Arc::new(MockRetailerReader::new()));
        assert_eq!(list.execute(&actor(), &input(Some(key))).await, Err(ListRetailersError::OtherOrder));
    }
}
