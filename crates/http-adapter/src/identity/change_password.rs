use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::{ChangePasswordInput, IdentityApi};
use haat_domain::identity::NewPassword;
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::LogInResponse;
use crate::shared::{JsonBody, LimitedCaller, NoParams, Problem, RequestId};

/// The password somebody has and the one they want.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePasswordRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
struct ChangePasswordBody {
    /// The password they have.
    #[schema(example = "k7mq-x3vd-9hzp", format = Password)]
    current_password: String,
    /// The password from now on: 8 to 72 bytes, another than the current one.
    #[schema(min_length = 8, example = "a much better one", format = Password)]
    new_password: String,
}

/// Change my password
///
/// The one thing that somebody with a one-time password may do. Every other session of the caller ends, and every access
/// token, this one too. The answer has a new one; the refresh token of this session is still good.
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
    api: web::Data<IdentityApi>,
    caller: LimitedCaller,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let current = fields.text("currentPassword");
    let new = fields.required("newPassword", |text| NewPassword::parse(text.to_owned().into()));
    fields.finish()?;
    let (Some(current), Some(new)) = (current, new) else {
        return Err(Problem::internal("a required member was neither read nor refused"));
    };
    let input = ChangePasswordInput { current: current.into(), new, request_id: RequestId::of(&request) };
    let logged_in = api.change_password.execute(&caller.0, input).await?;
    Ok(LogInResponse::from(&logged_in).answer())
}
