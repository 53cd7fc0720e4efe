use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::ManageUsers;
use haat_domain::shared::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::handlers;
use super::person_body::NewAdminBody;
use super::person_dto::AdminDto;
use crate::shared::{Caller, JsonBody, Problem};

/// A created administrator with a one-time password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewAdmin)]
struct NewAdmin<'a> {
    #[serde(flatten)]
    person: AdminDto<'a>,
    /// One-time password. Returned only once: `null` if the request is repeated.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<&'a str>,
}

/// Create an administrator
///
/// The response has a one-time password. Until the administrator has changed it (`POST
/// /auth/change-password`), every other route returns 403 `password-change-required`.
#[utoipa::path(
    tag = "People",
    operation_id = "createUser",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body(content = NewAdminBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Result of the dry run (`validateOnly`)", body = NewAdmin),
        (status = 201, description = "Created", body = NewAdmin),
        (status = 409, description = "A value is already in use"),
    )
)]
#[post("/admin/users")]
pub(super) async fn create_user(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    handlers::create(&request, &api, &caller, Role::Admin, body).await
}
