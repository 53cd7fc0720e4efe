use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::{ManageUsers, Permission, WriteOptions};
use serde::Serialize;
use utoipa::ToSchema;

use super::handlers::user_id;
use super::person_dto::expose;
use crate::shared::{Caller, Problem, QueryParams, write_options};

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
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["dry-run"]))),
    params(
        ("id" = i64, Path, description = "User id", example = 7),
    ),
    responses(
        (status = 200, description = "The one-time password", body = OneTimePasswordDto),
    )
)]
#[post("/admin/users/{id}/reset-password")]
pub(super) async fn reset_password(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
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
