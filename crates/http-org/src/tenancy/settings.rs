//! The settings of a tenant.

use actix_web::{HttpRequest, HttpResponse, get, patch, web};
use haat_application::shared::ManageSettings;
use haat_application::tenancy::{SettingsPatch, TenancyUseCases};
use haat_domain::tenancy::TenantSettings;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::{
    ChangeRequest, JsonResponse, Problem, ReadRequest, body, read_response, respond, updated,
};

/// The settings of a tenant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settings)]
struct SettingsDto {
    /// True if administrators must set up a second factor before anything else.
    #[schema(example = false)]
    mfa_required_for_admins: bool,
}

impl From<TenantSettings> for SettingsDto {
    fn from(settings: TenantSettings) -> Self {
        Self { mfa_required_for_admins: settings.mfa_required_for_admins }
    }
}

body! {
    /// Settings to change. Absent members are left unchanged.
    struct SettingsPatchBody as "SettingsPatch" {
        /// True if administrators must set up a second factor before anything else. Only an administrator with a
        /// second factor can turn this on.
        mfa_required_for_admins: optional flag = true,
    }
}

/// Get the settings
///
/// Returns the settings of the tenant.
#[utoipa::path(
    tag = "Settings",
    operation_id = "getSettings",
    security(("bearer" = [ManageSettings::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    responses((status = 200, description = "The settings", body = SettingsDto))
)]
#[get("/admin/settings")]
async fn get_settings(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    read: ReadRequest<ManageSettings>,
) -> Result<HttpResponse, Problem> {
    let settings = SettingsDto::from(api.settings.get(&read.allowed).await?);
    read_response(&request, JsonResponse::json(&settings, None)?)
}

/// Update the settings
///
/// A JSON merge patch (RFC 7396). If a second factor becomes required for administrators, those without one
/// must set it up before anything else (`mfa-enrollment-required`), from their next request on.
#[utoipa::path(
    tag = "Settings",
    operation_id = "updateSettings",
    security(("bearer" = [ManageSettings::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body = SettingsPatchBody,
    responses(
        (status = 200, description = "Updated", body = SettingsDto),
        (status = 409, description = "The caller has no second factor"),
    )
)]
#[patch("/admin/settings")]
async fn update_settings(
    request: HttpRequest,
    api: web::Data<TenancyUseCases>,
    change: ChangeRequest<ManageSettings, SettingsPatchBody>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, .. } = change;
    let patch = SettingsPatch { mfa_required_for_admins: body.mfa_required_for_admins };
    let render = |settings: &TenantSettings| updated(&options, &SettingsDto::from(*settings), None);
    Ok(respond(&request, api.settings.update(&allowed, patch, &options, render).await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_settings).service(update_settings);
}
