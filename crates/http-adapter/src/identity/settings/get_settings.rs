use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityApi;
use haat_application::shared::{NoAnswers, Permission};

use super::dto::{SettingsDto, plain};
use crate::shared::{Caller, NoParams, Problem, ProblemBody, answer};

/// Get the settings
///
/// What the administrators of a company set of it.
#[utoipa::path(
    tag = "Settings",
    operation_id = "getSettings",
    security(("bearer" = [])),
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same")),
    responses(
        (status = 200, description = "The settings", body = SettingsDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/settings")]
pub(super) async fn get_settings(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageCompany)?;
    answer(&request, &NoAnswers, &caller.0, async || plain(&api.get_settings.execute(&caller.0).await?)).await
}
