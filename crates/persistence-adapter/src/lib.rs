//! The domain's ports on PostgreSQL. Each context is a folder with its rows, readers and writers. [`PgDatabase`] implements
//! every reader and opens every transaction.

mod assignment;
mod audit;
mod auth;
mod duplicates;
mod import;
mod retailer;
#[expect(missing_docs, reason = "generated from the database")]
pub mod schema;
mod shared;
mod territory;
mod unique_names;

pub use assignment::PgAssignmentStager;
pub use haat_persistence_core::{
    CheckError, DatabaseConfig, MigrateError, MigrationReport, PgChangeFeed, PlanMode, RetainedRows,
    RowRetention, bulk, check_database, check_migrated, migrate, pending_migrations, revert_all, revert_last,
    run_next, snapshot_json,
};
pub use import::PgImportStager;
pub use shared::{PgDatabase, PgTx};
pub use unique_names::{NameTwins, fill_unique_names};

/// The rows of the contexts of this crate, and of those below it, that end at an age.
#[must_use]
pub fn retained() -> Vec<&'static RetainedRows> {
    haat_persistence_core::RETAINED
        .iter()
        .chain([&auth::SESSIONS, &import::READY_IMPORTS, &import::IMPORT_FILES, &assignment::PLANS])
        .collect()
}
