//! The pool, transactions, migrations and the conversion of PostgreSQL's errors.

mod check;
mod connect;
mod copy;
mod database;
mod error;
mod explain;
mod failed_rows;
mod grants;
mod keyset;
mod migrate;
mod pending;
mod settings;
mod statement;
mod tx;
mod users;

pub use check::{CheckError, check_database, check_migrated};
pub use connect::{DatabaseConfig, PlanMode, connect_raw, raw_failure};
pub use copy::{Cells, Target, copy};
pub use database::PgDatabase;
pub use error::{inconsistent, taken, to_failure};
pub use explain::Explain;
pub use failed_rows::{FailedColumns, failed_row};
pub use grants::{grants, user_grants};
pub use keyset::{row_after, row_before, surplus};
pub use migrate::{MigrateError, MigrationReport, migrate, revert_all, revert_last, run_next};
pub use pending::pending_migrations;
pub use settings::{CUSTOM_PLAN, Settings};
pub use tx::PgTx;
pub use users::{is_active, lower, role};

pub(crate) use crate::statement;
