//! What changed, told in the order in which it can be relied on: for caches that must forget, and for phones.

mod model;
mod ports;

pub use model::{Beginning, Heard, Touched};
pub use ports::{ChangeFeed, OnCommit};

#[cfg(feature = "mock")]
pub use ports::{MockChangeFeed, MockOnCommit};
