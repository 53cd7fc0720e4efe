//! The audit log.

mod names;
mod reader;
