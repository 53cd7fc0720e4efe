use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Cmd, FromRedisValue, cmd};
use deadpool_redis::{Config, Connection, Pool, PoolConfig, PoolError, Runtime, Timeouts};

use super::ByteCache;

/// Time limit of a command. A cache used on every request must not take longer than the database.
const TIMEOUT: Duration = Duration::from_millis(50);

/// Pause after a failure, so that a hanging Redis delays one request and not all.
const PAUSE: Duration = Duration::from_secs(1);

/// The logged reason if a command or the opening of a connection times out.
const NO_RESPONSE: &str = "no response in time";

/// The `REDIS_URL` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a usable Redis URL: {0}")]
pub struct RedisConfigError(String);

/// A cache in Redis, shared by all processes. While Redis is unavailable it acts as empty and stores nothing.
///
/// All requests share one connection, on which commands are pipelined: taking a connection from a pool costs a PING each
/// time.
pub struct RedisCache {
    pool: Pool,
    connection: Mutex<Option<MultiplexedConnection>>,
    /// The runtime of the connection. The runtime of the request that opens it may end earlier.
    runtime: tokio::runtime::Handle,
    started: Instant,
    /// Milliseconds after `started` until which Redis is not used.
    paused_until: AtomicU64,
}

impl RedisCache {
    /// Prepares a cache. Connects at the first use, so it succeeds while Redis is unavailable.
    ///
    /// # Errors
    /// [`RedisConfigError`] if the URL is not a Redis URL, or outside a tokio runtime.
    pub fn new(url: &str) -> Result<Self, RedisConfigError> {
        let mut config = Config::from_url(url);
        config.pool = Some(PoolConfig {
            max_size: 1,
            timeouts: Timeouts { wait: Some(TIMEOUT), create: Some(TIMEOUT), recycle: Some(TIMEOUT) },
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
            paused_until: AtomicU64::new(0),
        })
    }

    /// Runs one command within the time limit. Returns `None` if Redis is unavailable.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if self.now() < self.paused_until.load(Ordering::Relaxed) {
            return None;
        }
        let result = tokio::time::timeout(TIMEOUT, async {
            let mut connection = self.connection().await?;
            command.query_async(&mut connection).await.map_err(|error| error.to_string())
        });
        let reason = match result.await {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(reason)) => reason,
            Err(_) => NO_RESPONSE.to_owned(),
        };
        // Discard the connection with the results still in flight on it.
        self.set_connection(None);
        let pause = u64::try_from(PAUSE.as_millis()).unwrap_or_default();
        self.paused_until.store(self.now() + pause, Ordering::Relaxed);
        tracing::warn!(reason, "Redis does not serve; doing without it for a second");
        None
    }

    async fn connection(&self) -> Result<MultiplexedConnection, String> {
        let known = self.connection.lock().ok().and_then(|connection| connection.clone());
        if let Some(connection) = known {
            return Ok(connection);
        }
        let pool = self.pool.clone();
        let opened = self.runtime.spawn(async move { pool.get().await.map(Connection::take) });
        let opened = opened.await.map_err(|error| error.to_string())?.map_err(|error| match error {
            PoolError::Timeout(_) => NO_RESPONSE.to_owned(),
            error => error.to_string(),
        })?;
        self.set_connection(Some(opened.clone()));
        Ok(opened)
    }

    fn set_connection(&self, connection: Option<MultiplexedConnection>) {
        if let Ok(mut current) = self.connection.lock() {
            *current = connection;
        }
    }

    /// Returns the milliseconds since this cache was created.
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
