use haat_application::import::{FoundImport, failure_message, row_message};
use haat_domain::import::{
    Import, ImportCounts, ImportOptions, ImportState, ImportUndo, NamedPlace, NewPlaces, SampleRow,
};
use haat_domain::shared::{BatchId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::job::FailureDto;
use haat_http_core::{Language, Timestamp, in_language};

/// An import of a file of retailers, and its progress.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Import)]
pub(super) struct ImportDto {
    /// Id.
    id: i64,
    /// `QUEUED`, `VALIDATING` (rows are being checked), `READY` (a dry run that can be applied), `APPLYING`,
    /// `SUCCEEDED`, `PARTIAL` (all rows except those with errors), `FAILED` (the file was rejected), `CANCELLED` or
    /// `UNDONE`.
    #[schema(example = "SUCCEEDED")]
    state: &'static str,
    /// Name of the file, as uploaded.
    #[schema(required = true, example = "retailers.csv")]
    file_name: Option<String>,
    /// Uncompressed size, in bytes.
    size_bytes: i64,
    /// The row counts.
    rows: RowsDto,
    /// The options of the import.
    options: OptionsDto,
    /// Warnings: anomalies of the file that are not errors.
    warnings: Vec<WarningDto>,
    /// The reason why the file was rejected; `null` unless `FAILED`.
    #[schema(required = true)]
    failure: Option<FailureDto>,
    /// The counts that applying the import would produce, as far as known, or would have produced; `null` unless
    /// `READY`, or `FAILED` because of its rows.
    #[schema(required = true)]
    preview: Option<CountsDto>,
    /// The errors by column, code and value; `null` in lists and events, and until the rows are checked.
    #[schema(required = true)]
    errors: Option<ErrorsDto>,
    /// Some of the rows; `null` unless `READY`.
    #[schema(required = true)]
    sample: Option<Vec<SampleDto>>,
    /// The missing places that the import creates or has created; `null` without `createMissing`, until they are known,
    /// and in lists and events.
    #[schema(required = true)]
    new_places: Option<NewPlacesDto>,
    /// The undo of the import; `null` until it has started.
    #[schema(required = true)]
    undo: Option<UndoDto>,
    /// Id of the batch of changes, as in the audit log; `null` until the import writes.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// Id of the user who uploaded the file; `null` for the operator at the command line.
    #[schema(required = true)]
    requested_by: Option<i64>,
    /// The time of the upload.
    created_at: Timestamp,
    /// The time at which processing started.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// The time at which processing ended.
    #[schema(required = true)]
    finished_at: Option<Timestamp>,
}

/// Row counts of a file, without the header.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportRows)]
pub(super) struct RowsDto {
    /// Rows found so far; all rows once the import is no longer `VALIDATING`.
    total: i64,
    /// Processed rows: `created` + `updated` + `unchanged` + `failed`.
    processed: i64,
    #[serde(flatten)]
    counts: CountsDto,
}

/// Counts of rows by result.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportCounts)]
pub(super) struct CountsDto {
    /// Rows that created a retailer.
    created: i64,
    /// Rows that changed or restored a retailer.
    updated: i64,
    /// Rows that matched the stored data or were superseded by a later row.
    unchanged: i64,
    /// Rows with an error.
    failed: i64,
}

/// The options of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportOptions)]
pub(super) struct OptionsDto {
    /// True if the import stops after the check, in the state `READY`.
    dry_run: bool,
    /// The retailers that rows may name: `upsert`, `create` or `update`.
    #[schema(example = "upsert")]
    mode: &'static str,
    /// The treatment of rows with errors: `skip` them, or `abort` the import.
    #[schema(example = "skip")]
    on_error: &'static str,
    /// True to create places that do not exist.
    create_missing: bool,
    /// The treatment of rows that repeat a uid: `error` rejects them, `last` uses the last one.
    #[schema(example = "error")]
    duplicates: &'static str,
    /// True to restore deleted retailers that rows name.
    restore_deleted: bool,
}

/// A warning.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportWarning)]
pub(super) struct WarningDto {
    /// A stable code: `extra-columns`, for columns that are ignored; `comma-in-route`, as routes are separated by `;` or `|`;
    /// `shared-phone`, for a phone number that several rows have.
    #[schema(example = "extra-columns")]
    code: String,
    /// The affected columns, by the names in the file.
    columns: Vec<String>,
    /// The number of affected rows; `null` for `extra-columns`.
    #[schema(required = true)]
    rows: Option<i64>,
    /// Up to 5 of the values.
    examples: Vec<String>,
}

/// The errors of the rows.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportErrors)]
pub(super) struct ErrorsDto {
    /// The number of groups.
    total: i64,
    /// The 50 largest groups, the largest first.
    groups: Vec<ErrorGroupDto>,
}

/// Rows with the same error in the same value.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportErrorGroup)]
pub(super) struct ErrorGroupDto {
    /// The column by its own name, such as `phone`; `row` for the whole row.
    #[schema(example = "phone")]
    field: String,
    /// The name that the file gives to the column; `null` if it has no such column.
    #[schema(required = true, example = "Mobile")]
    column: Option<String>,
    /// A stable code.
    #[schema(example = "invalid-phone")]
    code: String,
    /// A message in the language of `Accept-Language`.
    message: String,
    /// The value, shortened to 200 characters.
    #[schema(example = "12345")]
    value: String,
    /// The number of rows.
    count: i64,
    /// The first 5 of these rows in a spreadsheet.
    rows: Vec<i64>,
}

/// A row of a dry run.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportSampleRow)]
pub(super) struct SampleDto {
    /// Row number in a spreadsheet; the header is usually 1.
    row: i64,
    /// Uid of the retailer.
    uid: String,
    /// `create`, `update` or `unchanged`.
    #[schema(example = "update")]
    action: &'static str,
    /// The columns that would change.
    changes: Vec<String>,
}

/// Places that were missing from the map.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportNewPlaces)]
pub(super) struct NewPlacesDto {
    /// The number of places.
    total: i64,
    /// The number of regions.
    regions: i64,
    /// The number of areas.
    areas: i64,
    /// The number of territories.
    territories: i64,
    /// The number of distributors.
    distributors: i64,
    /// The first 20 of each kind, in the order of the file.
    sample: Vec<NewPlaceDto>,
}

/// A place that was missing from the map.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportNewPlace)]
pub(super) struct NewPlaceDto {
    /// `region`, `area`, `territory` or `distributor`.
    #[schema(example = "territory")]
    kind: String,
    /// The region of an area or a territory, existing or new.
    #[schema(required = true)]
    region: Option<String>,
    /// The area of a territory, existing or new.
    #[schema(required = true)]
    area: Option<String>,
    /// Name.
    #[schema(example = "New Town")]
    name: String,
}

/// The undo of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportUndo)]
pub(super) struct UndoDto {
    /// Id of the batch that undoes the import.
    batch_id: i64,
    #[serde(flatten)]
    progress: UndoProgressDto,
    /// Uids of retailers changed since the import, which keep their values; at most 10,000; `null` in lists and events.
    #[schema(required = true)]
    changed_retailers: Option<Vec<String>>,
}

/// The progress of an undo.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportUndoProgress)]
pub(super) struct UndoProgressDto {
    /// Retailers restored to their previous values.
    restored: i64,
    /// Retailers created by the import and removed by the undo.
    removed: i64,
    /// Retailers changed since the import, which keep their values.
    changed: i64,
    /// `true` once the undo is complete and the restored values have been verified.
    finished: bool,
}

impl ImportDto {
    /// Builds the short form, for lists and responses to changes.
    pub(super) fn new(import: &Import, language: Language) -> Self {
        Self {
            id: import.id.get(),
            state: import.state.as_str(),
            file_name: import.file_name.clone(),
            size_bytes: import.size,
            rows: RowsDto::from(import),
            options: import.options.into(),
            warnings: warnings(import),
            failure: import
                .failure
                .as_ref()
                .zip(failure_message(import))
                .map(|(code, message)| FailureDto::new(code, &import.failure_columns, &message, language)),
            preview: import
                .preview
                .filter(|_| matches!(import.state, ImportState::Ready | ImportState::Failed))
                .map(CountsDto::from),
            errors: None,
            sample: None,
            new_places: None,
            undo: import.undo.map(|undo| UndoDto {
                batch_id: undo.batch.get(),
                progress: undo.into(),
                changed_retailers: None,
            }),
            batch_id: import.batch.map(BatchId::get),
            requested_by: import.actor.map(UserId::get),
            created_at: Timestamp(import.created_at),
            started_at: import.started_at.map(Timestamp),
            finished_at: import.finished_at.map(Timestamp),
        }
    }

    /// Builds the full form, with sample, new places and changed retailers.
    pub(super) fn of_one(found: &FoundImport, language: Language) -> Self {
        let mut import = Self::new(&found.import, language);
        if found.import.state == ImportState::Ready {
            import.sample = Some(found.sample.iter().map(SampleDto::from).collect());
        }
        import.errors = found.import.columns.map(|_| ErrorsDto::of(found, language));
        import.new_places = found.new_places.as_ref().map(NewPlacesDto::from);
        if let Some(undo) = &mut import.undo {
            undo.changed_retailers = Some(found.left.clone());
        }
        import
    }
}

/// The warnings about the columns and the rows of a file.
fn warnings(import: &Import) -> Vec<WarningDto> {
    let extra = &import.extra_columns;
    let extra = (!extra.is_empty()).then(|| WarningDto {
        code: "extra-columns".to_owned(),
        columns: extra.clone(),
        rows: None,
        examples: Vec::new(),
    });
    let of_rows = import.warnings.iter().map(|warning| {
        let column = if warning.code == "shared-phone" { "phone" } else { "routes" };
        let given = import.column_headers.get(column).cloned();
        WarningDto {
            code: warning.code.clone(),
            columns: vec![given.unwrap_or_else(|| column.to_owned())],
            rows: Some(warning.rows),
            examples: warning.examples.clone(),
        }
    });
    extra.into_iter().chain(of_rows).collect()
}

impl ErrorsDto {
    fn of(found: &FoundImport, language: Language) -> Self {
        let groups = found.errors.largest.iter().map(|group| {
            let message = row_message(&group.code, &group.field);
            ErrorGroupDto {
                field: group.field.clone(),
                column: found.import.column_headers.get(&group.field).cloned(),
                code: group.code.clone(),
                message: in_language(&message, language).to_owned(),
                value: group.value.clone(),
                count: group.count,
                rows: group.sheet_rows.clone(),
            }
        });
        Self { total: found.errors.total, groups: groups.collect() }
    }
}

impl From<&Import> for RowsDto {
    fn from(import: &Import) -> Self {
        Self { total: import.total, processed: import.counts.processed(), counts: import.counts.into() }
    }
}

impl From<ImportCounts> for CountsDto {
    fn from(ImportCounts { created, updated, unchanged, failed }: ImportCounts) -> Self {
        Self { created, updated, unchanged, failed }
    }
}

impl From<ImportOptions> for OptionsDto {
    fn from(options: ImportOptions) -> Self {
        Self {
            dry_run: options.dry_run,
            mode: options.mode.as_str(),
            on_error: options.on_error.as_str(),
            create_missing: options.create_missing,
            duplicates: options.duplicates.as_str(),
            restore_deleted: options.restore_deleted,
        }
    }
}

impl From<&SampleRow> for SampleDto {
    fn from(row: &SampleRow) -> Self {
        let action = match (row.exists, row.changes.is_empty()) {
            (false, _) => "create",
            (true, false) => "update",
            (true, true) => "unchanged",
        };
        Self { row: row.sheet_row, uid: row.uid.clone(), action, changes: row.changes.clone() }
    }
}

impl From<&NewPlaces> for NewPlacesDto {
    fn from(new: &NewPlaces) -> Self {
        let place = |NamedPlace { kind, region, area, name }| NewPlaceDto { kind, region, area, name };
        let NewPlaces { regions, areas, territories, distributors, ref sample } = *new;
        let total = new.total();
        let sample = sample.iter().cloned().map(place).collect();
        Self { total, regions, areas, territories, distributors, sample }
    }
}

impl From<ImportUndo> for UndoProgressDto {
    fn from(undo: ImportUndo) -> Self {
        let counts = undo.counts;
        Self {
            restored: counts.restored,
            removed: counts.removed,
            changed: counts.changed,
            finished: undo.finished,
        }
    }
}
