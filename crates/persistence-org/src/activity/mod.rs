//! Counts of the requests of users.

mod reader;
mod rows;
mod writer;
