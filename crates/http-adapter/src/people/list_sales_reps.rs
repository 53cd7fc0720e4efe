use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::handlers;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, PageInfo, Problem};

/// A page of sales reps.
#[derive(Serialize, ToSchema)]
#[schema(as = SalesRepPage)]
struct SalesRepPage<'a> {
    /// The sales reps, by name.
    data: Vec<SalesRepDto<'a>>,
    /// The page.
    page: PageInfo,
}

/// List sales reps
///
/// Ordered by name, with the number of assigned retailers (`assignedCount`) and the capacity
/// (`effectiveCapacity`) of each.
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesReps",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, username, phone, e-mail address or employee code, of any length", example = "uddin"),
        ("state" = Option<String>, Query, description = "`active` or `disabled`; all if absent", example = "active"),
    ),
    responses(
        (status = 200, description = "A page", body = SalesRepPage),
    )
)]
#[get("/admin/sales-reps")]
pub(super) async fn list_sales_reps(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    handlers::list(&request, &api, &caller, Role::SalesRep).await
}
