use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::{IdentityApi, RefreshInput};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::LogInResponse;
use crate::shared::{JsonBody, NoParams, Problem, ProblemBody, RequestId, client_of};

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefreshRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
struct RefreshBody {
    /// The last one that was received.
    #[schema(example = "hrt_AAAAAAAAAAEBkQ…", format = Password)]
    refresh_token: String,
}

/// Refresh my tokens
///
/// Exchanges a refresh token for a new access token and the next refresh token. If the answer is lost, send the same again:
/// it gives the same refresh token, until that one is used. From then on the old one ends the session, as two have it. A
/// session that nobody refreshes for 60 days ends. Also at `/auth/refresh-token`.
#[utoipa::path(
    tag = "Auth",
    operation_id = "refresh",
    request_body(content = RefreshBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Refreshed", body = LogInResponse),
        (status = 401, description = "Not a refresh token, or its session has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/auth/refresh")]
pub(super) async fn refresh(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    _: NoParams,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.fields;
    let token = fields.text("refreshToken").unwrap_or_default();
    fields.finish()?;
    let (client, request_id) = (client_of(&request), RequestId::of(&request));
    let logged_in = api.refresh.execute(RefreshInput { token: token.into(), client, request_id }).await?;
    Ok(LogInResponse::from(&logged_in).answer())
}
