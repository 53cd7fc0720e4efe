use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::import::ImportUseCases;
use haat_application::shared::{ManageRetailers, Permission};

use super::dto::ImportDto;
use super::{import_id, language};
use crate::shared::{Caller, JsonResponse, NoParams, Problem, read_response};

/// Get an import
///
/// Returns the state and row counts of an import. `processed` is always the sum of the four counts after it. In the
/// state `READY` (a dry run that has checked all rows), `preview` has the counts that applying would produce, and
/// `sample` has some of the rows.
#[utoipa::path(
    tag = "Import",
    operation_id = "getImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the import")),
    responses(
        (status = 200, description = "The import", body = ImportDto),
    )
)]
#[get("/admin/retailers/imports/{id}")]
pub(super) async fn get_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let found = api.read.one(&caller.0, import_id(&id)?).await?;
    Ok(read_response(&request, JsonResponse::json(&ImportDto::of_one(&found, language(&request)), None)?))
}
