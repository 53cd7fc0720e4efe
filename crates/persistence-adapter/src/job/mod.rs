//! Jobs.

mod queue;
mod reader;
mod rows;
mod writer;

/// The time now. `now()` is when the transaction began, which may have worked for minutes, or waited.
fn clock() -> diesel::expression::SqlLiteral<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>> {
    diesel::dsl::sql("clock_timestamp()")
}
