//! The change feed.

mod feed;
mod user_entry;

pub use feed::PgChangeFeed;
