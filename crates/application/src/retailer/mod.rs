//! Reading shops, and changing what a representative may change of them.

use std::sync::Arc;

use crate::shared::AnswerCache;

mod get_retailer;
mod list_rep_retailers;
mod list_retailers;
mod map_for;
pub mod office;
mod update_retailer;

pub use get_retailer::{FoundRetailer, GetRetailer, GetRetailerError};
pub use list_rep_retailers::{ListRepRetailers, ListRepRetailersError};
pub use list_retailers::{ListRetailers, ListRetailersError, ListRetailersInput, ListedRetailers, PlaceRef};

pub use update_retailer::{UpdateRetailer, UpdateRetailerError, UpdateRetailerInput};

use map_for::{map_for, shows};

/// The use cases that answer HTTP requests.
pub struct RetailerApi {
    /// `GET /retailers`.
    pub list: ListRetailers,
    /// `GET /admin/sales-reps/{id}/retailers`.
    pub list_of_rep: ListRepRetailers,
    /// `GET /retailers/{uid}`.
    pub get: GetRetailer,
    /// `PATCH /retailers/{uid}`.
    pub update: UpdateRetailer,
    /// Answers to reads, ready to be sent.
    pub answers: Arc<dyn AnswerCache>,
}
