use secrecy::SecretString;
use url::Url;

use super::Problems;
use super::problems::given;

#[derive(Debug, clap::Args)]
pub(crate) struct CacheArgs {
    /// Redis, where processes share what they have read: redis://:PASSWORD@HOST:6379/0, rediss:// with TLS. Without it each
    /// reads for itself
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    redis_url: Option<String>,
    /// The most memory in which this process keeps shops and answers, in MiB; 0: it asks the database each time
    #[arg(long, env = "HAAT_CACHE_MIB", default_value = "64", value_name = "MIB")]
    cache_mib: String,
}

/// Where the cache lies.
#[derive(Debug, Clone)]
pub(crate) struct CacheConfig {
    /// Redis; `None`: in this process.
    pub(crate) redis_url: Option<SecretString>,
    /// Bytes in this process.
    pub(crate) memory_bytes: u64,
}

impl CacheArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> CacheConfig {
        let redis_url = given(self.redis_url);
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
