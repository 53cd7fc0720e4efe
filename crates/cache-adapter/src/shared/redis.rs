use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Cmd, FromRedisValue, cmd};
use deadpool_redis::{Config, Connection, Pool, PoolConfig, Runtime, Timeouts};

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
///
/// All requests share one connection, on which their commands follow one another without waiting for answers: taking
/// one from a pool costs a PING of its own each time.
pub struct RedisCache {
    pool: Pool,
    connection: Mutex<Option<MultiplexedConnection>>,
    /// Where the connection lives. The runtime it was asked for on may end before this one does.
    runtime: tokio::runtime::Handle,
    started: Instant,
    /// Milliseconds after `started` until which Redis is left alone.
    resting_until: AtomicU64,
}

impl RedisCache {
    /// Prepares a cache. Connects at the first use, so it succeeds while Redis is away.
    ///
    /// # Errors
    /// [`RedisConfigError`] when the URL is not one of Redis, or outside a tokio runtime.
    pub fn new(url: &str) -> Result<Self, RedisConfigError> {
        let mut config = Config::from_url(url);
        config.pool = Some(PoolConfig {
            max_size: 1,
            timeouts: Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) },
            ..PoolConfig::default()
        });
        let pool =
            config.create_pool(Some(Runtime::Tokio1)).map_err(|error| RedisConfigError(error.to_string()))?;
        let runtime =
            tokio::runtime::Handle::try_current().map_err(|error| RedisConfigError(error.to_string()))?;
        Ok(Self {
            pool,
            runtime,
            connection: Mutex::default(),
            started: Instant::now(),
            resting_until: AtomicU64::new(0),
        })
    }

    /// Runs one command, or gives up in time.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if self.now() < self.resting_until.load(Ordering::Relaxed) {
            return None;
        }
        let answer = tokio::time::timeout(PATIENCE, async {
            let mut connection = self.connection().await?;
            command.query_async(&mut connection).await.map_err(|error| error.to_string())
        });
        let reason = match answer.await {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(reason)) => reason,
            Err(_) => "no answer in time".to_owned(),
        };
        // What is still on its way there is of no use to anybody.
        self.keep(None);
        let rest = u64::try_from(REST.as_millis()).unwrap_or_default();
        self.resting_until.store(self.now() + rest, Ordering::Relaxed);
        tracing::warn!(reason, "Redis does not serve; doing without it for a second");
        None
    }

    async fn connection(&self) -> Result<MultiplexedConnection, String> {
        let known = self.connection.lock().ok().and_then(|connection| connection.clone());
        if let Some(connection) = known {
            return Ok(connection);
        }
        let pool = self.pool.clone();
        let made = self.runtime.spawn(async move { pool.get().await.map(Connection::take) });
        let made = made.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        self.keep(Some(made.clone()));
        Ok(made)
    }

    fn keep(&self, connection: Option<MultiplexedConnection>) {
        if let Ok(mut kept) = self.connection.lock() {
            *kept = connection;
        }
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
