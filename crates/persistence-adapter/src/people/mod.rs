//! Users as administrators read and change them.

mod reader;
mod rows;
mod uniqueness;
mod writer;
