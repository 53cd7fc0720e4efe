//! Counts of the requests of users.

mod reader;
mod retention;
mod rows;
mod writer;

pub(crate) use retention::ACTIVITY;
