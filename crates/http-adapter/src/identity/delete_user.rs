use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::identity::IdentityUseCases;
use haat_domain::identity::Role;

use super::people;
use super::person_dto::AdminDto;
use crate::shared::{Caller, Problem, ProblemBody};

/// Disable an administrator
///
/// The user can no longer log in, and all of their tokens are permanently revoked. No other data is deleted;
/// `PATCH` with `state` enables the user again.
#[utoipa::path(
    tag = "People",
    operation_id = "disableUser",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("If-Match" = Option<String>, Header, description = "The ETag the caller read; the request fails with 412 if it is stale"),
    ),
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`)", body = AdminDto),
        (status = 204, description = "Disabled"),
        (status = 403, description = "Requires permission `manage-users`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The caller cannot disable their own account", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "The If-Match version is stale", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/users/{id}")]
pub(super) async fn delete_user(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    people::disable(&request, &api, &caller, (Role::Admin, &id)).await
}
