//! Shops.

mod bangla;
mod queries;
mod reader;
mod rows;
mod writer;
