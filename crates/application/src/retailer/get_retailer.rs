use std::sync::Arc;

use haat_domain::retailer::{RetailerReader, RetailerUid, RetailerView};
use haat_domain::shared::StorageFailure;

use crate::shared::Actor;

/// Why there is no shop to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetRetailerError {
    /// No such shop, or none that the caller may see: one answer, so that uids cannot be probed.
    #[error("there is no such retailer among the caller's")]
    NotFound,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// One of the caller's shops.
pub struct GetRetailer {
    retailers: Arc<dyn RetailerReader>,
}

impl GetRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(retailers: Arc<dyn RetailerReader>) -> Self {
        Self { retailers }
    }

    /// The shop.
    ///
    /// # Errors
    /// [`GetRetailerError`].
    pub async fn execute(&self, actor: &Actor, uid: &RetailerUid) -> Result<RetailerView, GetRetailerError> {
        let found = self.retailers.find(actor.tenant, actor.retailer_scope(), uid).await?;
        found.ok_or(GetRetailerError::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Role;
    use haat_domain::retailer::MockRetailerReader;
    use haat_domain::shared::Scope;

    use super::*;
    use crate::testing::actor;

    #[tokio::test]
    async fn a_shop_outside_the_scope_is_not_there() {
        for (role, scope) in [(Role::SalesRep, Scope::Rep(actor().user)), (Role::Admin, Scope::All)] {
            let mut retailers = MockRetailerReader::new();
            retailers
                .expect_find()
                .withf(move |tenant, asked, uid| {
                    *tenant == actor().tenant && *asked == scope && uid.as_str() == "RTL-1"
                })
                .times(1)
                .returning(|_, _, _| Ok(None));
            let get = GetRetailer::new(Arc::new(retailers));
            let uid = RetailerUid::parse("RTL-1").unwrap();
            let result = get.execute(&Actor { role, ..actor() }, &uid).await;
            assert_eq!(result, Err(GetRetailerError::NotFound));
        }
    }

    #[tokio::test]
    async fn a_storage_that_is_away_is_not_a_missing_shop() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_find().returning(|_, _, _| Err(StorageFailure::Unavailable("away".into())));
        let get = GetRetailer::new(Arc::new(retailers));
        let result = get.execute(&actor(), &RetailerUid::parse("RTL-1").unwrap()).await;
        assert!(matches!(result, Err(GetRetailerError::Storage(_))));
    }
}
