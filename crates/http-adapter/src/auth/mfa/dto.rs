use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::dto::LogInResponse;

/// A seed for an authenticator app, returned only once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaSeed)]
pub(super) struct SeedDto<'a> {
    /// Seed to type into the app: Base32, for six digits every 30 seconds with HMAC-SHA-1 (RFC 6238).
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub(super) secret: &'a str,
    /// The seed as a URI, to show as a QR code.
    #[schema(example = "otpauth://totp/Haat:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Haat")]
    pub(super) uri: &'a str,
}

/// An enabled second factor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaEnabled)]
pub(super) struct EnabledDto<'a> {
    /// The new access token of the caller, whose other sessions have ended.
    #[serde(flatten)]
    pub(super) logged_in: LogInResponse<'a>,
    /// Recovery codes for a lost app, returned only once. Each replaces a code one time.
    #[schema(example = json!(["k7mq-x3vd-9hzp-r2wt-b6nc-4gjs"]))]
    pub(super) recovery_codes: Vec<&'a str>,
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[schema(as = MfaCodeRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct CodeBody {
    /// Six digits; spaces between them are allowed.
    #[schema(example = "287082", format = Password)]
    code: String,
}

/// The password of the caller.
#[derive(Deserialize, ToSchema)]
#[schema(as = MfaEnrollRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct PasswordBody {
    /// The current password.
    #[schema(example = "Admin@12345", format = Password)]
    password: String,
}

/// Both factors of the caller.
#[derive(Deserialize, ToSchema)]
#[schema(as = MfaDisableRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct DisableBody {
    /// The current password.
    #[schema(example = "Admin@12345", format = Password)]
    password: String,
    /// A code of the app, or a recovery code.
    #[schema(example = "287082", format = Password)]
    code: String,
}

/// The second step of a login.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaChallengeRequest)]
#[expect(dead_code, reason = "documents the body, which is parsed member by member")]
pub(super) struct ChallengeBody {
    /// The `mfaToken` in the response to `POST /auth/login`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ…", format = Password)]
    mfa_token: String,
    /// A code of the app, or a recovery code.
    #[schema(example = "287082", format = Password)]
    code: String,
}
