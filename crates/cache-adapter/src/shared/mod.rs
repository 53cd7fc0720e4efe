//! What every cache is made of: whether it is still true, where its bytes lie, and how long.

mod byte_cache;
mod coherence;
mod expiry;
mod redis;
mod slots;

pub use byte_cache::ByteCache;
pub use coherence::Coherence;
pub use redis::{RedisCache, RedisConfigError};

pub(crate) use coherence::{Generation, Subject};
pub(crate) use expiry::Jittered;
