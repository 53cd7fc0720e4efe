//! PostgreSQL for the adapters of each group of contexts: the pool, transactions, statements, paging, the audit log,
//! stored responses, the change feed, jobs and migrations. A group wraps [`PgDatabase`] and [`PgTx`] in types of its own
//! with [`group!`], because a crate can implement the ports of the domain only for its own types.

mod audit;
mod change;
mod group;
mod job;
#[expect(missing_docs, reason = "generated from the database")]
pub mod schema;
mod shared;
mod sync;
mod view;

pub use audit::snapshot_json;
pub use change::CALLER;
pub use job::{RETAINED, RetainedRows, RowEnd, RowRetention};
pub use shared::{
    CUSTOM_PLAN, CheckError, DatabaseConfig, Explain, FailedColumns, MigrateError, MigrationReport,
    PgDatabase, PgTx, PlanMode, Settings, check_database, check_migrated, failed_row, grants, inconsistent,
    is_active, lower, migrate, pending_migrations, revert_all, revert_last, role, row_after, row_before,
    run_next, surplus, taken, to_failure, user_grants,
};
pub use sync::PgChangeFeed;

/// Loading of many rows at once, by COPY on a connection outside the pool.
pub mod bulk {
    pub use crate::cells;
    pub use crate::shared::{Cells, Target, connect_raw, copy, raw_failure};
}
