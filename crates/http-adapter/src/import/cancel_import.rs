use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::ImportUseCases;
use haat_application::shared::{ManageRetailers, Permission};

use super::dto::ImportDto;
use super::{import_id, import_response, write_options_of};
use crate::shared::{Caller, NoParams, Problem, stored_response, write_response};

/// Cancel an import
///
/// Stops the import after the rows that are being written. Rows that were written before are kept, and can be undone.
/// Cancelling an import again changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "cancelImport",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the import"),
    ),
    responses(
        (status = 200, description = "The import", body = ImportDto),
        (status = 409, description = "The import has ended"),
    )
)]
#[post("/admin/retailers/imports/{id}/cancel")]
pub(super) async fn cancel_import(
    request: HttpRequest,
    api: web::Data<ImportUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let write_options = write_options_of(&request)?;
    let to_response = import_response(&request);
    let result =
        api.cancel.execute(&caller.0, import_id(&id)?, &write_options, &stored_response(to_response)).await?;
    write_response(&request, result, to_response)
}
