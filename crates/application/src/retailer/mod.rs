//! Reading retailers, and updating the fields that sales reps may change.

use std::sync::Arc;

use crate::shared::ResponseCache;

pub mod codes;
mod list_retailers;
mod map_for;
pub mod pool;
mod retailers;
mod search;
mod update_retailer;
mod view;

pub use list_retailers::{ListRetailersError, ListRetailersInput, ListedRetailers};
pub use retailers::{FoundRetailer, Retailers};
pub use update_retailer::{UpdateRetailer, UpdateRetailerInput};
pub use view::RetailerView;

use map_for::{covers, map_for};

/// The use cases behind the HTTP routes.
pub struct RetailerUseCases {
    /// The retailers in the caller's scope.
    pub retailers: Retailers,
    /// `PATCH /retailers/{uid}`.
    pub update: UpdateRetailer,
    /// The cache of encoded responses to reads.
    pub response_cache: Arc<dyn ResponseCache>,
}
