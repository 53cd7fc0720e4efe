use std::sync::Arc;

use haat_domain::identity::FactorCode;
use secrecy::SecretString;

use super::OwnFactorError;
use super::own::{OwnFactor, Turn};
use crate::identity::{LoggedIn, OwnPassword};
use crate::shared::Actor;

/// Turns the caller's second factor off.
pub struct DisableMfa {
    own: Arc<OwnFactor>,
    password: Arc<OwnPassword>,
}

impl DisableMfa {
    /// Builds the use case.
    #[must_use]
    pub fn new(own: Arc<OwnFactor>, password: Arc<OwnPassword>) -> Self {
        Self { own, password }
    }

    /// Turns it off for who shows both factors; a recovery code will do. Every other session of the caller ends. Where the company
    /// requires one, they may then do nothing but set up another.
    ///
    /// # Errors
    /// [`OwnFactorError`]; nothing was changed then.
    pub async fn execute(
        &self,
        actor: &Actor,
        password: &SecretString,
        code: Option<&FactorCode>,
        request_id: String,
    ) -> Result<LoggedIn, OwnFactorError> {
        self.password.confirm(actor, password).await?;
        self.own.change(actor, code, Turn::Off, request_id).await
    }
}
