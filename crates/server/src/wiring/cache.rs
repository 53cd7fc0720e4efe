use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use haat_cache_adapter::{ByteCache, MemoryCache, RedisCache};
use haat_persistence_adapter::DatabaseConfig;
use secrecy::ExposeSecret as _;
use url::Url;

use crate::config::CacheConfig;

/// Redis where one is configured, this process's memory otherwise.
pub(crate) fn cache(config: &CacheConfig) -> anyhow::Result<Arc<dyn ByteCache>> {
    Ok(match &config.redis_url {
        Some(url) => Arc::new(RedisCache::new(url.expose_secret(), config.redis_pool)?),
        None => Arc::new(MemoryCache::new(config.memory_bytes)),
    })
}

/// A word for the keys of this installation: two whose databases differ may share one Redis. Processes that name one
/// database differently only do not share their entries.
pub(crate) fn installation(database: &DatabaseConfig) -> String {
    let mut hasher = DefaultHasher::new();
    if let Ok(url) = Url::parse(&database.url) {
        (url.host_str(), url.port(), url.path()).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
