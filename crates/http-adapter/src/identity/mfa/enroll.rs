use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::IdentityApi;
use secrecy::ExposeSecret as _;

use super::dto::{PasswordBody, SeedDto};
use crate::shared::{EnrollingCaller, JsonBody, NoParams, Problem, ProblemBody, RequestId};

/// Begin a second factor
///
/// Makes a seed for an authenticator app. Nothing changes until a code of it is shown at `POST /auth/mfa/verify`; another seed
/// takes its place. One of the few things that an administrator without a second factor may do where the company requires one.
#[utoipa::path(
    tag = "Auth",
    operation_id = "enrollMfa",
    security(("bearer" = [])),
    request_body(content = PasswordBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The seed", body = SeedDto),
        (status = 409, description = "There is one already, or the server has no key to seal seeds with", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/mfa/enroll")]
pub(super) async fn enroll(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: EnrollingCaller,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let password = fields.text("password").unwrap_or_default().into();
    fields.finish()?;
    let seed = api.enroll_mfa.execute(&caller.0, &password, RequestId::of(&request)).await?;
    let told = SeedDto { secret: seed.secret.expose_secret(), uri: seed.uri.expose_secret() };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(told))
}
