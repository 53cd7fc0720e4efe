use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::{ImportUseCases, UndoneImport};
use haat_application::shared::{ManageRetailers, Rendered, WriteOptions};
use haat_domain::import::{ImportId, UndoCounts};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::location;
use haat_http_core::job::language;
use haat_http_core::{Body, ChangeRequest, Fields, Language, Problem, accepted, respond, updated};

/// An import that is being undone, or the preview of an undo.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportUndoResult)]
struct UndoneDto {
    #[serde(flatten)]
    import: ImportDto,
    /// The preview of the undo, for `validateOnly`; otherwise `null`.
    #[schema(required = true)]
    undo_preview: Option<UndoPreviewDto>,
}

/// The counts of an undo that has not been applied.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UndoPreview)]
struct UndoPreviewDto {
    /// Retailers that would be restored to their previous values.
    restored: i64,
    /// Retailers created by the import that would be removed.
    removed: i64,
    /// Retailers changed since the import, which would keep their values.
    changed: i64,
    /// Uids of the changed retailers, at most 10,000.
    changed_retailers: Vec<String>,
}

/// The options of an undo.
#[derive(ToSchema)]
#[schema(as = UndoImportBody)]
struct UndoBody {
    /// Validate and return the result without saving.
    #[schema(rename = "validateOnly", value_type = Option<bool>, default = false)]
    validate_only: bool,
}

impl Body for UndoBody {
    type Value = Self;

    fn is_present(request: &HttpRequest) -> bool {
        request.headers().contains_key(CONTENT_TYPE)
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { validate_only: fields.flag("validateOnly") })
    }
}

/// Undo an import
///
/// Starts a job that restores the retailers that the import changed and removes those that it created. Retailers that
/// have changed since keep their values and are listed in `undo.changedRetailers`. The result is compared with the
/// previous values, retailer by retailer; then `undo.finished` is `true` and the state is `UNDONE`. Undoing an import
/// again changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "undoImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the import"),
    ),
    request_body(content = Option<UndoBody>),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = UndoneDto),
        (status = 202, description = "Accepted; follow the import at `Location`", body = UndoneDto),
        (status = 409, description = "The import has not ended or has written nothing, a later import is being undone"),
    )
)]
#[post("/admin/retailers/imports/{id}/undo")]
pub(super) async fn undo_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    change: ChangeRequest<ManageRetailers, UndoBody, i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, body, options } = change;
    let options = WriteOptions { validate_only: options.validate_only || body.validate_only, ..options };
    let language = language(&request);
    let render = |undone: &UndoneImport| render(&options, undone, language);
    Ok(respond(&request, api.undo.execute(&allowed, ImportId::new(target), &options, render).await?))
}

fn render(options: &WriteOptions, undone: &UndoneImport, language: Language) -> Rendered {
    let undo_preview = undone.preview.map(|UndoCounts { restored, removed, changed }| UndoPreviewDto {
        restored,
        removed,
        changed,
        changed_retailers: undone.left.clone(),
    });
    let dto = UndoneDto { import: ImportDto::new(&undone.import, language), undo_preview };
    if dto.undo_preview.is_some() {
        updated(options, &dto, None)
    } else {
        accepted(&dto, location(&undone.import))
    }
}
