use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use haat_domain::import::{
    Columns, Duplicates, ErrorGroup, ErrorGroups, Import, ImportCounts, ImportId, ImportMode, ImportOptions,
    ImportState, ImportUndo, OnError, RowWarning, UndoCounts,
};
use haat_domain::shared::{BatchId, StorageFailure, UserId};
use serde_json::{Value, json};

use crate::schema::imports;
use crate::shared::inconsistent;

/// An import.
#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = imports, check_for_backend(diesel::pg::Pg))]
pub(super) struct ImportRecord {
    id: i64,
    actor_id: Option<i64>,
    batch_id: Option<i64>,
    state: String,
    file_name: Option<String>,
    object_key: String,
    size_bytes: i64,
    options: Value,
    known_columns: Option<Vec<Option<String>>>,
    extra_columns: Vec<Option<String>>,
    file_details: Value,
    failure: Option<String>,
    failure_columns: Vec<Option<String>>,
    rows_total: i64,
    rows_created: i64,
    rows_updated: i64,
    rows_unchanged: i64,
    rows_failed: i64,
    preview: Option<Value>,
    undo_batch_id: Option<i64>,
    undo_restored: i64,
    undo_removed: i64,
    undo_changed: i64,
    request_id: String,
    applied_to: i64,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<ImportRecord> for Import {
    type Error = StorageFailure;

    fn try_from(row: ImportRecord) -> Result<Self, StorageFailure> {
        let state = ImportState::from_name(&row.state)
            .ok_or_else(|| inconsistent("imports", "state", "not a state"))?;
        let undo = |batch| ImportUndo {
            batch: BatchId::new(batch),
            counts: UndoCounts {
                restored: row.undo_restored,
                removed: row.undo_removed,
                changed: row.undo_changed,
            },
            finished: state == ImportState::Undone,
        };
        Ok(Self {
            id: ImportId::new(row.id),
            actor: row.actor_id.map(UserId::new),
            batch: row.batch_id.map(BatchId::new),
            state,
            file_name: row.file_name,
            file: row.object_key,
            size: row.size_bytes,
            options: options_of(&row.options)
                .ok_or_else(|| inconsistent("imports", "options", "not import options"))?,
            columns: row
                .known_columns
                .map(|names| columns_of(&names.into_iter().flatten().collect::<Vec<_>>())),
            extra_columns: row.extra_columns.into_iter().flatten().collect(),
            column_headers: headers_of(&row.file_details),
            warnings: warnings_of(&row.file_details),
            failure: row.failure,
            failure_columns: row.failure_columns.into_iter().flatten().collect(),
            total: row.rows_total,
            applied_to: row.applied_to,
            counts: ImportCounts {
                created: row.rows_created,
                updated: row.rows_updated,
                unchanged: row.rows_unchanged,
                failed: row.rows_failed,
            },
            preview: row.preview.as_ref().map(counts_of),
            undo: row.undo_batch_id.map(undo),
            request_id: row.request_id,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
        })
    }
}

/// Options of an import, as stored.
pub(super) fn options(options: ImportOptions) -> Value {
    json!({
        "dryRun": options.dry_run,
        "mode": options.mode.as_str(),
        "onError": options.on_error.as_str(),
        "createMissing": options.create_missing,
        "duplicates": options.duplicates.as_str(),
        "restoreDeleted": options.restore_deleted,
    })
}

fn options_of(value: &Value) -> Option<ImportOptions> {
    let text = |name: &str| value.get(name)?.as_str();
    let flag = |name: &str| value.get(name)?.as_bool();
    Some(ImportOptions {
        dry_run: flag("dryRun")?,
        mode: ImportMode::from_name(text("mode")?)?,
        on_error: OnError::from_name(text("onError")?)?,
        create_missing: flag("createMissing")?,
        duplicates: Duplicates::from_name(text("duplicates")?)?,
        restore_deleted: flag("restoreDeleted")?,
    })
}

/// Counts, as stored.
pub(super) fn counts(counts: ImportCounts) -> Value {
    let ImportCounts { created, updated, unchanged, failed } = counts;
    json!({"created": created, "updated": updated, "unchanged": unchanged, "failed": failed})
}

fn counts_of(value: &Value) -> ImportCounts {
    let count = |name: &str| value.get(name).and_then(Value::as_i64).unwrap_or_default();
    ImportCounts {
        created: count("created"),
        updated: count("updated"),
        unchanged: count("unchanged"),
        failed: count("failed"),
    }
}

/// Groups of errors, as stored.
pub(super) fn error_groups_of(value: &Value) -> ErrorGroups {
    let group = |value: &Value| {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        Some(ErrorGroup {
            field: text("field")?,
            code: text("code")?,
            value: text("value")?,
            count: value.get("count")?.as_i64()?,
            sheet_rows: value.get("sheetRows")?.as_array()?.iter().filter_map(Value::as_i64).collect(),
        })
    };
    let largest = value.get("largest").and_then(Value::as_array);
    ErrorGroups {
        total: value.get("total").and_then(Value::as_i64).unwrap_or_default(),
        largest: largest.map(|rows| rows.iter().filter_map(group).collect()).unwrap_or_default(),
    }
}

/// Names that a file gives to known columns, as stored.
fn headers_of(details: &Value) -> BTreeMap<String, String> {
    let headers = details.get("headers").and_then(Value::as_object).into_iter().flatten();
    headers.filter_map(|(column, name)| Some((column.clone(), name.as_str()?.to_owned()))).collect()
}

/// Warnings, as stored.
fn warnings_of(details: &Value) -> Vec<RowWarning> {
    let warning = |value: &Value| {
        let examples = value.get("examples")?.as_array()?.iter();
        Some(RowWarning {
            code: value.get("code")?.as_str()?.to_owned(),
            rows: value.get("rows")?.as_i64()?,
            examples: examples.filter_map(|text| text.as_str().map(str::to_owned)).collect(),
        })
    };
    let rows = details.get("warnings").and_then(Value::as_array);
    rows.map(|rows| rows.iter().filter_map(warning).collect()).unwrap_or_default()
}

/// Names of the columns that a file has, as stored.
pub(super) fn column_names(columns: Columns) -> Vec<&'static str> {
    [
        ("name", columns.name),
        ("phone", columns.phone),
        ("territory", columns.territory),
        ("distributor", columns.distributor),
        ("points", columns.points),
        ("routes", columns.routes),
        ("notes", columns.notes),
    ]
    .into_iter()
    .filter_map(|(name, present)| present.then_some(name))
    .collect()
}

fn columns_of(names: &[String]) -> Columns {
    let has = |name: &str| names.iter().any(|known| known == name);
    Columns {
        name: has("name"),
        phone: has("phone"),
        territory: has("territory"),
        distributor: has("distributor"),
        points: has("points"),
        routes: has("routes"),
        notes: has("notes"),
    }
}
