//! The sales map.

mod reader;
