use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identity::dto::LogInResponse;

/// A seed for an authenticator app, told this one time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaSeed)]
pub(super) struct SeedDto<'a> {
    /// To be typed into the app: Base32, six digits every 30 seconds of HMAC-SHA-1 (RFC 6238).
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub(super) secret: &'a str,
    /// The same to be shown as a QR code.
    #[schema(example = "otpauth://totp/Haat:admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Haat")]
    pub(super) uri: &'a str,
}

/// A second factor that is on from now on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaEnabled)]
pub(super) struct EnabledDto<'a> {
    /// The caller, whose session goes on alone.
    #[serde(flatten)]
    pub(super) logged_in: LogInResponse<'a>,
    /// For when the app is lost, told this one time. Each is good once in place of a code.
    #[schema(example = json!(["k7mq-x3vd-9hzp-r2wt-b6nc-4gjs"]))]
    pub(super) recovery_codes: Vec<&'a str>,
}

/// A code of the app.
#[derive(Deserialize, ToSchema)]
#[schema(as = MfaCodeRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct CodeBody {
    /// Six digits, blanks between them allowed.
    #[schema(example = "287082", format = Password)]
    code: String,
}

/// The password of the caller.
#[derive(Deserialize, ToSchema)]
#[schema(as = MfaEnrollRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct PasswordBody {
    /// The password they have.
    #[schema(example = "Admin@12345", format = Password)]
    password: String,
}

/// Both factors of the caller.
#[derive(Deserialize, ToSchema)]
#[schema(as = MfaDisableRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct DisableBody {
    /// The password they have.
    #[schema(example = "Admin@12345", format = Password)]
    password: String,
    /// A code of the app, or a recovery code.
    #[schema(example = "287082", format = Password)]
    code: String,
}

/// The second half of a login.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MfaChallengeRequest)]
#[expect(dead_code, reason = "describes the body, which is read member by member")]
pub(super) struct ChallengeBody {
    /// The `mfaToken` of the answer to `POST /auth/login`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ…", format = Password)]
    mfa_token: String,
    /// A code of the app, or a recovery code.
    #[schema(example = "287082", format = Password)]
    code: String,
}
