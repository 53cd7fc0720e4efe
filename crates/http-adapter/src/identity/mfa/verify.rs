use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::IdentityApi;
use secrecy::ExposeSecret;

use super::code_of;
use super::dto::{CodeBody, EnabledDto};
use crate::identity::dto::LogInResponse;
use crate::shared::{EnrollingCaller, JsonBody, NoParams, Problem, ProblemBody, RequestId};

/// Turn the second factor on
///
/// Shows that the app has the seed of `POST /auth/mfa/enroll`. From now on a login asks for a code; every other session of the
/// caller ends, and every access token, this one too. The answer has a new one, and the recovery codes; the refresh token of
/// this session is still good.
#[utoipa::path(
    tag = "Auth",
    operation_id = "verifyMfa",
    security(("bearer" = [])),
    request_body(content = CodeBody, content_type = "application/json"),
    responses(
        (status = 200, description = "On", body = EnabledDto),
        (status = 409, description = "There is one already, or none was begun", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/mfa/verify")]
pub(super) async fn verify(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: EnrollingCaller,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let code = code_of(&mut fields);
    fields.finish()?;
    let enabled = api.verify_mfa.execute(&caller.0, code.as_ref(), RequestId::of(&request)).await?;
    let told = EnabledDto {
        logged_in: LogInResponse::from(&enabled.logged_in),
        recovery_codes: enabled.recovery_codes.iter().map(ExposeSecret::expose_secret).collect(),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(told))
}
