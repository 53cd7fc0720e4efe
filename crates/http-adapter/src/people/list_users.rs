use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::handlers;
use super::person_dto::AdminDto;
use crate::shared::{Caller, PageInfo, Problem};

/// A page of administrators.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminPage)]
struct AdminPage<'a> {
    /// The administrators, by name.
    data: Vec<AdminDto<'a>>,
    /// The page.
    page: PageInfo,
}

/// List administrators
///
/// Ordered by name.
#[utoipa::path(
    tag = "People",
    operation_id = "listUsers",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, username, phone or e-mail address, of any length", example = "begum"),
        ("state" = Option<String>, Query, description = "`active` or `disabled`; all if absent", example = "active"),
    ),
    responses(
        (status = 200, description = "A page", body = AdminPage),
    )
)]
#[get("/admin/users")]
pub(super) async fn list_users(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    handlers::list(&request, &api, &caller, Role::Admin).await
}
