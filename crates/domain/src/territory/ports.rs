use std::sync::Arc;

use async_trait::async_trait;

use super::SalesMap;
use crate::shared::{StorageFailure, TenantId};

/// Reads the sales map.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SalesMapReader: Send + Sync {
    /// The tenant's map; it may come from a cache.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure>;

    /// The map as it is now: for who met a place that is not on the one they have.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn read_anew(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure>;
}
