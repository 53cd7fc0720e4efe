use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, ChangePasswordInput};
use haat_domain::auth::NewPassword;

use super::dto::LogInResponse;
use haat_http_core::{CallerPendingPasswordChange, OwnRequest, Problem, RequestId, RevokingCaller, body};

body! {
    /// The current and the new password of the caller.
    struct ChangePasswordBody as "ChangePasswordRequest" {
        /// The current password.
        current_password: required secret = "k7mq-x3vd-9hzp",
        /// The new password: at least 8 visible characters and at most 72 bytes, different from the current one and from
        /// the username.
        new_password: required secret NewPassword = "a much better one",
    }
}

/// Change your password
///
/// A user with a one-time password must do this before anything else. Ends all other sessions of the caller
/// and revokes all access tokens, including this one. The response has new tokens of this session. If the response is
/// lost, send the same request again within two minutes: it returns the same refresh token.
#[utoipa::path(
    tag = "Auth",
    operation_id = "changePassword",
    security(("bearer" = [])),
    request_body = ChangePasswordBody,
    responses(
        (status = 200, description = "Changed", body = LogInResponse),
    )
)]
#[post("/auth/change-password")]
pub(super) async fn change_password(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    sent: OwnRequest<RevokingCaller<CallerPendingPasswordChange>, ChangePasswordBody>,
) -> Result<HttpResponse, Problem> {
    let ChangePasswordBody { current_password: current, new_password: new } = sent.body;
    let RevokingCaller { actor, token, .. } = sent.caller;
    let input = ChangePasswordInput { token, current, new, request_id: RequestId::of(&request) };
    let logged_in = api.change_password.execute(&actor, input).await?;
    Ok(LogInResponse::from(&logged_in).respond())
}
