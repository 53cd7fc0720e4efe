//! The pool, transactions, migrations and how errors of Postgres are told to the domain.

mod check;
mod connect;
mod copy;
mod database;
mod error;
mod explain;
mod keyset;
mod migrate;
mod receipts;
mod settings;
mod statement;
mod tx;

pub use check::{CheckError, check_database, check_migrated};
pub use connect::{DatabaseConfig, Planning};
pub use database::PgDatabase;
pub use migrate::{
    MigrateError, MigrationReport, migrate, pending_migrations, revert_all, revert_last, run_next,
};

pub(crate) use connect::{connect_raw, raw_failure};
pub(crate) use copy::{Target, cells, copy};
pub(crate) use error::{inconsistent, to_failure};
pub(crate) use explain::Explain;
pub(crate) use keyset::{RowAfter, RowBefore, surplus};
pub(crate) use settings::{PLANNED_ANEW, Settings, under};
pub(crate) use statement::statement;
pub(crate) use tx::PgTx;
