use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::identity::IdentityApi;
use haat_application::shared::Permission;

use super::people::user_id;
use crate::shared::{Caller, NoParams, Problem, ProblemBody, RequestId};

/// Log somebody out
///
/// Ends every session of anybody of the company, representatives too, and every token they have: for a phone that was lost.
/// They may log in again.
#[utoipa::path(
    tag = "People",
    operation_id = "endUserSessions",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "Their id", example = 7)),
    responses(
        (status = 204, description = "Ended"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such user", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/users/{id}/sessions")]
pub(super) async fn delete_user_sessions(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    api.end_sessions.execute(&caller.0, user_id(&id)?, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
