//! Users and what they log in with.

mod guard;
mod reader;
mod rows;
mod writer;
