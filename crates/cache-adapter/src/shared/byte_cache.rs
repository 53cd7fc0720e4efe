use std::time::Duration;

use async_trait::async_trait;

/// A place for bytes, outside the process, that may be forgotten at any time. It has no errors: a cache that is slow or
/// gone knows nothing, and the reader behind it answers.
#[async_trait]
pub trait ByteCache: Send + Sync {
    /// The bytes under `key`, if they are still known.
    async fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps bytes under `key` for at most `ttl`.
    async fn put(&self, key: &str, bytes: Vec<u8>, ttl: Duration);
}
