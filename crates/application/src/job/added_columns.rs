//! The columns that an error file adds to those of the original. A corrected error file is sent again, so they are
//! ignored.

use crate::shared::{Record, column_key};

/// The columns added to those of the original.
pub(super) const ADDED_COLUMNS: [&str; 5] = ["row", "code", "field", "message", "message_bn"];

/// Returns the positions of the columns that an error file adds: the last occurrence of each name, or none
/// unless all names occur.
pub(super) fn added_columns(header: &Record<'_>) -> Vec<usize> {
    let last = |name: &&str| (0..header.len()).rev().find(|place| header.shown(*place).trim() == *name);
    ADDED_COLUMNS.iter().map(last).collect::<Option<_>>().unwrap_or_default()
}

/// Returns the normalized names of a header; empty for the columns that an error file adds.
pub(crate) fn column_names(header: &Record<'_>) -> Vec<String> {
    let added = added_columns(header);
    let name =
        |position| if added.contains(&position) { "" } else { header.cell(position).unwrap_or_default() };
    (0..header.len()).map(|position| column_key(name(position))).collect()
}
