//! Users and what they log in with.

mod reader;
mod rows;
mod writer;
