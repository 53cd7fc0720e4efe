//! The implementations behind the ports, one file per context.

mod assignment;
mod audit;
mod cache;
mod identity;
mod import;
mod jobs;
mod operations;
mod retailer;
mod schema_check;
mod territory;

pub(crate) use assignment::assignment;
pub(crate) use audit::audit;
pub(crate) use cache::Storage;
pub(crate) use identity::{create_admin, create_tenant, hasher, identity};
pub(crate) use import::{OperatorImport, import, import_handlers};
pub(crate) use jobs::{jobs, long_running_pool};
pub(crate) use operations::operations;
pub(crate) use retailer::{pool_retailer, retailer};
pub(crate) use schema_check::SchemaCheck;
pub(crate) use territory::territory;
