use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::AuthUseCases;
use secrecy::ExposeSecret as _;

use super::dto::{PasswordBody, SeedDto};
use crate::shared::{CallerEnrollingMfa, JsonBody, NoParams, Problem, RequestId};

/// Enroll a second factor
///
/// Creates a seed for an authenticator app. Nothing changes until a code is verified with `POST
/// /auth/mfa/verify`; another enrollment replaces the seed. Also available to an administrator who must set
/// up a second factor before anything else.
#[utoipa::path(
    tag = "Auth",
    operation_id = "enrollMfa",
    security(("bearer" = [])),
    request_body(content = PasswordBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The seed", body = SeedDto),
        (status = 409, description = "A second factor is already enabled, or the server has no key to encrypt seeds"),
    )
)]
#[post("/auth/mfa/enroll")]
pub(super) async fn enroll(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    caller: CallerEnrollingMfa,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let password = fields.text("password").unwrap_or_default().into();
    fields.finish()?;
    let seed = api.enroll_mfa.execute(&caller.0, &password, RequestId::of(&request)).await?;
    let response = SeedDto { secret: seed.secret.expose_secret(), uri: seed.uri.expose_secret() };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(response))
}
