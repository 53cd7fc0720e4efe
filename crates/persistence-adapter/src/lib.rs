//! The domain's ports on PostgreSQL. The only crate that uses diesel. Each context is a folder with its rows, readers
//! and writers. [`PgDatabase`] implements every reader and opens every transaction.

mod assignment;
mod audit;
mod auth;
mod change;
mod import;
mod job;
mod people;
mod retailer;
#[expect(missing_docs, reason = "generated from the database")]
pub mod schema;
mod shared;
mod sync;
mod tenancy;
mod territory;

pub use assignment::PgAssignmentStager;
pub use audit::snapshot_json;
pub use import::PgImportStager;
pub use shared::{
    CheckError, DatabaseConfig, MigrateError, MigrationReport, PgDatabase, PlanMode, check_database,
    check_migrated, migrate, pending_migrations, revert_all, revert_last, run_next,
};
pub use sync::PgChangeFeed;

/// Loading of many rows at once, by COPY on a connection outside the pool.
pub mod bulk {
    pub use crate::shared::{Cells, Target, cells, connect_raw, copy, raw_failure};
}
