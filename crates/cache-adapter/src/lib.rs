//! Caches, as decorators: a `Cached…Reader` implements the same port as the reader it stands in front of, and the
//! server's wiring decides whether it is there. What it keeps lies behind [`ByteCache`]: in the process, or in Redis.

mod identity;
mod shared;

pub use identity::CachedUserStandingReader;
pub use shared::{ByteCache, MemoryCache, RedisCache, RedisConfigError};
