use haat_domain::identity::TenantSettings;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::{JsonResponse, Problem};

/// The settings of a tenant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settings)]
pub(super) struct SettingsDto {
    /// True if administrators must set up a second factor before anything else.
    #[schema(example = false)]
    mfa_required_for_admins: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "stored_response passes a reference")]
pub(super) fn render(settings: &TenantSettings) -> Result<JsonResponse, Problem> {
    let TenantSettings { mfa_required_for_admins } = *settings;
    JsonResponse::json(&SettingsDto { mfa_required_for_admins }, None)
}
