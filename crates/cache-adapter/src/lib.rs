//! Caches, as decorators: a `Cached…Reader` implements the same port as the reader it stands in front of, and the
//! server's wiring decides whether it is there. [`Coherence`] knows whether what they remember is still true.

mod answers;
mod callers;
mod identity;
mod login_throttle;
mod retailer;
mod shared;
mod territory;

pub use answers::MemoryAnswers;
pub use callers::MemoryCallers;
pub use identity::CachedUserStandingReader;
pub use login_throttle::SharedLoginThrottle;
pub use retailer::CachedRetailerReader;
pub use shared::{ByteCache, Coherence, RedisCache, RedisConfigError};
pub use territory::CachedSalesMapReader;
