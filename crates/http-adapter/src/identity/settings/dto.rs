use haat_application::identity::SettingsError;
use haat_domain::identity::CompanySettings;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::{Code, Plain, Problem};

/// The settings of a company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settings)]
pub(super) struct SettingsDto {
    /// Whether administrators without a second factor may do nothing but set one up.
    #[schema(example = false)]
    mfa_required_for_admins: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "receipts are made of a reference")]
pub(super) fn plain(settings: &CompanySettings) -> Result<Plain, Problem> {
    let CompanySettings { mfa_required_for_admins } = *settings;
    Plain::json(&SettingsDto { mfa_required_for_admins }, None)
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Change(error) => error.into(),
            SettingsError::NoFactor => Self::new(Code::MfaNotEnabled).detail(
                "set up your own second factor before you require it of others",
                "অন্যদের জন্য আবশ্যক করার আগে নিজের দ্বিতীয় ধাপ চালু করুন",
            ),
        }
    }
}
