use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityUseCases;
use haat_domain::identity::Role;

use super::people;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, Problem, ProblemBody};

/// Get a sales rep
///
/// Includes the number of assigned retailers and the capacity.
#[utoipa::path(
    tag = "People",
    operation_id = "getSalesRep",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
        ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
    ),
    responses(
        (status = 200, description = "The sales rep", body = SalesRepDto),
        (status = 304, description = "Not modified"),
        (status = 403, description = "Requires permission `manage-users`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/sales-reps/{id}")]
pub(super) async fn get_sales_rep(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    people::get(&request, &api, &caller, (Role::SalesRep, &id)).await
}
