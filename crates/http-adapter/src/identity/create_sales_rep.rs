use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::people;
use super::person_body::NewSalesRepBody;
use super::person_dto::SalesRepDto;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody};

/// A sales representative who is new.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewSalesRep)]
struct NewSalesRep<'a> {
    #[serde(flatten)]
    person: SalesRepDto<'a>,
    /// What they log in with once, to change it. Told this one time: `null` in the answer to a repetition.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<&'a str>,
}

/// Add a sales representative
///
/// The answer has a password to log in with once. Until they have changed it (`POST /auth/change-password`) every other
/// route refuses them with 403 `password-change-required`.
#[utoipa::path(
    tag = "People",
    operation_id = "createSalesRep",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = NewSalesRepBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Who would be added, with `validateOnly`", body = NewSalesRep),
        (status = 201, description = "Added", body = NewSalesRep),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Somebody else has some of it, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/sales-reps")]
pub(super) async fn create_sales_rep(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    people::create(&request, &api, &caller, Role::SalesRep, body).await
}
