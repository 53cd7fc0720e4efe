use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::IdentityApi;
use haat_application::shared::{Change, Permission};
use serde::Serialize;
use utoipa::ToSchema;

use super::people::user_id;
use super::person_dto::told;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, change};

/// A password to log in with once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OneTimePassword)]
struct OneTimePasswordDto<'a> {
    /// Told this one time; `null` with `validateOnly`.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<&'a str>,
}

/// Reset a password
///
/// Gives anybody of the company, representatives too, a password to log in with once and ends every token they have.
/// Until they have changed it every other route refuses them. It takes no `Idempotency-Key`: the answer is kept nowhere,
/// and sent again it makes another password.
#[utoipa::path(
    tag = "People",
    operation_id = "resetPassword",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Their id", example = 7),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
    ),
    responses(
        (status = 200, description = "The password", body = OneTimePasswordDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such user", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/users/{id}/reset-password")]
pub(super) async fn reset_password(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    let mut query = QueryParams::of(&request)?.0;
    let change = Change { once: None, ..change(&request, &[], &mut query)? };
    query.finish()?;
    let password = api.reset_password.execute(&caller.0, user_id(&id)?, &change).await?;
    let told = OneTimePasswordDto { one_time_password: told(password.as_ref()) };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(told))
}
