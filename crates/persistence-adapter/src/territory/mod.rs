//! The sales map.

mod aliases;
mod reader;
mod writer;
