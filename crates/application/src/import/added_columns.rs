//! The columns that an error file adds to those of the original. A corrected error file is imported again, so imports
//! ignore them.

use crate::shared::Record;

/// The columns added to those of the original.
pub(super) const ADDED_COLUMNS: [&str; 5] = ["row", "code", "field", "message", "message_bn"];

/// Returns the positions of the columns that an error file adds: the last occurrence of each name, or none
/// unless all names occur.
pub(super) fn added_columns(header: &Record<'_>) -> Vec<usize> {
    let last = |name: &&str| (0..header.len()).rev().find(|place| header.shown(*place).trim() == *name);
    ADDED_COLUMNS.iter().map(last).collect::<Option<_>>().unwrap_or_default()
}
