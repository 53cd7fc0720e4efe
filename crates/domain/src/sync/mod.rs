//! The change feed: committed changes in an order that consumers can rely on, for cache invalidation and for
//! mobile clients.

mod model;
mod ports;

pub use model::{ChangeBatch, FeedStart, Invalidation};
pub use ports::{ChangeFeed, OnCommit};

#[cfg(feature = "mock")]
pub use ports::{MockChangeFeed, MockOnCommit};
