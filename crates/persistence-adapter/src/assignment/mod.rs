//! Who serves which shop.

mod reader;
mod rows;
mod stager;
mod statements;
mod writer;

pub use stager::PgAssignmentStager;
