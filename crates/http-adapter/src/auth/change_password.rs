use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, ChangePasswordInput};
use haat_domain::auth::NewPassword;
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::LogInResponse;
use crate::shared::{CallerPendingPasswordChange, JsonBody, NoParams, Problem, RequestId};

/// The current and the new password of the caller.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePasswordRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
struct ChangePasswordBody {
    /// The current password.
    #[schema(example = "k7mq-x3vd-9hzp", format = Password)]
    current_password: String,
    /// The new password: at least 8 characters and at most 72 bytes, different from the current one.
    #[schema(min_length = 8, example = "a much better one", format = Password)]
    new_password: String,
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
    request_body(content = ChangePasswordBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Changed", body = LogInResponse),
    )
)]
#[post("/auth/change-password")]
pub(super) async fn change_password(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    caller: CallerPendingPasswordChange,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let current = fields.text("currentPassword");
    let new = fields.required("newPassword", |text| NewPassword::parse(text.to_owned().into()));
    fields.finish()?;
    let (Some(current), Some(new)) = (current, new) else {
        return Err(Problem::internal("a required member was neither read nor rejected"));
    };
    let input = ChangePasswordInput { current: current.into(), new, request_id: RequestId::of(&request) };
    let logged_in = api.change_password.execute(&caller.0, input).await?;
    Ok(LogInResponse::from(&logged_in).respond())
}
