//! The audit log.

mod reader;
mod writer;

pub(crate) use writer::json;
