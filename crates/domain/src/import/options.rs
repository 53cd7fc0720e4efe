//! The options of an import.

use crate::shared::words;

/// The retailers that the rows of a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportMode {
    /// New retailers are created, existing ones updated.
    #[default]
    Upsert,
    /// New retailers only; an existing uid is an error.
    Create,
    /// Existing retailers only; an unknown uid is an error.
    Update,
}

/// The effect of a row with an error on the import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// The row is skipped.
    #[default]
    Skip,
    /// Nothing is written. Decided after all rows have been checked.
    Abort,
}

/// The handling of rows with the same uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// All of them are errors, because the intended row is unknown.
    #[default]
    Error,
    /// The last row counts, regardless of errors in the earlier rows.
    Last,
}

words!(ImportMode { Upsert = "upsert", Create = "create", Update = "update" });
words!(OnError { Skip = "skip", Abort = "abort" });
words!(Duplicates { Error = "error", Last = "last" });

/// The options of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// True to stop after the check of all rows, before anything is written.
    pub dry_run: bool,
    /// The retailers that the rows may name.
    pub mode: ImportMode,
    /// The effect of a row with an error.
    pub on_error: OnError,
    /// True to create places that are not on the map.
    pub create_missing: bool,
    /// The handling of rows with the same uid.
    pub duplicates: Duplicates,
    /// True if rows may name deleted retailers, which restores them.
    pub restore_deleted: bool,
}
