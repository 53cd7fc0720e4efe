//! Shops.

mod queries;
mod reader;
mod rows;
