//! Cache of the retailers of sales reps.

mod reader;
mod stored;

pub use reader::CachedRetailerReader;
