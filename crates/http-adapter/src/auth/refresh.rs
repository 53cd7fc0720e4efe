use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, RefreshInput};

use super::dto::LogInResponse;
use haat_http_core::{AnyCaller, OwnRequest, Problem, RequestId, body, client_of};

body! {
    /// A refresh token.
    struct RefreshBody as "RefreshRequest" {
        /// The most recently issued refresh token.
        refresh_token: required secret = "hrt_AAAAAAAAAAEBkQ…",
    }
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
    request_body = RefreshBody,
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
    sent: OwnRequest<AnyCaller, RefreshBody>,
) -> Result<HttpResponse, Problem> {
    let (client, request_id) = (client_of(&request), RequestId::of(&request));
    let input = RefreshInput { token: sent.body.refresh_token, client, request_id };
    Ok(LogInResponse::from(&api.refresh.execute(input).await?).respond())
}
