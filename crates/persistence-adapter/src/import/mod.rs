//! Imports of retailers from files.

mod places;
mod reader;
mod retention;
mod rows;
mod stager;
mod statements;
mod undo;
mod writer;

pub(crate) use retention::{IMPORT_FILES, READY_IMPORTS};
pub use stager::PgImportStager;
