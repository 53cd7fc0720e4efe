use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::Role;

use super::people;
use super::person_body::AdminPatchBody;
use super::person_dto::AdminDto;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody};

/// Change an administrator
///
/// A JSON merge patch (RFC 7396). `state` disables and enables; disabling ends every token they have, for good. Nobody may disable themselves.
#[utoipa::path(
    tag = "People",
    operation_id = "updateUser",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Their id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the person as they were read, or their `version` in double quotes"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = AdminPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "As they are now", body = AdminDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such administrator", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else has some of it, it is yourself whom you would disable, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "They have been changed since", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/users/{id}")]
pub(super) async fn patch_user(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    people::patch(&request, &api, &caller, (Role::Admin, &id), body).await
}
