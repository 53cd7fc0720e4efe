//! A retailer is a shop: where it is, who delivers, and what the sales representative knows of it.

mod model;
mod ports;
mod search_key;
mod values;

pub use model::{RetailerKey, RetailerSort, RetailerSortField, RetailerView};
pub use ports::RetailerReader;
pub use search_key::{fold, search_key};
pub use values::{RetailerUid, RetailerUidError};

#[cfg(feature = "mock")]
pub use ports::MockRetailerReader;
