use std::sync::Arc;

use haat_domain::retailer::{Retailer, RetailerReader, RetailerUid};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::{map_for, shows};
use crate::shared::{Actor, Permission};

/// A shop, and the map on which its places are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRetailer {
    /// The shop.
    pub retailer: Retailer,
    /// Its places.
    pub map: Arc<SalesMap>,
}

impl FoundRetailer {
    /// Whether all its places have names.
    pub(super) fn is_on_the_map(&self) -> bool {
        shows(&self.map, &self.retailer)
    }
}

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
    maps: Arc<dyn SalesMapReader>,
}

impl GetRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(retailers: Arc<dyn RetailerReader>, maps: Arc<dyn SalesMapReader>) -> Self {
        Self { retailers, maps }
    }

    /// The shop.
    ///
    /// # Errors
    /// [`GetRetailerError`].
    pub async fn execute(&self, actor: &Actor, uid: &RetailerUid) -> Result<FoundRetailer, GetRetailerError> {
        let found = self.retailers.find(actor.tenant, actor.scope(Permission::ReadRetailers), uid).await?;
        let retailer = found.ok_or(GetRetailerError::NotFound)?;
        let map = map_for(&*self.maps, actor.tenant, std::slice::from_ref(&retailer)).await?;
        Ok(FoundRetailer { retailer, map })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Role;
    use haat_domain::retailer::MockRetailerReader;
    use haat_domain::shared::Scope;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::actor;

    fn get(retailers: MockRetailerReader) -> GetRetailer {
        GetRetailer::new(Arc::new(retailers), Arc::new(MockSalesMapReader::new()))
    }

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
            let uid = RetailerUid::parse("RTL-1").unwrap();
            let result = get(retailers).execute(&Actor { role, ..actor() }, &uid).await;
            assert_eq!(result, Err(GetRetailerError::NotFound));
        }
    }

    #[tokio::test]
    async fn a_storage_that_is_away_is_not_a_missing_shop() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_find().returning(|_, _, _| Err(StorageFailure::Unavailable("away".into())));
        let result = get(retailers).execute(&actor(), &RetailerUid::parse("RTL-1").unwrap()).await;
        assert!(matches!(result, Err(GetRetailerError::Storage(_))));
    }
}
