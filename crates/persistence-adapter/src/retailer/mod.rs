//! Shops.

mod bangla;
mod by_word;
mod exporter;
mod office_reader;
mod office_writer;
mod queries;
mod reader;
mod rows;
mod writer;
