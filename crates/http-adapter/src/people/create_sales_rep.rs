use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::handlers;
use super::person_body::NewSalesRepBody;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, JsonBody, Problem};

/// A created sales rep with a one-time password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewSalesRep)]
struct NewSalesRep<'a> {
    #[serde(flatten)]
    person: SalesRepDto<'a>,
    /// One-time password. Returned only once: `null` if the request is repeated.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<&'a str>,
}

/// Create a sales rep
///
/// The response has a one-time password. Until the sales rep has changed it (`POST /auth/change-password`),
/// every other route returns 403 `password-change-required`.
#[utoipa::path(
    tag = "People",
    operation_id = "createSalesRep",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body(content = NewSalesRepBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`)", body = NewSalesRep),
        (status = 201, description = "Created", body = NewSalesRep),
        (status = 409, description = "A value is already in use"),
    )
)]
#[post("/admin/sales-reps")]
pub(super) async fn create_sales_rep(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    handlers::create(&request, &api, &caller, Role::SalesRep, body).await
}
