use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, ChangePasswordInput};
use haat_domain::auth::NewPassword;

use super::dto::LogInResponse;
use haat_http_core::{CallerPendingPasswordChange, OwnRequest, Problem, RequestId, body};

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
/// and revokes all access tokens, including this one. The response has a new access token; the refresh token
/// of this session remains valid.
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
    sent: OwnRequest<CallerPendingPasswordChange, ChangePasswordBody>,
) -> Result<HttpResponse, Problem> {
    let ChangePasswordBody { current_password: current, new_password: new } = sent.body;
    let input = ChangePasswordInput { current, new, request_id: RequestId::of(&request) };
    let logged_in = api.change_password.execute(&sent.caller.0, input).await?;
    Ok(LogInResponse::from(&logged_in).respond())
}
