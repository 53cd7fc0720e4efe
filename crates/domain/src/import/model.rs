//! The import of a file of retailers into the pool.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Columns, ImportId, ImportOptions};
use crate::retailer::{Notes, Points, RetailerName, RetailerUid, Routes};
use crate::shared::words;
use crate::shared::{BatchId, DistributorId, Phone, Role, TenantId, TerritoryId, UserId};

/// The state of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Waiting for a worker.
    Queued,
    /// The rows are being read and checked.
    Validating,
    /// The result is known, and the import waits to be applied.
    Ready,
    /// The rows are being written.
    Applying,
    /// All rows are in the pool.
    Succeeded,
    /// All rows without errors are in the pool.
    Partial,
    /// The file was rejected, and nothing was written.
    Failed,
    /// A user has stopped the import; rows written before stay.
    Cancelled,
    /// The import has been undone.
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
    /// Returns true if the import does not continue by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Partial | Self::Failed | Self::Cancelled | Self::Undone)
    }
}

/// The results of an import's rows. `created + updated + unchanged + failed` is the number of processed rows
/// at any moment, and the number of all rows at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// Rows that created a retailer.
    pub created: i64,
    /// Rows that changed or restored a retailer.
    pub updated: i64,
    /// Rows without a difference, and rows that a later row of the file overrides.
    pub unchanged: i64,
    /// Rows with an error.
    pub failed: i64,
}

impl ImportCounts {
    /// Returns the number of processed rows.
    #[must_use]
    pub const fn processed(self) -> i64 {
        self.created + self.updated + self.unchanged + self.failed
    }
}

/// The progress of the undo of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UndoCounts {
    /// Retailers restored to their earlier state.
    pub restored: i64,
    /// Retailers of the import that were removed.
    pub removed: i64,
    /// Retailers changed since the import, which stay as they are.
    pub changed: i64,
}

/// The undo of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportUndo {
    /// The batch of the undo.
    pub batch: BatchId,
    /// The counts so far.
    pub counts: UndoCounts,
    /// True if the undo is complete, and everything undone was verified to be in its earlier state.
    pub finished: bool,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The id.
    pub id: ImportId,
    /// The user who sent the file; `None` for the operator at the command line.
    pub actor: Option<UserId>,
    /// The batch of its changes, once it writes.
    pub batch: Option<BatchId>,
    /// The state.
    pub state: ImportState,
    /// The original name of the file.
    pub file_name: Option<String>,
    /// The name of the file in the store; empty once the file has been deleted.
    pub file: String,
    /// The uncompressed size in bytes.
    pub size: i64,
    /// The options.
    pub options: ImportOptions,
    /// The columns, once the header has been read.
    pub columns: Option<Columns>,
    /// The names of unknown columns.
    pub extra_columns: Vec<String>,
    /// The names that the file gives to known columns, by column.
    pub column_headers: BTreeMap<String, String>,
    /// Anomalies of the rows that are not errors, once the file is checked.
    pub warnings: Vec<RowWarning>,
    /// The reason why the file was rejected: a stable code.
    pub failure: Option<String>,
    /// The columns that caused the rejection, by their names in the contract.
    pub failure_columns: Vec<String>,
    /// The number of rows found so far; the number of all rows once validation has ended.
    pub total: i64,
    /// The last row that has been written.
    pub applied_to: i64,
    /// The results so far.
    pub counts: ImportCounts,
    /// The expected results, as far as they are known, when the import is ready.
    pub preview: Option<ImportCounts>,
    /// The undo, once it has begun.
    pub undo: Option<ImportUndo>,
    /// The id of the request that sent the file.
    pub request_id: String,
    /// The time at which the file was sent.
    pub created_at: DateTime<Utc>,
    /// The time at which a worker first started it.
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An import to be created for a file that has just been stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// The tenant.
    pub tenant: TenantId,
    /// The user who sent the file; `None` for the operator at the command line.
    pub actor: Option<UserId>,
    /// The original name of the file.
    pub file_name: Option<String>,
    /// The name of the file in the store.
    pub file: String,
    /// The uncompressed size in bytes.
    pub size: i64,
    /// The options.
    pub options: ImportOptions,
    /// The id of the request that sent the file.
    pub request_id: String,
    /// The current time.
    pub at: DateTime<Utc>,
}

/// The place that a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowPlace<Id> {
    /// A place on the map.
    Known(Id),
    /// A place to be created, by its number among the new places of the file.
    New(i32),
}

/// A row of a file that is valid by itself. Attributes for which the file has no column stay unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The row number, from 1, not counting the header and blank lines.
    pub row: i64,
    /// The row of a spreadsheet that shows the file.
    pub sheet_row: i64,
    /// The uid of the retailer.
    pub uid: RetailerUid,
    /// The name.
    pub name: Option<RetailerName>,
    /// The phone.
    pub phone: Option<Phone>,
    /// The territory it lies in.
    pub territory: Option<RowPlace<TerritoryId>>,
    /// The distributor.
    pub distributor: Option<RowPlace<DistributorId>>,
    /// Loyalty points.
    pub points: Points,
    /// The routes on which it is visited.
    pub routes: Routes,
    /// Notes.
    pub notes: Option<Notes>,
}

/// A place that a file names and that is not on the map.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NewPlace {
    /// A territory, in an area and a region that may be new as well. Known places are given by id, new ones
    /// by name.
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

/// The places that an import creates or has created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewPlaces {
    /// The number of regions.
    pub regions: i64,
    /// The number of areas.
    pub areas: i64,
    /// The number of territories.
    pub territories: i64,
    /// The number of distributors.
    pub distributors: i64,
    /// The first places of each kind, in the order of the file.
    pub sample: Vec<NamedPlace>,
}

impl NewPlaces {
    /// Returns the number of places of all kinds.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.regions + self.areas + self.territories + self.distributors
    }
}

/// A place, by its name and the names of its ancestors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlace {
    /// `region`, `area`, `territory` or `distributor`.
    pub kind: String,
    /// The region of an area or a territory.
    pub region: Option<String>,
    /// The area of a territory.
    pub area: Option<String>,
    /// The name.
    pub name: String,
}

/// An error in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// The row number, from 1, not counting the header and blank lines.
    pub row: i64,
    /// The row of a spreadsheet that shows the file.
    pub sheet_row: i64,
    /// The column by its name in the contract: `uid`, `name`, `phone`, `region` …; `row` for the whole row.
    pub field: &'static str,
    /// A stable code: `required`, `invalid`, `not-found`, `duplicate` …
    pub code: &'static str,
    /// The value in the file, truncated after 200 characters.
    pub value: String,
}

/// The uid of a row with errors, which counts when uids are compared within the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedUid {
    /// The row number, from 1, not counting the header and blank lines.
    pub row: i64,
    /// The row of a spreadsheet that shows the file.
    pub sheet_row: i64,
    /// The uid.
    pub uid: RetailerUid,
}

/// Errors of rows with the same column, code and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorGroup {
    /// The column by its name in the contract; `row` for whole rows.
    pub field: String,
    /// The error code.
    pub code: String,
    /// The value in the file, truncated after 200 characters.
    pub value: String,
    /// The number of rows.
    pub count: i64,
    /// The first of these rows in a spreadsheet.
    pub sheet_rows: Vec<i64>,
}

/// The errors of an import by column, code and value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorGroups {
    /// The total number of groups.
    pub total: i64,
    /// The largest groups, the largest first.
    pub largest: Vec<ErrorGroup>,
}

/// An anomaly of rows that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWarning {
    /// A stable code: `comma-in-route` or `shared-phone`.
    pub code: String,
    /// The number of rows.
    pub rows: i64,
    /// Some of the values.
    pub examples: Vec<String>,
}

/// The actor in whose name an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportActor {
    /// The user and their role; `None` for the operator at the command line.
    pub user: Option<(UserId, Role)>,
}

/// A sample row of a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// The row of a spreadsheet that shows the file.
    pub sheet_row: i64,
    /// The uid of the retailer.
    pub uid: String,
    /// True if the retailer already exists.
    pub exists: bool,
    /// The columns that would change; empty if nothing would change, or if the retailer would be created.
    pub changes: Vec<String>,
}
