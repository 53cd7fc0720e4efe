use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::IdentityApi;

use super::code_of;
use super::dto::DisableBody;
use crate::identity::dto::LogInResponse;
use crate::shared::{Caller, JsonBody, NoParams, Problem, ProblemBody, RequestId};

/// Turn the second factor off
///
/// For who shows both factors; a recovery code will do. Every other session of the caller ends, and every access token, this one
/// too. The answer has a new one; the refresh token of this session is still good. For another phone or new recovery codes, turn
/// it off and set it up again; where the company requires one, nothing else can be done before.
#[utoipa::path(
    tag = "Auth",
    operation_id = "disableMfa",
    security(("bearer" = [])),
    request_body(content = DisableBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Off", body = LogInResponse),
        (status = 409, description = "There is none", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/mfa/disable")]
pub(super) async fn disable(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let password = fields.text("password").unwrap_or_default().into();
    let code = code_of(&mut fields);
    fields.finish()?;
    let request_id = RequestId::of(&request);
    let logged_in = api.disable_mfa.execute(&caller.0, &password, code.as_ref(), request_id).await?;
    Ok(LogInResponse::from(&logged_in).answer())
}
