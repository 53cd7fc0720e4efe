//! The pieces of `persistence-core` that the contexts use, and the types that implement their ports.

pub(crate) use haat_persistence_core::bulk::{Target, connect_raw, copy, raw_failure};
pub(crate) use haat_persistence_core::{
    CALLER, CUSTOM_PLAN, DatabaseConfig, Explain, FailedColumns, Settings, cells, failed_row, grants,
    inconsistent, is_active, lower, role, row_after, row_before, statement, surplus, taken, user_grants,
    view, with_settings,
};

haat_persistence_core::group! {
    /// PostgreSQL behind a pool. Cheap to clone; implements the readers of the contexts and opens their transactions.
    pub struct PgDatabase;

    /// An open transaction. Implements the writers of the contexts; a use case sees only its own trait.
    pub struct PgTx;
}
