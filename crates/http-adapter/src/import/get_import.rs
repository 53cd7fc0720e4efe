use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::import::ImportApi;
use haat_application::shared::Permission;

use super::dto::ImportDto;
use super::{import_id, language};
use crate::shared::{Caller, NoParams, Plain, Problem, ProblemBody, read_answer};

/// One import
///
/// How far it is and what has become of its rows. `processed` is the sum of the four numbers after it, at any moment. While
/// it is `READY` (a dry run that has been through all rows), `preview` says what applying it would do and `sample` shows
/// some of its rows.
#[utoipa::path(
    tag = "Import",
    operation_id = "getImport",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The import")),
    responses(
        (status = 200, description = "The import", body = ImportDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/imports/{id}")]
pub(super) async fn get_import(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let found = api.read.one(&caller.0, import_id(&id)?).await?;
    Ok(read_answer(&request, Plain::json(&ImportDto::of_one(&found, language(&request)), None)?))
}
