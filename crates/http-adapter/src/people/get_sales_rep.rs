use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;

use super::handlers;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, Problem};

/// Get a sales rep
///
/// Includes the number of assigned retailers and the capacity.
#[utoipa::path(
    tag = "People",
    operation_id = "getSalesRep",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
    ),
    responses(
        (status = 200, description = "The sales rep", body = SalesRepDto),
    )
)]
#[get("/admin/sales-reps/{id}")]
pub(super) async fn get_sales_rep(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    handlers::get(&request, &api, &caller, (Role::SalesRep, &id)).await
}
