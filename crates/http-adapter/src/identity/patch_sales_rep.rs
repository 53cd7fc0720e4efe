use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::Role;

use super::people;
use super::person_body::SalesRepPatchBody;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody};

/// Change a sales representative
///
/// A JSON merge patch (RFC 7396). `state` disables and enables; disabling ends every token they have, for good. A `capacity` below what they serve takes no shop away.
#[utoipa::path(
    tag = "People",
    operation_id = "updateSalesRep",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Their id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the person as they were read, or their `version` in double quotes"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = SalesRepPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "As they are now", body = SalesRepDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such sales representative", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else has some of it, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "They have been changed since", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/sales-reps/{id}")]
pub(super) async fn patch_sales_rep(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    people::patch(&request, &api, &caller, (Role::SalesRep, &id), body).await
}
