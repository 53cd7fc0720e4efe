use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::people;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, PageInfo, Problem, ProblemBody};

/// A page of sales representatives.
#[derive(Serialize, ToSchema)]
#[schema(as = SalesRepPage)]
struct SalesRepPage<'a> {
    /// They, in order.
    data: Vec<SalesRepDto<'a>>,
    /// The page.
    page: PageInfo,
}

/// Sales representatives
///
/// Everybody who sells, in order of name, with how many shops each serves (`load`) and can serve (`limit`).
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesReps",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "A part of name, username, phone, e-mail address or employee code, of any length", example = "uddin"),
        ("state" = Option<String>, Query, description = "`active` or `disabled`; everybody where it is absent", example = "active"),
        ("limit" = Option<u8>, Query, description = "The most people of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "A page", body = SalesRepPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/sales-reps")]
pub(super) async fn list_sales_reps(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    people::list(&request, &api, &caller, Role::SalesRep).await
}
