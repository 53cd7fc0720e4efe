//! The sales map.

mod reader;
mod writer;
