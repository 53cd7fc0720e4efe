use chrono::{DateTime, Utc};
use haat_domain::shared::{TenantId, UserId};

use crate::shared::Actor;

/// For whom a token speaks, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCaller {
    /// The caller, as they stand.
    pub actor: Actor,
    /// From when on the token is void.
    pub until: DateTime<Utc>,
}

/// Remembers for whom tokens speak, for as long as it is true.
#[cfg_attr(test, mockall::automock)]
pub trait CallerCache: Send + Sync {
    /// For whom this token speaks, if that is known and still so at this moment.
    fn known(&self, token: &str, now: DateTime<Utc>) -> Option<KnownCaller>;

    /// A number for the state this user is in; to be had before it is asked how they stand. `None`: nothing can be
    /// remembered just now.
    fn state(&self, tenant: TenantId, user: UserId) -> Option<u64>;

    /// Remembers for whom a token speaks in a state; once the user is in another it is not told any more.
    fn remember(&self, token: &str, caller: KnownCaller, state: u64);
}
