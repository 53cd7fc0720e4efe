use chrono::{DateTime, Utc};
use haat_domain::shared::{TenantId, UserId};

use crate::shared::Actor;

/// The caller that a token authenticates, and its expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedCaller {
    /// The caller in their current state.
    pub actor: Actor,
    /// The time at which the token expires.
    pub until: DateTime<Utc>,
}

/// Caches the callers of tokens for as long as the entries are valid.
#[cfg_attr(test, mockall::automock)]
pub trait CallerCache: Send + Sync {
    /// Returns the cached caller of a token, if the entry is still valid at `now`.
    fn known(&self, token: &str, now: DateTime<Utc>) -> Option<CachedCaller>;

    /// Returns a number for the current state of the user. Call it before reading the auth state. `None`
    /// means that nothing can be cached at present.
    fn state(&self, tenant: TenantId, user: UserId) -> Option<u64>;

    /// Caches the caller of a token for a state of the user. The entry becomes invalid when the state
    /// changes.
    fn remember(&self, token: &str, caller: CachedCaller, state: u64);
}
