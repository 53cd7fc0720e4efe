use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::identity::{IdentityUseCases, SettingsPatch};
use haat_application::shared::{ManageSettings, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::{SettingsDto, render};
use crate::shared::{Caller, JsonBody, Problem, QueryParams, stored_response, write_options, write_response};

/// Settings to change. Absent members are left unchanged.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SettingsPatch)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
struct SettingsPatchBody {
    /// True if administrators must set up a second factor before anything else. Only an administrator with a
    /// second factor can turn this on.
    #[schema(example = true)]
    mfa_required_for_admins: Option<bool>,
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
    request_body(content = SettingsPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "Updated", body = SettingsDto),
        (status = 409, description = "The caller has no second factor"),
    )
)]
#[patch("/admin/settings")]
pub(super) async fn patch_settings(
    request: HttpRequest,
    api: web::Data<IdentityUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageSettings)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, &bytes, &mut query)?;
    let mfa_required_for_admins =
        fields.has("mfaRequiredForAdmins").then(|| fields.flag("mfaRequiredForAdmins"));
    fields.finish_with(query)?;
    let patch = SettingsPatch { mfa_required_for_admins };
    let result =
        api.update_settings.execute(&caller.0, patch, &write_options, &stored_response(render)).await?;
    write_response(&request, result, render)
}
