use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::AuthUseCases;
use secrecy::ExposeSecret;

use super::code_of;
use super::dto::{CodeBody, EnabledDto};
use crate::auth::dto::LogInResponse;
use crate::shared::{CallerEnrollingMfa, JsonBody, NoParams, Problem, RequestId};

/// Enable your second factor
///
/// Verifies with a code that the app has the seed of `POST /auth/mfa/enroll`. From then on a login requires a
/// code. Ends all other sessions of the caller and revokes all access tokens, including this one. The
/// response has a new access token and the recovery codes; the refresh token of this session remains valid.
#[utoipa::path(
    tag = "Auth",
    operation_id = "verifyMfa",
    security(("bearer" = [])),
    request_body(content = CodeBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Enabled", body = EnabledDto),
        (status = 409, description = "A second factor is already enabled, or enrollment was not started"),
    )
)]
#[post("/auth/mfa/verify")]
pub(super) async fn verify(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    caller: CallerEnrollingMfa,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let code = code_of(&mut fields);
    fields.finish()?;
    let enabled = api.verify_mfa.execute(&caller.0, code.as_ref(), RequestId::of(&request)).await?;
    let response = EnabledDto {
        logged_in: LogInResponse::from(&enabled.logged_in),
        recovery_codes: enabled.recovery_codes.iter().map(ExposeSecret::expose_secret).collect(),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(response))
}
