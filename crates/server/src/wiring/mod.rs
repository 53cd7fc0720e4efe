//! The parts that the use cases of several contexts share: storage with its caches, jobs, and the check of the database.

mod cache;
mod long_running_pool;
mod schema_check;

pub(crate) use cache::Storage;
pub(crate) use long_running_pool::long_running_pool;
pub(crate) use schema_check::SchemaCheck;
