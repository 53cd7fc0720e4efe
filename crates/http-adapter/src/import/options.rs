//! Options of an import, from the query or a form.

use haat_domain::import::{Duplicates, ImportMode, ImportOptions, OnError};
use haat_http_core::{Fields, parse_bool};

/// Parses the options of an import.
pub(super) fn parse_options(fields: &mut Fields) -> ImportOptions {
    let mut flag = |name| fields.optional(name, parse_bool).unwrap_or(false);
    let (dry_run, create_missing, restore_deleted) =
        (flag("dryRun"), flag("createMissing"), flag("restoreDeleted"));
    let mode = fields.word("mode", ImportMode::from_name, &["upsert", "create", "update"]);
    let on_error = fields.word("onError", OnError::from_name, &["skip", "abort"]);
    let duplicates = fields.word("duplicates", Duplicates::from_name, &["error", "last"]);
    ImportOptions {
        dry_run,
        mode: mode.unwrap_or_default(),
        on_error: on_error.unwrap_or_default(),
        create_missing,
        duplicates: duplicates.unwrap_or_default(),
        restore_deleted,
    }
}
