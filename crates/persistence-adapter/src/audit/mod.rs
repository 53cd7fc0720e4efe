//! The audit log.

mod writer;

pub(crate) use writer::json;
