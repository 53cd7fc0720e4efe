//! The pool, transactions, migrations and the conversion of PostgreSQL's errors.

mod check;
mod connect;
mod copy;
mod database;
mod error;
mod explain;
mod keyset;
mod migrate;
mod pending;
mod settings;
mod statement;
mod tx;

pub use check::{CheckError, check_database, check_migrated};
pub use connect::{DatabaseConfig, PlanMode, connect_raw, raw_failure};
pub use copy::{Cells, Target, cells, copy};
pub use database::PgDatabase;
pub use migrate::{MigrateError, MigrationReport, migrate, revert_all, revert_last, run_next};
pub use pending::pending_migrations;

pub(crate) use error::{inconsistent, to_failure};
pub(crate) use explain::Explain;
pub(crate) use keyset::{RowAfter, RowBefore, surplus};
pub(crate) use settings::{CUSTOM_PLAN, Settings, with_settings};
pub(crate) use statement::statement;
pub(crate) use tx::PgTx;
