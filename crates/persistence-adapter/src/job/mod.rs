//! Jobs.

mod queue;
mod reader;
mod rows;
mod writer;
