//! The pool: all retailers of a tenant and their master data.

mod export_retailers;
mod list_pool;
mod pool_retailers;
mod query;
mod snapshot;

pub use export_retailers::{Export, ExportRetailers, ExportedPart};
pub use list_pool::ListPool;
pub use pool_retailers::{PoolRetailerError, PoolRetailers};
pub use query::{PoolInput, PoolSource};
pub use snapshot::FoundInPool;

/// The use cases behind the HTTP routes.
pub struct PoolRetailerUseCases {
    /// `GET /admin/retailers`.
    pub list: ListPool,
    /// `GET /admin/retailers/export`.
    pub export: ExportRetailers,
    /// Single retailers.
    pub retailers: PoolRetailers,
}
