//! Imports: files of retailers that are written to the pool.

mod columns;
mod model;
mod options;
mod ports;

pub use columns::{Column, Columns};
pub use model::{
    ErrorGroup, ErrorGroups, FailedUid, Import, ImportActor, ImportCounts, ImportError, ImportRow,
    ImportState, ImportUndo, NamedPlace, NewImport, NewPlace, NewPlaces, RowPlace, RowWarning, SampleRow,
    UndoCounts,
};
pub use options::{Duplicates, ImportMode, ImportOptions, OnError};
pub use ports::{
    Applying, Chunk, FilePart, ImportReader, ImportStage, ImportStager, ImportTx, ImportWriter, OpenStage,
};

#[cfg(feature = "mock")]
pub use ports::{MockImportReader, MockImportStage, MockImportStager, MockImportWriter};

crate::shared::ids! {
    /// An import of retailers from a file.
    ImportId,
}
