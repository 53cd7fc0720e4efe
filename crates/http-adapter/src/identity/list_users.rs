use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityUseCases;
use haat_domain::identity::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::people;
use super::person_dto::AdminDto;
use crate::shared::{Caller, PageInfo, Problem, ProblemBody};

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
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, username, phone or e-mail address, of any length", example = "begum"),
        ("state" = Option<String>, Query, description = "`active` or `disabled`; all if absent", example = "active"),
        ("limit" = Option<u8>, Query, description = "Rows per page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the previous page"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
    ),
    responses(
        (status = 200, description = "A page", body = AdminPage),
        (status = 304, description = "Not modified"),
        (status = 400, description = "The cursor does not belong to this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Requires permission `manage-users`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/users")]
pub(super) async fn list_users(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    people::list(&request, &api, &caller, Role::Admin).await
}
