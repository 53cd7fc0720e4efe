use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_application::auth::{CachedCaller, CallerCache};
use haat_domain::shared::{TenantId, UserId};
use quick_cache::sync::Cache;

use crate::Coherence;
use crate::shared::{Generation, Subject};

/// Tokens cached at most; about 500 bytes each.
const MAX_TOKENS: usize = 30_000;

/// Caches the caller of each token, so that a token is verified once (a signature, Base64, two JSON objects). Its expiry
/// is still checked at each use, and every change of its user's permissions invalidates it.
pub struct MemoryCallerCache {
    coherence: Arc<Coherence>,
    tokens: Cache<Box<str>, Entry>,
}

#[derive(Clone)]
struct Entry {
    caller: CachedCaller,
    state: u64,
}

impl MemoryCallerCache {
    /// Creates an empty cache.
    #[must_use]
    pub fn new(coherence: Arc<Coherence>) -> Self {
        Self { coherence, tokens: Cache::new(MAX_TOKENS) }
    }
}

impl CallerCache for MemoryCallerCache {
    fn known(&self, token: &str, now: DateTime<Utc>) -> Option<CachedCaller> {
        let Entry { caller, state } = self.tokens.get(token)?;
        let current = self.state(caller.actor.tenant, caller.actor.user) == Some(state);
        (current && caller.until > now).then_some(caller)
    }

    fn state(&self, tenant: TenantId, user: UserId) -> Option<u64> {
        self.coherence.generation(Subject::AuthState(tenant, user)).map(Generation::get)
    }

    fn remember(&self, token: &str, caller: CachedCaller, state: u64) {
        self.tokens.insert(token.into(), Entry { caller, state });
    }
}
