use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::{ImportApi, UndoneImport};
use haat_application::shared::{Change, Permission};
use haat_domain::import::UndoCounts;
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::ImportDto;
use super::{import_id, language, location};
use crate::shared::{
    Caller, JsonBody, Language, Plain, Problem, ProblemBody, QueryParams, answer_of, change, receipt,
};

/// An import that is taken back, or would be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UndoneImport)]
struct UndoneDto {
    #[serde(flatten)]
    import: ImportDto,
    /// What would be taken back, for `validateOnly`.
    #[schema(required = true)]
    undo_preview: Option<UndoPreviewDto>,
}

/// What taking back would do now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UndoPreview)]
struct UndoPreviewDto {
    /// Shops that would be what they were before.
    restored: i64,
    /// Shops of the import that would be gone.
    removed: i64,
    /// Shops that somebody has changed since, which would stay as they are.
    changed: i64,
    /// Their uids, the first 10,000.
    changed_retailers: Vec<String>,
}

/// What may be said of an undo.
#[derive(ToSchema)]
#[schema(as = UndoImportBody)]
#[expect(dead_code, reason = "describes the body, which is read as fields")]
struct UndoBody {
    /// Whether to tell what would return and what has changed since, and do nothing.
    #[schema(rename = "validateOnly", default = false)]
    validate_only: Option<bool>,
}

/// Take an import back
///
/// Makes shops that the import changed what they were before, and takes those away that it created, as a job does. Shops
/// that somebody has changed since stay as they are and are named in `undo.changedRetailers`. What was done is compared with
/// what was before, shop by shop, and then `undo.finished` is `true` and the state `UNDONE`. Taking back twice changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "undoImport",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The import"),
        ("validateOnly" = Option<bool>, Query, description = "As in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = Option<UndoBody>),
    responses(
        (status = 200, description = "What would be taken back", body = UndoneDto),
        (status = 202, description = "A job takes it back now: look at `Location`", body = UndoneDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has not ended or has written nothing, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers/imports/{id}/undo")]
pub(super) async fn undo_import(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let mut query = QueryParams::of(&request)?.0;
    let change = if request.headers().contains_key(actix_web::http::header::CONTENT_TYPE) {
        let JsonBody { mut fields, bytes } = body?;
        let asked = change(&request, &bytes, &mut query)?;
        let validate_only = fields.flag("validateOnly") || asked.validate_only;
        fields.finish_with(query)?;
        Change { validate_only, ..asked }
    } else {
        let asked = change(&request, &[], &mut query)?;
        query.finish()?;
        asked
    };
    let language = language(&request);
    let plain = |undone: &UndoneImport| plain(undone, language);
    let done = api.undo.execute(&caller.0, import_id(&id)?, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}

fn plain(undone: &UndoneImport, language: Language) -> Result<Plain, Problem> {
    let preview = undone.preview.map(|UndoCounts { restored, removed, changed }| UndoPreviewDto {
        restored,
        removed,
        changed,
        changed_retailers: undone.left.clone(),
    });
    let only_shown = preview.is_some();
    let import = ImportDto::new(&undone.import, language);
    let plain = Plain::json(&UndoneDto { import, undo_preview: preview }, None)?;
    Ok(if only_shown { plain } else { plain.accepted(location(&undone.import)) })
}
