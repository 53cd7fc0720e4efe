//! The implementations behind the ports, one file per context.

mod assignment;
mod audit;
mod auth;
mod cache;
mod import;
mod jobs;
mod long_running_pool;
mod operations;
mod people;
mod retailer;
mod schema_check;
mod tenancy;
mod territory;

pub(crate) use assignment::assignment;
pub(crate) use audit::audit;
pub(crate) use auth::{auth, hasher};
pub(crate) use cache::Storage;
pub(crate) use import::{OperatorImport, import, import_handlers};
pub(crate) use jobs::jobs;
pub(crate) use long_running_pool::long_running_pool;
pub(crate) use operations::operations;
pub(crate) use people::{create_admin, people};
pub(crate) use retailer::{pool_retailer, retailer};
pub(crate) use schema_check::SchemaCheck;
pub(crate) use tenancy::{create_tenant, tenancy};
pub(crate) use territory::territory;
