//! Which implementation stands behind which port, a context per file.

mod assignment;
mod audit;
mod cache;
mod fitness;
mod identity;
mod import;
mod jobs;
mod operations;
mod retailer;
mod territory;

pub(crate) use assignment::assignment;
pub(crate) use audit::audit;
pub(crate) use cache::Storage;
pub(crate) use fitness::Fitness;
pub(crate) use identity::{create_admin, create_tenant, hasher, identity};
pub(crate) use import::{OperatorImport, import, import_handlers};
pub(crate) use jobs::{jobs, patient};
pub(crate) use operations::operations;
pub(crate) use retailer::{office_retailer, retailer};
pub(crate) use territory::territory;
