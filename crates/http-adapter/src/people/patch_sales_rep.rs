use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;

use super::handlers;
use super::person_body::SalesRepPatchBody;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, JsonBody, Problem};

/// Update a sales rep
///
/// A JSON merge patch (RFC 7396). `state` disables and enables the sales rep; disabling permanently revokes
/// all of their tokens. A `capacity` below `assignedCount` ends no assignments.
#[utoipa::path(
    tag = "People",
    operation_id = "updateSalesRep",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
    ),
    request_body(content = SalesRepPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Updated", body = SalesRepDto),
        (status = 409, description = "A value is already in use"),
    )
)]
#[patch("/admin/sales-reps/{id}")]
pub(super) async fn patch_sales_rep(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    handlers::patch(&request, &api, &caller, (Role::SalesRep, &id), body).await
}
