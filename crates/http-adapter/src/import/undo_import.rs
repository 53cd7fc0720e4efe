use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::{ImportUseCases, UndoneImport};
use haat_application::shared::{ManageRetailers, Permission, WriteOptions};
use haat_domain::import::UndoCounts;
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::{import_id, language, location};
use crate::shared::{
    Caller, JsonBody, JsonResponse, Language, Problem, QueryParams, stored_response, write_options,
    write_response,
};

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
#[expect(dead_code, reason = "documents the body, which is parsed as fields")]
struct UndoBody {
    /// Validate and return the result without saving.
    #[schema(rename = "validateOnly", default = false)]
    validate_only: Option<bool>,
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
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = if request.headers().contains_key(actix_web::http::header::CONTENT_TYPE) {
        let JsonBody { mut fields, bytes } = body?;
        let options = write_options(&request, &bytes, &mut query)?;
        let validate_only = fields.flag("validateOnly") || options.validate_only;
        fields.finish_with(query)?;
        WriteOptions { validate_only, ..options }
    } else {
        let options = write_options(&request, &[], &mut query)?;
        query.finish()?;
        options
    };
    let language = language(&request);
    let to_response = |undone: &UndoneImport| undo_response(undone, language);
    let result =
        api.undo.execute(&caller.0, import_id(&id)?, &write_options, &stored_response(to_response)).await?;
    write_response(&request, result, to_response)
}

fn undo_response(undone: &UndoneImport, language: Language) -> Result<JsonResponse, Problem> {
    let preview = undone.preview.map(|UndoCounts { restored, removed, changed }| UndoPreviewDto {
        restored,
        removed,
        changed,
        changed_retailers: undone.left.clone(),
    });
    let is_preview = preview.is_some();
    let import = ImportDto::new(&undone.import, language);
    let response = JsonResponse::json(&UndoneDto { import, undo_preview: preview }, None)?;
    Ok(if is_preview { response } else { response.accepted(location(&undone.import)) })
}
