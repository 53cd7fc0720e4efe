//! The pool: all retailers of a tenant and their master data.

mod create_retailer;
mod delete_retailer;
mod export_retailers;
mod get_pool_retailer;
mod list_pool;
mod query;
mod restore_retailer;
mod snapshot;
#[cfg(test)]
mod testing;
mod update_pool_retailer;

pub use create_retailer::{CreateRetailer, CreateRetailerError, CreateRetailerInput};
pub use delete_retailer::DeleteRetailer;
pub use export_retailers::{Export, ExportRetailers, ExportedPart};
pub use get_pool_retailer::{FoundInPool, GetPoolRetailer, GetPoolRetailerError};
pub use list_pool::{ListPool, ListedPool};
pub use query::{PoolError, PoolInput, PoolSource};
pub use restore_retailer::RestoreRetailer;
pub use snapshot::UnknownPlaces;
pub use update_pool_retailer::{UpdatePoolRetailer, UpdatePoolRetailerError, UpdatePoolRetailerInput};

use haat_domain::retailer::RetailerUid;
use haat_domain::shared::StorageFailure;

use crate::shared::{ChangeError, Refusal, Refused, WriteOptions, codes};

/// The use cases behind the HTTP routes.
pub struct PoolRetailerUseCases {
    /// `GET /admin/retailers`.
    pub list: ListPool,
    /// `GET /admin/retailers/export`.
    pub export: ExportRetailers,
    /// `GET /admin/retailers/{uid}`.
    pub get: GetPoolRetailer,
    /// `POST /admin/retailers`.
    pub create: CreateRetailer,
    /// `PATCH /admin/retailers/{uid}`.
    pub edit: UpdatePoolRetailer,
    /// `DELETE /admin/retailers/{uid}`.
    pub delete: DeleteRetailer,
    /// `POST /admin/retailers/{uid}/restore`.
    pub restore: RestoreRetailer,
}

/// A retailer to delete or restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionInput {
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The accepted versions of the retailer; `None` accepts every version.
    pub expected: Option<Vec<i64>>,
    /// The write options.
    pub write_options: WriteOptions,
}

/// Reasons why a retailer was not deleted or restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeletionError {
    /// The change was not started or not committed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The retailer does not exist.
    #[error("retailer not found")]
    NotFound,
    /// The retailer's version is not among the accepted ones.
    #[error("the retailer has been changed in the meantime")]
    Stale,
}

impl Refusal for DeletionError {
    fn refuse(&self) -> Refused {
        match self {
            Self::Change(error) => error.refuse(),
            Self::NotFound => Refused::new(&codes::NOT_FOUND),
            Self::Stale => Refused::new(&codes::PRECONDITION_FAILED),
        }
    }
}

impl From<StorageFailure> for DeletionError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

/// Returns `true` if the version is among the accepted ones.
fn is_accepted(version: i64, expected: Option<&Vec<i64>>) -> bool {
    expected.is_none_or(|versions| versions.contains(&version))
}
