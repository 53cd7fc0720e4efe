use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::identity::IdentityUseCases;
use haat_domain::identity::Role;

use super::people;
use super::person_body::AdminPatchBody;
use super::person_dto::AdminDto;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody};

/// Update an administrator
///
/// A JSON merge patch (RFC 7396). `state` disables and enables the administrator; disabling permanently
/// revokes all of their tokens. You cannot disable your own account.
#[utoipa::path(
    tag = "People",
    operation_id = "updateUser",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("If-Match" = Option<String>, Header, description = "The ETag the caller read; the request fails with 412 if it is stale"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
    ),
    request_body(content = AdminPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Updated", body = AdminDto),
        (status = 403, description = "Requires permission `manage-users`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A value is already in use, the caller would disable their own account, or a request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The If-Match version is stale", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/users/{id}")]
pub(super) async fn patch_user(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    people::patch(&request, &api, &caller, (Role::Admin, &id), body).await
}
