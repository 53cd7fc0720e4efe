use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::identity::IdentityApi;
use haat_application::shared::Permission;

use crate::identity::people::user_id;
use crate::shared::{Caller, NoParams, Problem, ProblemBody, RequestId};

/// Take a second factor away
///
/// From anybody of the company but oneself: for who has lost their app and their recovery codes. Every session of theirs ends,
/// and their password alone lets them in, to set up another one if the company requires it.
#[utoipa::path(
    tag = "People",
    operation_id = "resetUserMfa",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "Their id", example = 7)),
    responses(
        (status = 204, description = "They have none"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such user", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is yourself", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/users/{id}/mfa")]
pub(super) async fn delete_user_mfa(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManagePeople)?;
    api.reset_mfa.execute(&caller.0, user_id(&id)?, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
