use std::sync::Arc;

use haat_domain::retailer::{OfficeRetailer, OfficeRetailerReader, RetailerUid};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::{SalesMap, SalesMapReader};

use crate::retailer::map_for;
use crate::shared::{Actor, Permission};

/// A shop as the office sees it, and the map on which its places are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInPool {
    /// The shop.
    pub shop: OfficeRetailer,
    /// Its places.
    pub map: Arc<SalesMap>,
}

/// Why there is no shop to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetPoolRetailerError {
    /// The caller may not see the pool.
    #[error("the caller may not do this")]
    Forbidden,
    /// No such shop in the caller's company.
    #[error("there is no such retailer")]
    NotFound,
    /// The storage could not answer.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// One shop of the pool, a deleted one too.
pub struct GetPoolRetailer {
    office: Arc<dyn OfficeRetailerReader>,
    maps: Arc<dyn SalesMapReader>,
}

impl GetPoolRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(office: Arc<dyn OfficeRetailerReader>, maps: Arc<dyn SalesMapReader>) -> Self {
        Self { office, maps }
    }

    /// The shop.
    ///
    /// # Errors
    /// [`GetPoolRetailerError`].
    pub async fn execute(
        &self,
        actor: &Actor,
        uid: &RetailerUid,
    ) -> Result<FoundInPool, GetPoolRetailerError> {
        if !actor.may(Permission::ManageRetailers) {
            return Err(GetPoolRetailerError::Forbidden);
        }
        let found = self.office.find(actor.tenant, uid).await?;
        let shop = found.ok_or(GetPoolRetailerError::NotFound)?;
        let map = map_for(&*self.maps, actor.tenant, std::slice::from_ref(&shop.retailer)).await?;
        Ok(FoundInPool { shop, map })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::identity::Role;
    use haat_domain::retailer::MockOfficeRetailerReader;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, office_shop, sales_map};

    #[tokio::test]
    async fn the_office_finds_every_shop_and_a_representative_none() {
        let admin = Actor { role: Role::Admin, ..actor() };
        for (caller, found, expected) in [
            (admin, Some(office_shop(1)), Ok(office_shop(1))),
            (admin, None, Err(GetPoolRetailerError::NotFound)),
            (actor(), Some(office_shop(1)), Err(GetPoolRetailerError::Forbidden)),
        ] {
            let mut office = MockOfficeRetailerReader::new();
            office
                .expect_find()
                .withf(|tenant, uid| *tenant == actor().tenant && uid.as_str() == "RTL-1")
                .returning(move |_, _| Ok(found.clone()));
            let mut maps = MockSalesMapReader::new();
            maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
            let get = GetPoolRetailer::new(Arc::new(office), Arc::new(maps));
            let result = get.execute(&caller, &RetailerUid::parse("RTL-1").unwrap()).await;
            assert_eq!(result.map(|found| found.shop), expected);
        }
    }
}
