//! Shops.

mod bangla;
mod by_word;
mod queries;
mod reader;
mod rows;
mod writer;
