use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::ImportUseCases;
use haat_application::shared::{ManageRetailers, Permission};

use super::dto::ImportDto;
use super::{accepted, import_id, write_options_of};
use crate::shared::{Caller, NoParams, Problem, stored_response, write_response};

/// Apply an import
///
/// Writes the rows of a dry run in the state `READY`, exactly as they were validated, to the pool as it is at that
/// time. Applying an import again while it is being applied changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "applyImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the import"),
    ),
    responses(
        (status = 202, description = "Accepted; follow the import at `Location`", body = ImportDto),
        (status = 409, description = "The import is not `READY`"),
    )
)]
#[post("/admin/retailers/imports/{id}/apply")]
pub(super) async fn apply_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let write_options = write_options_of(&request)?;
    let to_response = accepted(&request);
    let result =
        api.apply.execute(&caller.0, import_id(&id)?, &write_options, &stored_response(to_response)).await?;
    write_response(&request, result, to_response)
}
