//! Shops for the office: the whole pool, and their master data.

mod create_retailer;
mod delete_retailer;
mod edit_retailer;
mod export_retailers;
mod get_pool_retailer;
mod list_pool;
mod pool;
mod restore_retailer;
mod snapshot;
#[cfg(test)]
mod testing;

pub use create_retailer::{CreateRetailer, CreateRetailerError, CreateRetailerInput};
pub use delete_retailer::DeleteRetailer;
pub use edit_retailer::{EditRetailer, EditRetailerError, EditRetailerInput};
pub use export_retailers::{Export, ExportRetailers, ExportedPart};
pub use get_pool_retailer::{FoundInPool, GetPoolRetailer, GetPoolRetailerError};
pub use list_pool::{ListPool, ListedPool};
pub use pool::{PoolError, PoolInput, PoolSource};
pub use restore_retailer::RestoreRetailer;
pub use snapshot::UnknownPlaces;

use haat_domain::retailer::RetailerUid;
use haat_domain::shared::StorageFailure;

use crate::shared::{Change, ChangeError};

/// The use cases that answer HTTP requests.
pub struct OfficeRetailerApi {
    /// `GET /admin/retailers`.
    pub list: ListPool,
    /// `GET /admin/retailers/export`.
    pub export: ExportRetailers,
    /// `GET /admin/retailers/{uid}`.
    pub get: GetPoolRetailer,
    /// `POST /admin/retailers`.
    pub create: CreateRetailer,
    /// `PATCH /admin/retailers/{uid}`.
    pub edit: EditRetailer,
    /// `DELETE /admin/retailers/{uid}`.
    pub delete: DeleteRetailer,
    /// `POST /admin/retailers/{uid}/restore`.
    pub restore: RestoreRetailer,
}

/// A shop to be deleted or restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionInput {
    /// Which shop.
    pub uid: RetailerUid,
    /// If given, the versions of which the shop must have one.
    pub expected: Option<Vec<i64>>,
    /// How it is asked for.
    pub change: Change,
}

/// Why a shop was not deleted or restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletionError {
    /// It was not begun, or not kept.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// No such shop.
    #[error("there is no such retailer")]
    NotFound,
    /// The shop has another version than any expected.
    #[error("the retailer has been changed since")]
    Stale,
}

impl From<StorageFailure> for DeletionError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Whether a shop has a version that is expected.
fn fits(version: i64, expected: Option<&Vec<i64>>) -> bool {
    expected.is_none_or(|versions| versions.contains(&version))
}
