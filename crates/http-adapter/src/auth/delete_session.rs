use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::auth::AuthUseCases;
use haat_domain::shared::SessionId;

use crate::shared::{Caller, NoParams, Problem, RequestId, codes};

/// End one of your sessions
///
/// Logs the caller out on one device and revokes all tokens of that session immediately.
#[utoipa::path(
    tag = "Auth",
    operation_id = "endSession",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "Session id", example = "01910a3e-7b1c-7000-8000-0123456789ab")),
    responses(
        (status = 204, description = "Ended"),
    )
)]
#[delete("/auth/sessions/{id}")]
pub(super) async fn delete_session(
    request: HttpRequest,
    api: web::Data<AuthUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let session = SessionId::parse(&id).ok_or(Problem::new(&codes::NOT_FOUND))?;
    api.end_session.execute(&caller.0, session, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
