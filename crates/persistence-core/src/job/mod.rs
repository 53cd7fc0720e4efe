//! Background jobs and their queue.

mod monitor;
mod queue;
mod reader;
mod retention;
mod rows;
mod schedules;
mod writer;

pub use retention::{RETAINED, RetainedRows, RowEnd, RowRetention};

/// The current time. `haat_now()` is the start of the transaction, which may have run or waited for minutes.
fn clock() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>> {
    diesel::dsl::sql("haat_clock()")
}
