//! The domain's ports on PostgreSQL. The only crate that uses diesel. Each context is a folder with its rows, readers
//! and writers. [`PgDatabase`] implements every reader and opens every transaction.

mod assignment;
mod audit;
mod identity;
mod import;
mod job;
mod retailer;
#[expect(missing_docs, reason = "generated from the database")]
pub mod schema;
mod seed;
mod shared;
mod sync;
mod territory;

pub use assignment::PgAssignmentStager;
pub use import::PgImportStager;
pub use seed::PgSeeder;
pub use shared::{
    CheckError, DatabaseConfig, MigrateError, MigrationReport, PgDatabase, PlanMode, check_database,
    check_migrated, migrate, pending_migrations, revert_all, revert_last, run_next,
};
pub use sync::PgChangeFeed;
