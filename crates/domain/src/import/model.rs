//! A file of shops on its way into the pool.

use chrono::{DateTime, Utc};

use super::options::words;
use super::{Columns, ImportOptions};
use crate::identity::Role;
use crate::retailer::{Notes, Points, RetailerUid, Routes, ShopName};
use crate::shared::{BatchId, DistributorId, ImportId, Phone, TenantId, TerritoryId, UserId};

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Nobody works on it yet.
    Queued,
    /// Its rows are read and checked.
    Validating,
    /// All is known of what would happen; it waits to be applied.
    Ready,
    /// Its rows are written.
    Applying,
    /// Every row is in the pool.
    Succeeded,
    /// All but the rows with errors are.
    Partial,
    /// The file was refused, and nothing of it written.
    Failed,
    /// Somebody has stopped it; what was written before stays.
    Cancelled,
    /// It has been taken back.
    Undone,
}

words!(ImportState {
    Queued = "QUEUED",
    Validating = "VALIDATING",
    Ready = "READY",
    Applying = "APPLYING",
    Succeeded = "SUCCEEDED",
    Partial = "PARTIAL",
    Failed = "FAILED",
    Cancelled = "CANCELLED",
    Undone = "UNDONE"
});

impl ImportState {
    /// Whether it comes no further by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Partial | Self::Failed | Self::Cancelled | Self::Undone)
    }
}

/// What has become of an import's rows. `created + updated + unchanged + failed` is how many have been processed, at
/// any moment, and all of them in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// Made a new shop.
    pub created: i64,
    /// Changed a shop, or restored one.
    pub updated: i64,
    /// Said what was so already, or what a later row of the file says otherwise.
    pub unchanged: i64,
    /// Have an error.
    pub failed: i64,
}

impl ImportCounts {
    /// Rows that are done with.
    #[must_use]
    pub const fn processed(self) -> i64 {
        self.created + self.updated + self.unchanged + self.failed
    }
}

/// How the taking back of an import goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UndoCounts {
    /// Shops that are what they were before.
    pub restored: i64,
    /// Shops of the import that are gone.
    pub removed: i64,
    /// Shops that somebody has changed since, which stay as they are.
    pub changed: i64,
}

/// The taking back of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportUndo {
    /// The batch that takes it back.
    pub batch: BatchId,
    /// So far.
    pub counts: UndoCounts,
    /// Whether it is done, and what was undone found to be as it was before.
    pub finished: bool,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its number.
    pub id: ImportId,
    /// Who sent the file; nobody for the operator at the command line.
    pub actor: Option<UserId>,
    /// What it wrote, once it writes.
    pub batch: Option<BatchId>,
    /// How far it has come.
    pub state: ImportState,
    /// The file's name where it came from.
    pub file_name: Option<String>,
    /// The file in the store.
    pub file: String,
    /// Bytes, unpacked.
    pub size: i64,
    /// How it is to be taken.
    pub options: ImportOptions,
    /// Which columns it has, once it has been looked into.
    pub columns: Option<Columns>,
    /// Names of columns that mean nothing to us.
    pub extra_columns: Vec<String>,
    /// Why the file was refused: a stable word.
    pub failure: Option<String>,
    /// The columns for which it was refused, by the names of the contract.
    pub failure_columns: Vec<String>,
    /// Rows found so far; all of them once it is no longer validating.
    pub total: i64,
    /// The last row that is written.
    pub applied_to: i64,
    /// What has become of them.
    pub counts: ImportCounts,
    /// What will become of them as far as is known, when it is ready.
    pub preview: Option<ImportCounts>,
    /// How it is taken back, once that has begun.
    pub undo: Option<ImportUndo>,
    /// The request that brought it.
    pub request_id: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When somebody began to work on it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A file that has just been stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// Whose.
    pub tenant: TenantId,
    /// Who sent it.
    pub actor: Option<UserId>,
    /// The file's name where it came from.
    pub file_name: Option<String>,
    /// The file in the store.
    pub file: String,
    /// Bytes, unpacked.
    pub size: i64,
    /// How it is to be taken.
    pub options: ImportOptions,
    /// The request that brought it.
    pub request_id: String,
    /// Now.
    pub at: DateTime<Utc>,
}

/// Where a row says that its shop lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowPlace<Id> {
    /// In a place on the map.
    Known(Id),
    /// In one that is to be created: its number among those of the file.
    New(i32),
}

/// A row of a file in which nothing is wrong by itself. What the file has no column for stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its number, from 1; the header is none.
    pub row: i64,
    /// The shop.
    pub uid: RetailerUid,
    /// Its name.
    pub name: Option<ShopName>,
    /// Its phone.
    pub phone: Option<Phone>,
    /// The territory it lies in.
    pub territory: Option<RowPlace<TerritoryId>>,
    /// Who delivers to it.
    pub distributor: Option<RowPlace<DistributorId>>,
    /// Loyalty points.
    pub points: Points,
    /// The routes on which it is visited.
    pub routes: Routes,
    /// What is worth knowing of it.
    pub notes: Option<Notes>,
}

/// A place that a file names and the map does not have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NewPlace {
    /// A territory, in an area and a region that may be new as well. Ids where they are known, names where not.
    Territory {
        /// The region.
        region: Result<crate::shared::RegionId, String>,
        /// The area.
        area: Result<crate::shared::AreaId, String>,
        /// The territory.
        territory: String,
    },
    /// A distributor.
    Distributor(String),
}

/// The places that an import creates, or has created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewPlaces {
    /// How many there are.
    pub total: i64,
    /// The first of them, in the order of the file.
    pub sample: Vec<NamedPlace>,
}

/// A place by its name and the names of what it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlace {
    /// `territory` or `distributor`.
    pub kind: String,
    /// The region; none of a distributor.
    pub region: Option<String>,
    /// The area; none of a distributor.
    pub area: Option<String>,
    /// Its name.
    pub name: String,
}

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// Its number, from 1.
    pub row: i64,
    /// The column by the name of the contract: `uid`, `name`, `phone`, `region` …; `row` for all of it.
    pub field: &'static str,
    /// A stable word: `required`, `invalid`, `not-found`, `duplicate` …
    pub code: &'static str,
    /// What stood there, cut after 200 characters.
    pub value: String,
}

/// All that is wrong with one row, as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRow {
    /// Its number, from 1.
    pub row: i64,
    /// Columns, words and values.
    pub errors: Vec<(String, String, String)>,
}

/// Whoever writes an import's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportActor {
    /// Nobody for the operator at the command line.
    pub user: Option<(UserId, Role)>,
}

/// A row of a dry run, to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// Its number, from 1.
    pub row: i64,
    /// The shop.
    pub uid: String,
    /// Whether it is there already.
    pub exists: bool,
    /// Which columns would be changed; none where nothing would, and where it would be created.
    pub changes: Vec<String>,
}
