//! The audit log.

mod writer;

pub use writer::snapshot_json;
