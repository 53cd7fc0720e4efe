use std::sync::Arc;

use haat_domain::auth::{Digest, FactorCode};
use secrecy::SecretString;

use super::SelfServiceMfaError;
use super::self_service::{MfaChange, SelfServiceMfa};
use crate::auth::LoggedIn;
use crate::shared::Actor;

/// A second factor that has been turned on.
#[derive(Debug)]
pub struct VerifiedMfa {
    /// The tokens of the caller, whose other sessions have ended.
    pub logged_in: LoggedIn,
    /// Codes for a lost app. They are shown only once, and each is valid once.
    pub recovery_codes: Vec<SecretString>,
}

/// Turns the caller's second factor on.
pub struct VerifyMfa {
    mfa: Arc<SelfServiceMfa>,
}

impl VerifyMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(mfa: Arc<SelfServiceMfa>) -> Self {
        Self { mfa }
    }

    /// Turns the second factor on after verifying a code of the enrolled seed. From then on each login of the
    /// caller requires a code, and all their other sessions end. Also open to a caller whose only allowed
    /// action is to enroll. `token` is the caller's access token, which the change revokes; a repetition with
    /// it after a lost response returns the tokens again and new recovery codes.
    ///
    /// # Errors
    /// [`SelfServiceMfaError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        (actor, token): (&Actor, &SecretString),
        code: Option<&FactorCode>,
        request_id: String,
    ) -> Result<VerifiedMfa, SelfServiceMfaError> {
        let codes = self.mfa.factors.new_recovery_codes()?;
        let (recovery_codes, digests): (Vec<SecretString>, Vec<Digest>) = codes.into_iter().unzip();
        let logged_in = self.mfa.change((actor, token), code, MfaChange::On(&digests), request_id).await?;
        Ok(VerifiedMfa { logged_in, recovery_codes })
    }
}
