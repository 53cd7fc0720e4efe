use std::sync::Arc;

use haat_domain::identity::{Digest, FactorCode};
use secrecy::SecretString;

use super::OwnFactorError;
use super::own::{OwnFactor, Turn};
use crate::identity::LoggedIn;
use crate::shared::Actor;

/// A second factor that is on from now on.
#[derive(Debug)]
pub struct VerifiedMfa {
    /// The caller, whose session goes on alone.
    pub logged_in: LoggedIn,
    /// For when the app is lost, shown this once; each is good once.
    pub recovery_codes: Vec<SecretString>,
}

/// Turns the caller's second factor on.
pub struct VerifyMfa {
    own: Arc<OwnFactor>,
}

impl VerifyMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(own: Arc<OwnFactor>) -> Self {
        Self { own }
    }

    /// Turns it on for who shows a code of the seed they got: nobody logs in as the caller without one any more, and every other
    /// session of theirs ends. Open to who must have one before anything else.
    ///
    /// # Errors
    /// [`OwnFactorError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        code: Option<&FactorCode>,
        request_id: String,
    ) -> Result<VerifiedMfa, OwnFactorError> {
        let codes = self.own.factors.new_recovery_codes()?;
        let (recovery_codes, digests): (Vec<SecretString>, Vec<Digest>) = codes.into_iter().unzip();
        let logged_in = self.own.change(actor, code, Turn::On(&digests), request_id).await?;
        Ok(VerifiedMfa { logged_in, recovery_codes })
    }
}
