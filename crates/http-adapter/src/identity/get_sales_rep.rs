use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::identity::Role;

use super::people;
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
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    people::get(&request, &api, &caller, (Role::SalesRep, &id)).await
}
