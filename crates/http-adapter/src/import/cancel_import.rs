use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::ImportApi;
use haat_application::shared::Permission;

use super::dto::ImportDto;
use super::{asked, import_id, plain};
use crate::shared::{Caller, NoParams, Problem, ProblemBody, answer_of, receipt};

/// Cancel an import
///
/// Stops it, where the rows that are just being written end. What was written before stays, and can be taken back with undo.
/// Cancelling twice changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "cancelImport",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The import"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    responses(
        (status = 200, description = "The import", body = ImportDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers/imports/{id}/cancel")]
pub(super) async fn cancel_import(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let change = asked(&request)?;
    let plain = plain(&request);
    let done = api.cancel.execute(&caller.0, import_id(&id)?, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}
