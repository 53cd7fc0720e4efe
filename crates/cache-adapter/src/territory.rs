use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::shared::{StorageFailure, TenantId};
use haat_domain::territory::{SalesMap, SalesMapReader};
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use crate::Coherence;
use crate::shared::{Generation, Jittered, Subject};

/// Memory for sales maps. One of a thousand places takes about half a megabyte, so there is room for a hundred large tenants or
/// thousands of small ones.
const MAX_BYTES: u64 = 64 << 20;

/// The tenant, and the state of its map.
type Key = (TenantId, Generation);

/// Caches sales maps: every response contains names from one, and they change rarely.
pub struct CachedSalesMapReader {
    inner: Arc<dyn SalesMapReader>,
    coherence: Arc<Coherence>,
    maps: Cache<Key, Arc<SalesMap>>,
}

impl CachedSalesMapReader {
    /// Creates a cache in front of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn SalesMapReader>, coherence: Arc<Coherence>) -> Self {
        let weigh = |_: &Key, map: &Arc<SalesMap>| u32::try_from(200 + map.size()).unwrap_or(u32::MAX);
        let maps = Cache::builder()
            .max_capacity(MAX_BYTES)
            .weigher(weigh)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Jittered::new(Duration::from_mins(5)))
            .build();
        Self { inner, coherence, maps }
    }
}

#[async_trait]
impl SalesMapReader for CachedSalesMapReader {
    async fn read(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        let Some(generation) = self.coherence.confirmed(Subject::SalesMap(tenant)).await else {
            return self.inner.read(tenant).await;
        };
        let found = self.maps.try_get_with((tenant, generation), self.inner.read(tenant)).await;
        found.map_err(|failure| StorageFailure::clone(&failure))
    }

    async fn read_uncached(&self, tenant: TenantId) -> Result<Arc<SalesMap>, StorageFailure> {
        self.inner.read(tenant).await
    }
}
