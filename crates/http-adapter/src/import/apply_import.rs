use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::import::ImportApi;
use haat_application::shared::Permission;

use super::dto::ImportDto;
use super::{accepted, asked, import_id};
use crate::shared::{Caller, NoParams, Problem, ProblemBody, answer_of, receipt};

/// Apply an import that waits
///
/// Lets a dry run that is `READY` be written, exactly the rows that were checked; what has changed in the pool since is met
/// as it is then. Applying one that is being applied changes nothing.
#[utoipa::path(
    tag = "Import",
    operation_id = "applyImport",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The import"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    responses(
        (status = 202, description = "A job writes it now: look at `Location`", body = ImportDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such import", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is not `READY`, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/retailers/imports/{id}/apply")]
pub(super) async fn apply_import(
    request: HttpRequest,
    api: web::Data<ImportApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let change = asked(&request)?;
    let plain = accepted(&request);
    let done = api.apply.execute(&caller.0, import_id(&id)?, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}
