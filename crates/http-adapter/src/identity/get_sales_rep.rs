use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::Role;

use super::people;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, Problem, ProblemBody};

/// One sales representative
///
/// With how many shops they serve and can serve.
#[utoipa::path(
    tag = "People",
    operation_id = "getSalesRep",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Their id", example = 7),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "They", body = SalesRepDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such sales representative", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/sales-reps/{id}")]
pub(super) async fn get_sales_rep(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    people::get(&request, &api, &caller, (Role::SalesRep, &id)).await
}
