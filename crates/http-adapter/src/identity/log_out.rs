use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::identity::{EndSessionError, IdentityApi};

use crate::shared::{Code, LimitedCaller, NoParams, Problem, RequestId};

/// Log out
///
/// Ends the session of the token, and with it every token of it, at once.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logOut",
    security(("bearer" = [])),
    responses((status = 204, description = "Logged out"))
)]
#[post("/auth/logout")]
pub(super) async fn log_out(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: LimitedCaller,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let session = caller.0.session.ok_or(Problem::new(Code::EndedToken))?;
    match api.end_session.execute(&caller.0, session, RequestId::of(&request)).await {
        // Somebody was faster.
        Ok(()) | Err(EndSessionError::NotFound) => Ok(HttpResponse::NoContent().finish()),
        Err(error) => Err(error.into()),
    }
}
