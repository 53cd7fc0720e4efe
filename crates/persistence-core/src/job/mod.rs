//! Background jobs and their queue.

mod queue;
mod reader;
mod rows;
mod writer;

/// The current time. `now()` is the start of the transaction, which may have run or waited for minutes.
fn clock() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>> {
    diesel::dsl::sql("clock_timestamp()")
}
