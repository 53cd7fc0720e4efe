use secrecy::SecretString;
use url::Url;

use super::Problems;
use super::problems::non_empty;

#[derive(Debug, clap::Args)]
pub(crate) struct CacheArgs {
    /// Redis, where processes share cached reads: redis://:PASSWORD@HOST:6379/0; rediss:// turns TLS on. Without Redis each
    /// process reads for itself
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    redis_url: Option<String>,
    /// Memory in which this process caches retailers and responses, in MiB; 0 means that every read goes to the database
    #[arg(long, env = "HAAT_CACHE_MIB", default_value = "64", value_name = "MIB")]
    cache_mib: String,
}

/// The settings of the caches.
#[derive(Debug, Clone)]
pub(crate) struct CacheConfig {
    /// The URL of Redis; `None` if processes share no cache.
    pub(crate) redis_url: Option<SecretString>,
    /// The size of the cache in this process, in bytes.
    pub(crate) memory_bytes: u64,
}

impl CacheArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> CacheConfig {
        let redis_url = non_empty(self.redis_url);
        if let Some(text) = &redis_url {
            match Url::parse(text) {
                Ok(url) if ["redis", "rediss"].contains(&url.scheme()) => {}
                Ok(_) => problems
                    .note("REDIS_URL", "must look like redis://:password@host:6379/0, or rediss:// with TLS"),
                Err(error) => problems.note("REDIS_URL", format!("is not a URL: {error}")),
            }
        }
        let mib = problems.number("HAAT_CACHE_MIB", &self.cache_mib, 0, 1 << 20);
        CacheConfig { redis_url: redis_url.map(SecretString::from), memory_bytes: mib << 20 }
    }
}
