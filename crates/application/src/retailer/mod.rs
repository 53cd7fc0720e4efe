//! Reading retailers, and updating the fields that sales reps may change.

use std::sync::Arc;

use crate::shared::ResponseCache;

pub mod codes;
mod get_retailer;
mod list_rep_retailers;
mod list_retailers;
mod map_for;
pub mod pool;
mod update_retailer;

pub use get_retailer::{FoundRetailer, GetRetailer, GetRetailerError};
pub use list_rep_retailers::{ListRepRetailers, ListRepRetailersError};
pub use list_retailers::{ListRetailers, ListRetailersError, ListRetailersInput, ListedRetailers};
pub use update_retailer::{UpdateRetailer, UpdateRetailerError, UpdateRetailerInput};

use map_for::{covers, map_for};

/// The use cases behind the HTTP routes.
pub struct RetailerUseCases {
    /// `GET /retailers`.
    pub list: ListRetailers,
    /// `GET /admin/sales-reps/{id}/retailers`.
    pub list_of_rep: ListRepRetailers,
    /// `GET /retailers/{uid}`.
    pub get: GetRetailer,
    /// `PATCH /retailers/{uid}`.
    pub update: UpdateRetailer,
    /// The cache of encoded responses to reads.
    pub response_cache: Arc<dyn ResponseCache>,
}
