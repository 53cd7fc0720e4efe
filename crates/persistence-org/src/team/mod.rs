//! Teams and their members.

mod reader;
mod rows;
mod writer;
