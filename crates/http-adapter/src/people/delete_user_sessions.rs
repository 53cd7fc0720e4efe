use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::{ManageUsers, Permission};

use super::handlers::user_id;
use crate::shared::{Caller, NoParams, Problem, RequestId};

/// End a user's sessions
///
/// Ends all sessions of any user of the tenant, sales reps included, and revokes all of their tokens, for
/// example after a phone was lost. The user may log in again.
#[utoipa::path(
    tag = "People",
    operation_id = "endUserSessions",
    security(("bearer" = [ManageUsers::NAME])),
    params(("id" = i64, Path, description = "User id", example = 7)),
    responses(
        (status = 204, description = "Ended"),
    )
)]
#[delete("/admin/users/{id}/sessions")]
pub(super) async fn delete_user_sessions(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    api.end_sessions.execute(&caller.0, user_id(&id)?, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
