//! The parts of every cache: coherence, shared storage and expiry.

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
