use std::time::Duration;

use async_trait::async_trait;

/// A byte cache outside the process whose entries may disappear at any time. It reports no errors: a slow or unavailable
/// cache acts as empty, and the reader behind it serves the request.
#[async_trait]
pub trait ByteCache: Send + Sync {
    /// Returns the bytes under `key`, if they are still cached.
    async fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Stores bytes under `key` for at most `ttl`.
    async fn put(&self, key: &str, bytes: Vec<u8>, ttl: Duration);
}
