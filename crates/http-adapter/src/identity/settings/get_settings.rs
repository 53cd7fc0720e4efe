use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::identity::IdentityUseCases;
use haat_application::shared::{ManageSettings, NoCache, Permission};

use super::dto::{SettingsDto, render};
use crate::shared::{Caller, NoParams, Problem, cached_response};

/// Get the settings
///
/// Returns the settings of the tenant.
#[utoipa::path(
    tag = "Settings",
    operation_id = "getSettings",
    security(("bearer" = [ManageSettings::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    responses(
        (status = 200, description = "The settings", body = SettingsDto),
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
