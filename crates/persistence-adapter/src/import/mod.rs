//! Imports of retailers from files.

mod places;
mod reader;
mod rows;
mod stager;
mod statements;
mod undo;
mod writer;

pub use stager::PgImportStager;
