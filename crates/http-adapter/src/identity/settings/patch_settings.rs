use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::identity::{IdentityApi, SettingsPatch};
use haat_application::shared::Permission;
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::{SettingsDto, plain};
use crate::shared::{Caller, JsonBody, Problem, ProblemBody, QueryParams, answer_of, change, receipt};

/// Settings to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SettingsPatch)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
struct SettingsPatchBody {
    /// Whether administrators without a second factor may do nothing but set one up. Who turns it on must have one.
    #[schema(example = true)]
    mfa_required_for_admins: Option<bool>,
}

/// Change the settings
///
/// A JSON merge patch (RFC 7396). Where a second factor is required of administrators, those without one may do nothing but set
/// it up (`mfa-enrollment-required`) from the next request on.
#[utoipa::path(
    tag = "Settings",
    operation_id = "updateSettings",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = SettingsPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "As they are now", body = SettingsDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "You have no second factor yourself, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/admin/settings")]
pub(super) async fn patch_settings(
    request: HttpRequest,
    api: web::Data<IdentityApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageCompany)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, &bytes, &mut query)?;
    let mfa_required_for_admins =
        fields.has("mfaRequiredForAdmins").then(|| fields.flag("mfaRequiredForAdmins"));
    fields.finish_with(query)?;
    let patch = SettingsPatch { mfa_required_for_admins };
    let done = api.update_settings.execute(&caller.0, patch, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}
