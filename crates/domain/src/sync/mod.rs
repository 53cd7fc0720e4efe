//! The change feed: committed changes in an order that consumers can rely on, for cache invalidation and for
//! mobile clients.

mod model;
mod ports;
mod topic;

pub use model::{ChangeBatch, FeedStart, Invalidation};
pub use ports::{ChangeFeed, OnCommit};
pub use topic::Topic;

#[cfg(feature = "mock")]
pub use ports::{MockChangeFeed, MockOnCommit};
