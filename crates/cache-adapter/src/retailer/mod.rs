//! Shops.

mod reader;
mod stored;

pub use reader::CachedRetailerReader;
