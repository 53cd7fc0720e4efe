use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::Role;

use super::people;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, Problem, ProblemBody};

/// Disable a sales representative
///
/// They can no longer log in, and every token they have ends, for good. Nothing else of theirs goes away, and `PATCH` with
/// `state` enables them again.
#[utoipa::path(
    tag = "People",
    operation_id = "disableSalesRep",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Their id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the person as they were read, or their `version` in double quotes"),
    ),
    responses(
        (status = 200, description = "As they would be, with `validateOnly`", body = SalesRepDto),
        (status = 204, description = "Disabled, now or before"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such sales representative", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "They have been changed since", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/sales-reps/{id}")]
pub(super) async fn delete_sales_rep(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    people::disable(&request, &api, &caller, (Role::SalesRep, &id)).await
}
