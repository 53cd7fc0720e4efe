//! Reading shops.

mod get_retailer;
mod list_retailers;

pub use get_retailer::{GetRetailer, GetRetailerError};
pub use list_retailers::{ListRetailers, ListRetailersError, ListRetailersInput};

/// The use cases that answer HTTP requests.
pub struct RetailerApi {
    /// `GET /retailers`.
    pub list: ListRetailers,
    /// `GET /retailers/{uid}`.
    pub get: GetRetailer,
}
