use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::people::PeopleUseCases;
use haat_application::shared::{ManageUsers, Permission};

use super::handlers::user_id;
use crate::shared::{Caller, NoParams, Problem, RequestId};

/// Reset a user's second factor
///
/// For any other user of the tenant who has lost the app and the recovery codes. Ends all of the user's
/// sessions. The user then logs in with the password alone, and sets up another second factor if the tenant
/// requires one.
#[utoipa::path(
    tag = "People",
    operation_id = "resetUserMfa",
    security(("bearer" = [ManageUsers::NAME])),
    params(("id" = i64, Path, description = "User id", example = 7)),
    responses(
        (status = 204, description = "The user has no second factor"),
        (status = 409, description = "The user is the caller"),
    )
)]
#[delete("/admin/users/{id}/mfa")]
pub(super) async fn delete_user_mfa(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    api.reset_mfa.execute(&caller.0, user_id(&id)?, RequestId::of(&request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
