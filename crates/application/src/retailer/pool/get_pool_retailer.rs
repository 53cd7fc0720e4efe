use std::sync::Arc;

use haat_domain::retailer::{PoolRetailer, PoolRetailerReader, RetailerUid};
use haat_domain::shared::StorageFailure;
use haat_domain::territory::{SalesMap, SalesMapReader};

use crate::retailer::map_for;
use crate::shared::{Actor, Permission, Refusal, Refused, codes};

/// A retailer of the pool, and a map with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInPool {
    /// The retailer.
    pub pool_retailer: PoolRetailer,
    /// The map with its places.
    pub map: Arc<SalesMap>,
}

/// Reasons why a retailer of the pool cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetPoolRetailerError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The caller's tenant has no such retailer.
    #[error("retailer not found")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl Refusal for GetPoolRetailerError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Forbidden => Refused::new(&codes::FORBIDDEN),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Storage(failure) => failure.refuse(),
        }
    }
}

/// Reads a retailer of the pool, including deleted ones.
pub struct GetPoolRetailer {
    pool: Arc<dyn PoolRetailerReader>,
    maps: Arc<dyn SalesMapReader>,
}

impl GetPoolRetailer {
    /// Builds the use case.
    #[must_use]
    pub fn new(pool: Arc<dyn PoolRetailerReader>, maps: Arc<dyn SalesMapReader>) -> Self {
        Self { pool, maps }
    }

    /// Returns the retailer.
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
        let found = self.pool.find(actor.tenant, uid).await?;
        let pool_retailer = found.ok_or(GetPoolRetailerError::NotFound)?;
        let map = map_for(&*self.maps, actor.tenant, std::slice::from_ref(&pool_retailer.retailer)).await?;
        Ok(FoundInPool { pool_retailer, map })
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::retailer::MockPoolRetailerReader;
    use haat_domain::shared::Role;
    use haat_domain::territory::MockSalesMapReader;

    use super::*;
    use crate::testing::{actor, sales_map, sample_pool_retailer};

    #[tokio::test]
    async fn admins_read_any_retailer_and_sales_reps_are_forbidden() {
        let admin = Actor { role: Role::Admin, ..actor() };
        for (caller, pool_retailer, expected) in [
            (admin, Some(sample_pool_retailer(1)), Ok(sample_pool_retailer(1))),
            (admin, None, Err(GetPoolRetailerError::NotFound)),
            (actor(), Some(sample_pool_retailer(1)), Err(GetPoolRetailerError::Forbidden)),
        ] {
            let mut pool = MockPoolRetailerReader::new();
            pool.expect_find()
                .withf(|tenant, uid| *tenant == actor().tenant && uid.as_str() == "RTL-1")
                .returning(move |_, _| Ok(pool_retailer.clone()));
            let mut maps = MockSalesMapReader::new();
            maps.expect_read().returning(|_| Ok(Arc::new(sales_map())));
            let get = GetPoolRetailer::new(Arc::new(pool), Arc::new(maps));
            let result = get.execute(&caller, &RetailerUid::parse("RTL-1").unwrap()).await;
            assert_eq!(result.map(|found| found.pool_retailer), expected);
        }
    }
}
