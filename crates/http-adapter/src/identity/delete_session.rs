use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::identity::IdentityApi;
use haat_domain::identity::SessionId;

use crate::shared::{Caller, Code, NoParams, Problem, ProblemBody, RequestId};

/// End a session of mine
///
/// Logs the caller out on one device. Every token of that session is void at once.
#[utoipa::path(
    tag = "Auth",
    operation_id = "endSession",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id", example = "01910a3e-7b1c-7000-8000-0123456789ab")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, description = "The caller has no such session", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/auth/sessions/{id}")]
pub(super) async fn delete_session(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    let session = SessionId::parse(&id).ok_or(Problem::new(Code::NotFound))?;
    api.end_session.execute(&caller.0, session, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
