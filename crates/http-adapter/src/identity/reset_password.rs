use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::IdentityUseCases;
use haat_application::shared::{Permission, WriteOptions};
use serde::Serialize;
use utoipa::ToSchema;

use super::people::user_id;
use super::person_dto::expose;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, write_options};

/// A one-time password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OneTimePassword)]
struct OneTimePasswordDto<'a> {
    /// Returned only once; `null` with `validateOnly`.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<&'a str>,
}

/// Reset a user's password
///
/// Gives any user of the tenant, sales reps included, a one-time password and revokes all of their tokens.
/// Until the user has changed it, every other route rejects the user. `Idempotency-Key` is not supported: the
/// response is not stored, and a repetition creates another password.
#[utoipa::path(
    tag = "People",
    operation_id = "resetPassword",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
    ),
    responses(
        (status = 200, description = "The one-time password", body = OneTimePasswordDto),
        (status = 403, description = "Requires permission `manage-users`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/users/{id}/reset-password")]
pub(super) async fn reset_password(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options =
        WriteOptions { idempotent_request: None, ..write_options(&request, &[], &mut query)? };
    query.finish()?;
    let password = api.reset_password.execute(&caller.0, user_id(&id)?, &write_options).await?;
    let response = OneTimePasswordDto { one_time_password: expose(password.as_ref()) };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(response))
}
