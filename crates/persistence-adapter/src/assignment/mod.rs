//! Who serves which shop.

mod reader;
mod rows;
mod statements;
mod writer;
