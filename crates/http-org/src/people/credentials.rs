use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::{ManageUsers, WriteOptions};
use haat_domain::auth::NewPassword;
use haat_domain::shared::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::expose;
use haat_http_core::{ChangeRequest, Problem, ReadRequest, RequestId, deleted, no_store, respond, secret};

/// A one-time password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResetPasswordResponse)]
struct OneTimePasswordDto {
    /// Returned only once; `null` with `validateOnly`.
    #[schema(required = true, example = "k7mq-x3vd-9hzp")]
    one_time_password: Option<String>,
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
#[post("/users/{id}/reset-password")]
async fn reset_password(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ChangeRequest<ManageUsers, (), i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, options, .. } = change;
    let render =
        |password: Option<&NewPassword>| secret(&OneTimePasswordDto { one_time_password: expose(password) });
    let response = api.users.reset_password(&allowed, UserId::new(target), options, render).await?;
    Ok(no_store(respond(&request, response)))
}

/// End a user's sessions
///
/// Ends all sessions of any user of the tenant, sales reps included, and revokes all of their tokens, for
/// example after a phone was lost. The user may log in again.
#[utoipa::path(
    tag = "People",
    operation_id = "endUserSessions",
    security(("bearer" = [ManageUsers::NAME])),
    params(("id" = i64, Path, description = "User id", example = 7)),
    responses(
        (status = 204, description = "Ended"),
    )
)]
#[delete("/users/{id}/sessions")]
async fn end_sessions(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ReadRequest<ManageUsers, i64>,
) -> Result<HttpResponse, Problem> {
    let (user, options) = (UserId::new(change.target), plain(&request));
    let response = api.users.end_sessions(&change.allowed, user, &options, |()| deleted()).await?;
    Ok(respond(&request, response))
}

/// Reset a user's second factor
///
/// For any other user of the tenant who has lost the app and the recovery codes. Ends all of the user's
/// sessions. The user then logs in with the password alone, and sets up another second factor if the tenant
/// requires one.
#[utoipa::path(
    tag = "People",
    operation_id = "resetUserMfa",
    security(("bearer" = [ManageUsers::NAME])),
    params(("id" = i64, Path, description = "User id", example = 7)),
    responses(
        (status = 204, description = "The user has no second factor"),
        (status = 409, description = "The user is the caller"),
    )
)]
#[delete("/users/{id}/mfa")]
async fn reset_mfa(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    change: ReadRequest<ManageUsers, i64>,
) -> Result<HttpResponse, Problem> {
    let (user, options) = (UserId::new(change.target), plain(&request));
    let response = api.users.reset_mfa(&change.allowed, user, &options, |()| deleted()).await?;
    Ok(respond(&request, response))
}

/// Returns the options of a change that has none.
fn plain(request: &HttpRequest) -> WriteOptions {
    WriteOptions { request_id: RequestId::of(request), ..WriteOptions::default() }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(reset_password).service(end_sessions).service(reset_mfa);
}
