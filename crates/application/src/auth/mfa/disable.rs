use std::sync::Arc;

use haat_domain::auth::FactorCode;
use secrecy::SecretString;

use super::SelfServiceMfaError;
use super::self_service::{MfaChange, SelfServiceMfa};
use crate::auth::{LoggedIn, VerifyPassword};
use crate::shared::Actor;

/// Turns the caller's second factor off.
pub struct DisableMfa {
    mfa: Arc<SelfServiceMfa>,
    password: Arc<VerifyPassword>,
}

impl DisableMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(mfa: Arc<SelfServiceMfa>, password: Arc<VerifyPassword>) -> Self {
        Self { mfa, password }
    }

    /// Turns the second factor off after checking the password and a code, which may be a recovery code. All
    /// other sessions of the caller end. If the tenant requires a second factor, the only action then allowed
    /// is to enroll again. `token` is the caller's access token, which the change revokes; a repetition with it
    /// after a lost response returns the tokens again.
    ///
    /// # Errors
    /// [`SelfServiceMfaError`]. Nothing is changed on an error.
    pub async fn execute(
        &self,
        (actor, token): (&Actor, &SecretString),
        password: &SecretString,
        code: Option<&FactorCode>,
        request_id: String,
    ) -> Result<LoggedIn, SelfServiceMfaError> {
        self.password.confirm(actor, password).await?;
        self.mfa.change((actor, token), code, MfaChange::Off, request_id).await
    }
}
