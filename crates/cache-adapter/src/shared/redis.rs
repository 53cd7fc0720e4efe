use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::{Cmd, FromRedisValue, cmd};
use deadpool_redis::{Config, Pool, PoolConfig, Runtime, Timeouts};

use super::ByteCache;

/// A cache that is asked on every request must not be waited for longer than the database would take.
const PATIENCE: Duration = Duration::from_millis(50);

/// After a failure Redis is left alone this long, so that one that hangs costs one request its patience and not all.
const REST: Duration = Duration::from_secs(1);

/// The `REDIS_URL` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a usable Redis URL: {0}")]
pub struct RedisConfigError(String);

/// A cache in Redis, shared by all processes. While Redis is away it knows nothing and keeps nothing.
pub struct RedisCache {
    pool: Pool,
    started: Instant,
    /// Milliseconds after `started` until which Redis is left alone.
    resting_until: AtomicU64,
}

impl RedisCache {
    /// Prepares a cache with at most `connections` to Redis. Opens none yet, so it succeeds while Redis is away.
    ///
    /// # Errors
    /// [`RedisConfigError`] when the URL is not one of Redis.
    pub fn new(url: &str, connections: usize) -> Result<Self, RedisConfigError> {
        let mut config = Config::from_url(url);
        config.pool = Some(PoolConfig {
            max_size: connections,
            timeouts: Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) },
            ..PoolConfig::default()
        });
        let pool =
            config.create_pool(Some(Runtime::Tokio1)).map_err(|error| RedisConfigError(error.to_string()))?;
        Ok(Self { pool, started: Instant::now(), resting_until: AtomicU64::new(0) })
    }

    /// Runs one command, or gives up in time.
    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if self.now() < self.resting_until.load(Ordering::Relaxed) {
            return None;
        }
        let answer = tokio::time::timeout(PATIENCE, async {
            let mut connection = self.pool.get().await.map_err(|error| error.to_string())?;
            command.query_async(&mut connection).await.map_err(|error| error.to_string())
        });
        let reason = match answer.await {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(reason)) => reason,
            Err(_) => "no answer in time".to_owned(),
        };
        let rest = u64::try_from(REST.as_millis()).unwrap_or_default();
        self.resting_until.store(self.now() + rest, Ordering::Relaxed);
        tracing::warn!(reason, "Redis is away; reading without it for a second");
        None
    }

    /// Milliseconds since this cache was made.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[async_trait]
impl ByteCache for RedisCache {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.run::<Option<Vec<u8>>>(cmd("GET").arg(key)).await.flatten()
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, ttl: Duration) {
        let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        self.run::<()>(cmd("SET").arg(key).arg(bytes).arg("PX").arg(milliseconds)).await;
    }
}
