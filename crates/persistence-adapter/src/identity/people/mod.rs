//! People as an administrator sees and changes them.

mod reader;
mod rows;
mod taken;
mod writer;
