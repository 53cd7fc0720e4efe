//! Caches, as decorators: a `Cached…Reader` implements the same port as the reader behind it, and the server's wiring
//! decides whether to use it. [`Coherence`] determines whether cached data is still current.

mod auth;
mod response_cache;
mod retailer;
mod shared;
mod territory;

pub use auth::{CachedAuthStateReader, MemoryCallerCache, SharedLoginThrottle};
pub use response_cache::MemoryResponseCache;
pub use retailer::CachedRetailerReader;
pub use shared::{ByteCache, Coherence, RedisCache, RedisConfigError};
pub use territory::CachedSalesMapReader;
