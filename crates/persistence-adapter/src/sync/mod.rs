//! The change feed.

mod feed;

pub use feed::PgChangeFeed;
