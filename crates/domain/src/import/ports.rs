use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Columns, FailedRow, Import, ImportActor, ImportCounts, ImportError, ImportOptions, ImportRow,
    ImportState, NewImport, NewPlace, NewPlaces, SampleRow, UndoCounts,
};
use crate::job::Attempt;
use crate::shared::{BatchId, ChangeTx, ImportId, Page, PageRequest, StorageFailure, TenantId};

/// Reads imports.
///
/// All of it fails with [`StorageFailure`] when the storage could not answer.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportReader: Send + Sync {
    /// An import.
    async fn find(&self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StorageFailure>;

    /// Imports, the newest first.
    async fn list(
        &self,
        tenant: TenantId,
        page: &PageRequest<ImportId>,
    ) -> Result<Page<Import, ImportId>, StorageFailure>;

    /// Rows with errors that come after this one, in order: at most so many.
    async fn failed_rows(
        &self,
        tenant: TenantId,
        import: ImportId,
        after: i64,
        most: u16,
    ) -> Result<Vec<FailedRow>, StorageFailure>;

    /// The first shops that an undo has left as they are, because somebody has changed them since: at most so many uids.
    async fn left_by_undo(
        &self,
        tenant: TenantId,
        undone: BatchId,
        most: u16,
    ) -> Result<Vec<String>, StorageFailure>;

    /// The first rows that are ready to be applied, at most so many.
    async fn sample(
        &self,
        tenant: TenantId,
        import: ImportId,
        columns: Columns,
        most: u16,
    ) -> Result<Vec<SampleRow>, StorageFailure>;

    /// The first places that the file names and the map did not have, at most so many: those that are to be created, or
    /// where that has been done (`made`) those that were.
    async fn new_places(
        &self,
        tenant: TenantId,
        import: ImportId,
        made: bool,
        most: u16,
    ) -> Result<NewPlaces, StorageFailure>;
}

/// Stages rows of a file, a chunk at a time, on a connection of its own.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportStager: Send + Sync {
    /// Begins, or goes on; `None` where the attempt has lost the job or the import was stopped. The columns are noted.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn open(
        &self,
        attempt: &Attempt,
        import: ImportId,
        columns: Columns,
        extra_columns: &[String],
    ) -> Result<Option<OpenStage>, StorageFailure>;
}

/// A stage, and the number of the last row of the file that is staged already.
pub type OpenStage = (Box<dyn ImportStage>, i64);

/// Where rows are staged.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportStage: Send {
    /// Keeps a part of the file, all of it at once or nothing; `false` where the attempt has lost the job or the import was
    /// stopped. The part is given away, so that it can be stored beside the reading of the next.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not take them.
    async fn add(&mut self, part: FilePart) -> Result<bool, StorageFailure>;
}

/// What was read of a file, up to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePart {
    /// The last row that it tells of.
    pub to: i64,
    /// Rows that can be judged.
    pub rows: Vec<ImportRow>,
    /// What is wrong with others.
    pub errors: Vec<ImportError>,
    /// Places to be created, under the numbers by which rows name them.
    pub places: Vec<(i32, NewPlace)>,
}

/// A part of a file's rows that is written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// After this row.
    pub after: i64,
    /// Up to this one.
    pub to: i64,
}

/// What an import writes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applying {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub import: ImportId,
    /// The batch it writes.
    pub batch: BatchId,
    /// Who asked for it.
    pub actor: ImportActor,
    /// The request that brought it.
    pub request_id: String,
    /// How it is to be taken.
    pub options: ImportOptions,
    /// What it says of shops.
    pub columns: Columns,
    /// Now.
    pub at: DateTime<Utc>,
}

/// Writes imports inside a transaction.
///
/// All of it fails with [`StorageFailure`] when the storage could not take it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ImportWriter: Send {
    /// Keeps a new one.
    async fn submit(&mut self, import: &NewImport) -> Result<ImportId, StorageFailure>;

    /// An import, which nobody else changes until the transaction has ended.
    async fn lock(&mut self, tenant: TenantId, import: ImportId) -> Result<Option<Import>, StorageFailure>;

    /// Looks for what is wrong with staged rows among each other and beside the pool (repeated, unknown, known and
    /// deleted uids), notes it, and counts what would become of all rows. The import is locked.
    async fn check(&mut self, tenant: TenantId, import: &Import) -> Result<ImportCounts, StorageFailure>;

    /// Waits to be applied. New places that only rows with errors name are forgotten.
    async fn ready(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        preview: ImportCounts,
    ) -> Result<(), StorageFailure>;

    /// Begins to write: gives the import a batch, and creates the places it needs, which are audited.
    async fn begin(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        actor: ImportActor,
        request_id: &str,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure>;

    /// Writes a chunk of rows: shops, what they were before, audit and change feed. What can no longer be written is
    /// noted as an error. The import's counts and checkpoint move with it. Gives what has become of the chunk's rows.
    async fn apply(&mut self, applying: &Applying, chunk: Chunk) -> Result<ImportCounts, StorageFailure>;

    /// Has come to its end, in this state, and why where it was refused. What was staged is forgotten,
    /// but the names of places that were created.
    async fn finish(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        state: ImportState,
        failure: Option<&'static str>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageFailure>;

    /// Which columns a refused file misses or has twice, by the names of the contract, which it has that mean nothing to
    /// us, and how many rows could be read.
    async fn refused_for(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        columns: &[&'static str],
        extra_columns: &[String],
        rows: i64,
    ) -> Result<(), StorageFailure>;

    /// What taking this batch back would do now, and the first shops that somebody has changed since, at most so many.
    async fn undo_preview(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
        most: i64,
    ) -> Result<(UndoCounts, Vec<String>), StorageFailure>;

    /// A later import that is being taken back and is not done yet: what it has changed cannot be told from what somebody
    /// has changed since. No other undo begins until the transaction has ended.
    async fn later_undo(
        &mut self,
        tenant: TenantId,
        undone: BatchId,
    ) -> Result<Option<ImportId>, StorageFailure>;

    /// Begins to take it back: a batch is made for that.
    async fn begin_undo(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        undone: BatchId,
        actor: ImportActor,
        at: DateTime<Utc>,
    ) -> Result<BatchId, StorageFailure>;

    /// Takes back the changes of at most so many more shops; `None` when there are no more. The counts move with it.
    /// `undone` is the batch that is taken back, that of `applying` the one that does.
    async fn undo(
        &mut self,
        applying: &Applying,
        undone: BatchId,
        most: i64,
    ) -> Result<Option<UndoCounts>, StorageFailure>;

    /// Notes why it is not taken back any further; nothing where that is begun again.
    async fn undo_failed(
        &mut self,
        tenant: TenantId,
        import: ImportId,
        why: Option<&'static str>,
    ) -> Result<(), StorageFailure>;

    /// Looks whether all that was taken back is as it was before the import, and ends the undo; gives how many shops
    /// are not.
    async fn finish_undo(&mut self, applying: &Applying, undone: BatchId) -> Result<i64, StorageFailure>;
}

/// A transaction that can change imports.
pub trait ImportTx: ChangeTx {
    /// Imports.
    fn imports(&mut self) -> &mut dyn ImportWriter;
}
