//! The audit log.

mod reader;
