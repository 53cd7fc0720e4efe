use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;

use super::handlers;
use super::person_dto::AdminDto;
use crate::shared::{Caller, Problem};

/// Disable an administrator
///
/// The user can no longer log in, and all of their tokens are permanently revoked. No other data is deleted;
/// `PATCH` with `state` enables the user again.
#[utoipa::path(
    tag = "People",
    operation_id = "disableUser",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "versioned"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
    ),
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`)", body = AdminDto),
        (status = 204, description = "Disabled"),
        (status = 409, description = "The caller cannot disable their own account"),
    )
)]
#[delete("/admin/users/{id}")]
pub(super) async fn delete_user(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    handlers::disable(&request, &api, &caller, (Role::Admin, &id)).await
}
