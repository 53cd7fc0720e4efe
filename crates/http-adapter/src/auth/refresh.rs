use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, RefreshInput};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::LogInResponse;
use crate::shared::{JsonBody, NoParams, Problem, RequestId, client_of};

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefreshRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
struct RefreshBody {
    /// The most recently issued refresh token.
    #[schema(example = "hrt_AAAAAAAAAAEBkQ…", format = Password)]
    refresh_token: String,
}

/// Refresh the tokens
///
/// Exchanges a refresh token for a new access token and the next refresh token. If the response is lost, send
/// the same request again: it returns the same new refresh token. Once the new token has been used, sending
/// the old one ends the session, because the old token may have been stolen. A session that is not refreshed for 60 days
/// ends. Also available at `/auth/refresh-token`.
#[utoipa::path(
    tag = "Auth",
    operation_id = "refreshTokens",
    request_body(content = RefreshBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Refreshed", body = LogInResponse),
        (status = 401, description = "The refresh token is invalid, or its session has ended"),
        (status = 503, description = "Temporarily unavailable"),
    )
)]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let token = fields.text("refreshToken").unwrap_or_default();
    fields.finish()?;
    let (client, request_id) = (client_of(&request), RequestId::of(&request));
    let logged_in = api.refresh.execute(RefreshInput { token: token.into(), client, request_id }).await?;
    Ok(LogInResponse::from(&logged_in).respond())
}
