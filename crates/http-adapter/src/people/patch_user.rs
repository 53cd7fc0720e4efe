use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;

use super::handlers;
use super::person_body::AdminPatchBody;
use super::person_dto::AdminDto;
use crate::shared::{Caller, JsonBody, Problem};

/// Update an administrator
///
/// A JSON merge patch (RFC 7396). `state` disables and enables the administrator; disabling permanently
/// revokes all of their tokens. You cannot disable your own account.
#[utoipa::path(
    tag = "People",
    operation_id = "updateUser",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
    ),
    request_body(content = AdminPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Updated", body = AdminDto),
        (status = 409, description = "A value is already in use, the caller would disable their own account"),
    )
)]
#[patch("/admin/users/{id}")]
pub(super) async fn patch_user(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    handlers::patch(&request, &api, &caller, (Role::Admin, &id), body).await
}
