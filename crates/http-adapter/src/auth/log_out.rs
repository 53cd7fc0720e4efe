use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::auth::{AuthUseCases, EndSessionError};

use crate::shared::{CallerPendingPasswordChange, NoParams, Problem, RequestId, codes};

/// Log out
///
/// Ends the session of the access token and revokes all tokens of that session immediately.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logOut",
    security(("bearer" = [])),
    responses((status = 204, description = "Logged out"))
)]
#[post("/auth/logout")]
pub(super) async fn log_out(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    caller: CallerPendingPasswordChange,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let session = caller.0.session.ok_or(Problem::new(&codes::TOKEN_REVOKED))?;
    match api.end_session.execute(&caller.0, session, RequestId::of(&request)).await {
        // The session has been ended by another request.
        Ok(()) | Err(EndSessionError::NotFound) => Ok(HttpResponse::NoContent().finish()),
        Err(error) => Err(error.into()),
    }
}
