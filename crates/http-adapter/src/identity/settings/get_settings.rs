use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityUseCases;
use haat_application::shared::{NoCache, Permission};

use super::dto::{SettingsDto, render};
use crate::shared::{Caller, NoParams, Problem, ProblemBody, cached_response};

/// Get the settings
///
/// Returns the settings of the tenant.
#[utoipa::path(
    tag = "Settings",
    operation_id = "getSettings",
    security(("bearer" = [])),
    params(("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged")),
    responses(
        (status = 200, description = "The settings", body = SettingsDto),
        (status = 304, description = "Not modified"),
        (status = 403, description = "Requires permission `manage-settings`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/settings")]
pub(super) async fn get_settings(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageSettings)?;
    cached_response(&request, &NoCache, &caller.0, async || {
        render(&api.get_settings.execute(&caller.0).await?)
    })
    .await
}
