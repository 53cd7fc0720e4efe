use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::AuthUseCases;

use super::code_of;
use super::dto::DisableBody;
use crate::auth::dto::LogInResponse;
use crate::shared::{Caller, JsonBody, NoParams, Problem, RequestId};

/// Disable your second factor
///
/// Requires both factors; a recovery code is accepted. Ends all other sessions of the caller and revokes all
/// access tokens, including this one. The response has a new access token; the refresh token of this session
/// remains valid. To move to another phone or to get new recovery codes, disable the second factor and set it
/// up again; if the tenant requires one, nothing else is allowed in between.
#[utoipa::path(
    tag = "Auth",
    operation_id = "disableMfa",
    security(("bearer" = [])),
    request_body(content = DisableBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Disabled", body = LogInResponse),
        (status = 409, description = "No second factor is set up"),
    )
)]
#[post("/auth/mfa/disable")]
pub(super) async fn disable(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
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
    Ok(LogInResponse::from(&logged_in).respond())
}
