//! Reading shops.

mod get_retailer;
mod list_retailers;
mod map_for;

pub use get_retailer::{FoundRetailer, GetRetailer, GetRetailerError};
pub use list_retailers::{ListRetailers, ListRetailersError, ListRetailersInput, ListedRetailers, PlaceRef};

use map_for::map_for;

/// The use cases that answer HTTP requests.
pub struct RetailerApi {
    /// `GET /retailers`.
    pub list: ListRetailers,
    /// `GET /retailers/{uid}`.
    pub get: GetRetailer,
}
