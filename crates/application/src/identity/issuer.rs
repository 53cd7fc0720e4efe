use std::sync::Arc;

use chrono::Duration;
use haat_domain::identity::{AccessClaims, AccessTokens, User};
use haat_domain::shared::Clock;

use super::LoggedIn;

/// Issues access tokens that live for `lifetime`.
pub(super) struct Issuer {
    tokens: Arc<dyn AccessTokens>,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
}

impl Issuer {
    pub(super) fn new(tokens: Arc<dyn AccessTokens>, clock: Arc<dyn Clock>, lifetime: Duration) -> Self {
        Self { tokens, clock, lifetime }
    }

    /// A token for a user as they are now, or why none could be signed.
    pub(super) fn issue(&self, user: User) -> Result<LoggedIn, String> {
        let now = self.clock.now();
        let claims = AccessClaims {
            tenant: user.tenant,
            user: user.id,
            token_version: user.token_version,
            issued_at: now,
            expires_at: now + self.lifetime,
        };
        let access_token = self.tokens.issue(&claims)?;
        Ok(LoggedIn { access_token, expires_in: self.lifetime, user })
    }
}
