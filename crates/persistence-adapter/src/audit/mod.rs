//! The audit log.

mod reader;
mod writer;

pub use writer::snapshot_json;
