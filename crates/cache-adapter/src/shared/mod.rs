//! Where cached bytes lie.

mod byte_cache;
mod memory;
mod redis;

pub use byte_cache::ByteCache;
pub use memory::MemoryCache;
pub use redis::{RedisCache, RedisConfigError};
