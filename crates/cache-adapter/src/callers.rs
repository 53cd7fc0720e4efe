use std::sync::Arc;

use chrono::{DateTime, Utc};
use haat_application::identity::{CallerCache, KnownCaller};
use haat_domain::shared::{TenantId, UserId};
use quick_cache::sync::Cache;

use crate::Coherence;
use crate::shared::{Generation, Subject};

/// How many tokens are remembered; some 500 bytes each.
const TOKENS: usize = 30_000;

/// Remembers for whom a token speaks, so that reading it (a signature, Base64, two JSON objects) is done once. When it
/// ends is still looked at each time, and it is forgotten with every change of what its user may do.
pub struct MemoryCallers {
    coherence: Arc<Coherence>,
    tokens: Cache<Box<str>, Remembered>,
}

#[derive(Clone, Copy)]
struct Remembered {
    caller: KnownCaller,
    state: u64,
}

impl MemoryCallers {
    /// An empty memory.
    #[must_use]
    pub fn new(coherence: Arc<Coherence>) -> Self {
        Self { coherence, tokens: Cache::new(TOKENS) }
    }
}

impl CallerCache for MemoryCallers {
    fn known(&self, token: &str, now: DateTime<Utc>) -> Option<KnownCaller> {
        let Remembered { caller, state } = self.tokens.get(token)?;
        let still = self.state(caller.actor.tenant, caller.actor.user) == Some(state);
        (still && caller.until > now).then_some(caller)
    }

    fn state(&self, tenant: TenantId, user: UserId) -> Option<u64> {
        self.coherence.generation(Subject::User(tenant, user)).map(Generation::get)
    }

    fn remember(&self, token: &str, caller: KnownCaller, state: u64) {
        self.tokens.insert(token.into(), Remembered { caller, state });
    }
}
