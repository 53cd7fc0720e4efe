use haat_application::import::{FoundImport, failure_message};
use haat_domain::import::{
    Import, ImportCounts, ImportOptions, ImportState, ImportUndo, NamedPlace, NewPlaces, SampleRow,
};
use haat_domain::shared::{BatchId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::{Language, Text, Timestamp};

/// A file of shops, and how far it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Import)]
pub(super) struct ImportDto {
    /// Id.
    id: i64,
    /// `QUEUED`, `VALIDATING` (its rows are read and checked), `READY` (a dry run that could be applied now), `APPLYING`,
    /// `SUCCEEDED`, `PARTIAL` (all but the rows with errors), `FAILED` (the file was refused), `CANCELLED` or `UNDONE`.
    #[schema(example = "SUCCEEDED")]
    state: &'static str,
    /// The file's name where it came from.
    #[schema(required = true, example = "shops.csv")]
    file_name: Option<String>,
    /// Bytes, unpacked.
    size_bytes: i64,
    /// The rows.
    rows: RowsDto,
    /// How it was asked for.
    options: OptionsDto,
    /// What is odd about the file, and no error.
    warnings: Vec<WarningDto>,
    /// Why the file was refused; `null` unless `FAILED`.
    #[schema(required = true)]
    failure: Option<FailureDto>,
    /// What applying it would do, as far as is known, or would have done; `null` unless `READY` or `FAILED` for its rows.
    #[schema(required = true)]
    preview: Option<CountsDto>,
    /// Some of its rows; `null` unless `READY`.
    #[schema(required = true)]
    sample: Option<Vec<SampleDto>>,
    /// The places that it creates, or has created, as they were not on the map; `null` without `createMissing`, until that
    /// is known, and in lists and events.
    #[schema(required = true)]
    new_places: Option<NewPlacesDto>,
    /// How it is taken back; `null` until that has begun.
    #[schema(required = true)]
    undo: Option<UndoDto>,
    /// What it has written, as in the audit log; `null` until it writes.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// The user who sent it; `null` for the operator at the command line.
    #[schema(required = true)]
    requested_by: Option<i64>,
    /// When it was sent.
    created_at: Timestamp,
    /// When work on it began.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(required = true)]
    finished_at: Option<Timestamp>,
}

/// Rows of a file, the header not counted.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportRows)]
pub(super) struct RowsDto {
    /// Found so far; all of them once it is no longer validating.
    total: i64,
    /// Done with: the sum of the following.
    processed: i64,
    #[serde(flatten)]
    counts: CountsDto,
}

/// What has become of rows, or would.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportCounts)]
pub(super) struct CountsDto {
    /// Made a new shop.
    created: i64,
    /// Changed a shop, or restored one.
    updated: i64,
    /// Said what was so already, or what a later row says otherwise.
    unchanged: i64,
    /// Have an error.
    failed: i64,
}

/// How a file is taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportOptions)]
pub(super) struct OptionsDto {
    dry_run: bool,
    #[schema(example = "upsert")]
    mode: &'static str,
    #[schema(example = "skip")]
    on_error: &'static str,
    create_missing: bool,
    #[schema(example = "error")]
    duplicates: &'static str,
    restore_deleted: bool,
}

/// Something odd.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportWarning)]
pub(super) struct WarningDto {
    /// A stable word: `extra-columns`, which nothing was taken from.
    #[schema(example = "extra-columns")]
    code: &'static str,
    /// Of which columns.
    columns: Vec<String>,
}

/// Why a file was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportFailure)]
pub(super) struct FailureDto {
    /// A stable word: `empty-file`, `no-header`, `no-rows`, `not-csv`, `spreadsheet`, `open-quote`, `missing-column`,
    /// `repeated-column`, `rows-failed` (with `onError=abort`), `caller-ended`, `file-lost` or `internal-error`.
    #[schema(example = "missing-column")]
    code: String,
    /// The columns that are missing or there twice, if that is why.
    #[schema(example = json!(["territory"]))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<String>,
    /// The same in words, in the language of `Accept-Language`.
    detail: String,
}

/// A row of a dry run.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportSampleRow)]
pub(super) struct SampleDto {
    /// Its number; the first after the header is 1.
    row: i64,
    /// The shop.
    uid: String,
    /// `create`, `update` or `unchanged`.
    #[schema(example = "update")]
    action: &'static str,
    /// Which columns would be changed.
    changes: Vec<String>,
}

/// Places that were not on the map.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportNewPlaces)]
pub(super) struct NewPlacesDto {
    /// How many territories and distributors.
    total: i64,
    /// The first 20, in the order of the file.
    sample: Vec<NewPlaceDto>,
}

/// A place that was not on the map.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportNewPlace)]
pub(super) struct NewPlaceDto {
    /// `territory` or `distributor`.
    #[schema(example = "territory")]
    kind: String,
    /// The region that it lies in, new as well or not; `null` of a distributor.
    #[schema(required = true)]
    region: Option<String>,
    /// The area that it lies in, new as well or not; `null` of a distributor.
    #[schema(required = true)]
    area: Option<String>,
    /// Its name.
    #[schema(example = "New Town")]
    name: String,
}

/// The taking back of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportUndo)]
pub(super) struct UndoDto {
    /// The batch that takes it back.
    batch_id: i64,
    #[serde(flatten)]
    progress: UndoProgressDto,
    /// Uids of the shops that stay as they are, the first 10,000; `null` in lists and events.
    #[schema(required = true)]
    changed_retailers: Option<Vec<String>>,
}

/// How far the taking back of an import is.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ImportUndoProgress)]
pub(super) struct UndoProgressDto {
    /// Shops that are what they were before.
    restored: i64,
    /// Shops of the import that are gone.
    removed: i64,
    /// Shops that somebody has changed since, which stay as they are.
    changed: i64,
    /// Whether it is done, and what was taken back found to be as it was before.
    finished: bool,
}

impl ImportDto {
    /// As it is told of many, and to who has changed it.
    pub(super) fn new(import: &Import, language: Language) -> Self {
        let extra = &import.extra_columns;
        let warning =
            (!extra.is_empty()).then(|| WarningDto { code: "extra-columns", columns: extra.clone() });
        Self {
            id: import.id.get(),
            state: import.state.as_str(),
            file_name: import.file_name.clone(),
            size_bytes: import.size,
            rows: RowsDto::from(import),
            options: import.options.into(),
            warnings: warning.into_iter().collect(),
            failure: import.failure.as_ref().zip(failure_message(import)).map(|(code, message)| {
                let message = Text::new(message.en, message.bn);
                FailureDto {
                    code: code.clone(),
                    columns: import.failure_columns.clone(),
                    detail: message.in_language(language).to_owned(),
                }
            }),
            preview: import
                .preview
                .filter(|_| matches!(import.state, ImportState::Ready | ImportState::Failed))
                .map(CountsDto::from),
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

    /// With all that is to be seen of it.
    pub(super) fn of_one(found: &FoundImport, language: Language) -> Self {
        let mut import = Self::new(&found.import, language);
        if found.import.state == ImportState::Ready {
            import.sample = Some(found.sample.iter().map(SampleDto::from).collect());
        }
        import.new_places = found.new_places.as_ref().map(NewPlacesDto::from);
        if let Some(undo) = &mut import.undo {
            undo.changed_retailers = Some(found.left.clone());
        }
        import
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
        Self { row: row.row, uid: row.uid.clone(), action, changes: row.changes.clone() }
    }
}

impl From<&NewPlaces> for NewPlacesDto {
    fn from(new: &NewPlaces) -> Self {
        let place = |NamedPlace { kind, region, area, name }| NewPlaceDto { kind, region, area, name };
        Self { total: new.total, sample: new.sample.iter().cloned().map(place).collect() }
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
