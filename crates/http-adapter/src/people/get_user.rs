use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;

use super::handlers;
use super::person_dto::AdminDto;
use crate::shared::{Caller, Problem};

/// Get an administrator
///
/// Disabled administrators are included.
#[utoipa::path(
    tag = "People",
    operation_id = "getUser",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
    ),
    responses(
        (status = 200, description = "The administrator", body = AdminDto),
    )
)]
#[get("/admin/users/{id}")]
pub(super) async fn get_user(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    handlers::get(&request, &api, &caller, (Role::Admin, &id)).await
}
