use std::sync::Arc;

use haat_domain::retailer::{Retailer, RetailerReader, RetailerUid};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::{SalesMap, SalesMapReader};

use super::{covers, map_for};
use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// A retailer, and a map with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRetailer {
    /// The retailer.
    pub retailer: Retailer,
    /// The map with its places.
    pub map: Arc<SalesMap>,
}

impl FoundRetailer {
    /// Returns `true` if the map names all places of the retailer.
    pub(super) fn has_complete_map(&self) -> bool {
        covers(&self.map, &self.retailer)
    }
}

/// Reasons why a retailer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetRetailerError {
    /// The retailer does not exist or is outside the caller's scope. Both cases are one error, so that uids
    /// cannot be probed.
    #[error("retailer not found")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for GetRetailerError {
    fn refuse(&self) -> Refused {
        match self {
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Reads one of the caller's retailers.
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

    /// Returns the retailer.
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
    use haat_domain::retailer::MockRetailerReader;
    use haat_domain::shared::{Role, Scope};
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::actor;

    fn get(retailers: MockRetailerReader) -> GetRetailer {
        GetRetailer::new(Arc::new(retailers), Arc::new(MockSalesMapReader::new()))
    }

    #[tokio::test]
    async fn a_retailer_outside_the_scope_is_not_found() {
        for (role, scope) in [(Role::SalesRep, Scope::Rep(actor().user)), (Role::Admin, Scope::All)] {
            let mut retailers = MockRetailerReader::new();
            retailers
                .expect_find()
                .withf(move |tenant, requested, uid| {
                    *tenant == actor().tenant && *requested == scope && uid.as_str() == "RTL-1"
                })
                .times(1)
                .returning(|_, _, _| Ok(None));
            let uid = RetailerUid::parse("RTL-1").unwrap();
            let result = get(retailers).execute(&Actor { role, ..actor() }, &uid).await;
            assert_eq!(result, Err(GetRetailerError::NotFound));
        }
    }

    #[tokio::test]
    async fn a_storage_failure_is_not_reported_as_not_found() {
        let mut retailers = MockRetailerReader::new();
        retailers.expect_find().returning(|_, _, _| Err(StorageFailure::Unavailable("down".into())));
        let result = get(retailers).execute(&actor(), &RetailerUid::parse("RTL-1").unwrap()).await;
        assert!(matches!(result, Err(GetRetailerError::Storage(_))));
    }
}
