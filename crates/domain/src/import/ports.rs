use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Columns, ErrorGroups, FailedUid, Import, ImportActor, ImportCounts, ImportError, ImportId, ImportOptions,
    ImportRow, ImportState, NewImport, NewPlace, NewPlaces, SampleRow, UndoCounts,
};
use crate::change::ChangeTx;
use crate::job::{Attempt, FailedRow};
use crate::shared::{BatchId, Page, PageRequest, StorageFailure, TenantId};

/// Reads imports.
///
/// All methods fail with [`StorageFailure`] if the storage fails.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportReader: Send + Sync {
    /// Returns an import.
    async fn find(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StorageFailure>;

    /// Returns a page of imports, the newest first.
    async fn list(
        &self,
        tenant: TenantId,
        page: &PageRequest<ImportId>,
    ) -> Result<Page<Import, ImportId>, StorageFailure>;

    /// Returns rows with errors after the row `after`, in order, at most `most`.
    async fn failed_rows(
        &self,
        tenant: TenantId,
        import: ImportId,
        after: i64,
        most: u16,
    ) -> Result<Vec<FailedRow>, StorageFailure>;

    /// Returns the errors by column, code and value, as stored after the check and at the end.
    async fn error_groups(&self, tenant: TenantId, import: ImportId) -> Result<ErrorGroups, StorageFailure>;

    /// Returns the uids of the first retailers that an undo left unchanged because they were changed since
    /// the import, at most `most`.
    async fn unchanged_by_undo(
        &self,
        tenant: TenantId,
        undone: BatchId,
        most: u16,
    ) -> Result<Vec<String>, StorageFailure>;

    /// Returns the first rows that are ready to be applied, at most `most`.
    async fn sample(
        &self,
        tenant: TenantId,
        import: ImportId,
        columns: Columns,
        most: u16,
    ) -> Result<Vec<SampleRow>, StorageFailure>;

    /// Returns the first places of each kind that the file names and the map did not have, at most `most` of a kind: the
    /// places to be created or, if `made`, the places that were created.
    async fn new_places(
        &self,
        tenant: TenantId,
        import: ImportId,
        made: bool,
        most: u16,
    ) -> Result<NewPlaces, StorageFailure>;
}

/// Stages the rows of a file in chunks, on a connection of its own.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportStager: Send + Sync {
    /// Starts or resumes staging and records the columns, with the names that the file gives them; `None` if the attempt
    /// has lost the job or the import was stopped.
    async fn open(
        &self,
        attempt: &Attempt,
        import: ImportId,
        columns: Columns,
        extra_columns: &[String],
        column_headers: &BTreeMap<String, String>,
    ) -> Result<Option<OpenStage>, StorageFailure>;
}

/// A stage, and the number of the last row of the file that is staged already.
pub type OpenStage = (Box<dyn ImportStage>, i64);

/// A stage for rows.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportStage: Send {
    /// Stores a part of the file, all of it or nothing. Returns false if the attempt has lost the job or the
    /// import was stopped. Takes ownership of the part, so that it can be stored while the next one is read.
    async fn add(&mut self, part: FilePart) -> Result<bool, StorageFailure>;
}

/// A part of a file that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePart {
    /// The last row of the part.
    pub to: i64,
    /// The rows that are valid by themselves.
    pub rows: Vec<ImportRow>,
    /// The errors of the other rows.
    pub errors: Vec<ImportError>,
    /// The uids of the other rows, as far as they have one.
    pub failed: Vec<FailedUid>,
    /// The places to be created, by the numbers that the rows use for them.
    pub places: Vec<(i32, NewPlace)>,
}

/// A chunk of a file's rows that is written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// The row before the first row of the chunk.
    pub after: i64,
    /// The last row of the chunk.
    pub to: i64,
}

/// The context in which an import writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applying {
    /// The tenant.
    pub tenant: TenantId,
    /// The import.
    pub import: ImportId,
    /// The batch of the changes.
    pub batch: BatchId,
    /// The requester.
    pub actor: ImportActor,
    /// The id of the request.
    pub request_id: String,
    /// The options.
    pub options: ImportOptions,
    /// The attributes that the file contains.
    pub columns: Columns,
    /// The current time.
    pub at: DateTime<Utc>,
}

/// Writes imports inside a transaction.
///
/// All methods fail with [`StorageFailure`] if the storage fails.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportWriter: Send {
    /// Stores a new import.
    async fn submit(&mut self, import: &NewImport) -> Result<ImportId, StorageFailure>;

    /// Locks an import until the transaction ends, and returns it.
    async fn lock(&mut self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StorageFailure>;

    /// Checks the staged rows against each other and against the pool (repeated, unknown, existing and
    /// deleted uids), records the errors, and returns the expected results of all rows. The import must be
    /// locked.
    async fn check(&mut self, tenant: TenantId, import: &Import) -> Result<ImportCounts, StorageFailure>;

    /// Marks an import as ready to be applied. Deletes new places that only rows with errors name.
    async fn ready(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        preview: ImportCounts,
    ) -> Result<(), StorageFailure>;

    /// Starts to write: gives the import a batch, and creates the places that it needs, which are audited.
    async fn begin(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        actor: ImportActor,
        request_id: &str,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure>;

    /// Writes a chunk of rows: retailers, their earlier state, audit entries and change feed. Rows that can
    /// no longer be written are recorded as errors. The import's counts and checkpoint advance in the same
    /// transaction. Returns the results of the chunk's rows.
    async fn apply(&mut self, applying: &Applying, chunk: Chunk) -> Result<ImportCounts, StorageFailure>;

    /// Ends an import in this state, with the reason if the file was rejected. Deletes the staged data,
    /// except the names of created places.
    async fn finish(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        state: ImportState,
        failure: Option<&'static str>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Records the columns that a rejected file lacks or repeats, by their names in the contract, its unknown
    /// columns, and the number of rows that could be read.
    async fn record_rejection(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        columns: &[&'static str],
        extra_columns: &[String],
        rows: i64,
    ) -> Result<(), StorageFailure>;

    /// Returns the result that an undo of this batch would have now, and the uids of the first retailers
    /// changed since, at most `most`.
    async fn undo_preview(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
        most: i64,
    ) -> Result<(UndoCounts, Vec<String>), StorageFailure>;

    /// Returns a later import whose undo is still in progress: its changes cannot be distinguished from
    /// changes by users. No other undo can begin until the transaction ends.
    async fn later_undo(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
    ) -> Result<Option<ImportId>, StorageFailure>;

    /// Starts the undo of an import and creates a batch for it.
    async fn begin_undo(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        undone: BatchId,
        actor: ImportActor,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure>;

    /// Undoes the changes of at most `most` further retailers; `None` if there are no more. The counts
    /// advance in the same transaction. `undone` is the batch to be undone; the batch in `applying` is that
    /// of the undo.
    async fn undo(
        &mut self,
        applying: &Applying,
        undone: BatchId,
        most: i64,
    ) -> Result<Option<UndoCounts>, StorageFailure>;

    /// Records the reason why an undo has stopped, or `None` when it starts again.
    async fn undo_failed(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        why: Option<&'static str>,
    ) -> Result<(), StorageFailure>;

    /// Verifies that everything undone is as it was before the import, and ends the undo. Returns the number
    /// of retailers that are not.
    async fn finish_undo(&mut self, applying: &Applying, undone: BatchId) -> Result<i64, StorageFailure>;
}

/// The view of a transaction for the use cases of imports.
pub trait ImportTx: ChangeTx {
    /// Returns the imports.
    fn imports(&mut self) -> &mut dyn ImportWriter;
}
