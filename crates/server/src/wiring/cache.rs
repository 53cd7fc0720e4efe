use std::sync::Arc;

use haat_cache_adapter::{ByteCache, MemoryCache, RedisCache};
use secrecy::ExposeSecret as _;

use crate::config::CacheConfig;

/// Redis where one is configured, this process's memory otherwise.
pub(crate) fn cache(config: &CacheConfig) -> anyhow::Result<Arc<dyn ByteCache>> {
    Ok(match &config.redis_url {
        Some(url) => Arc::new(RedisCache::new(url.expose_secret(), config.redis_pool)?),
        None => Arc::new(MemoryCache::new(config.memory_bytes)),
    })
}
