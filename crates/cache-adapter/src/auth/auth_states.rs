use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::auth::{AuthState, AuthStateReader};
use haat_domain::shared::{SessionId, StorageFailure, TenantId, UserId};
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use crate::Coherence;
use crate::shared::{Generation, Jittered, Subject};

/// Maximum number of cached callers; about 100 bytes each.
const MAX_CALLERS: u64 = 50_000;

/// Caches the auth state of callers, so that reads do not query the database for it.
pub struct CachedAuthStateReader {
    inner: Arc<dyn AuthStateReader>,
    coherence: Arc<Coherence>,
    auth_states: Cache<(TenantId, UserId, Option<SessionId>, Generation), Option<AuthState>>,
}

impl CachedAuthStateReader {
    /// Creates a cache in front of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn AuthStateReader>, coherence: Arc<Coherence>) -> Self {
        let auth_states = Cache::builder()
            .max_capacity(MAX_CALLERS)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Jittered::new(Duration::from_mins(5)))
            .build();
        Self { inner, coherence, auth_states }
    }
}

#[async_trait]
impl AuthStateReader for CachedAuthStateReader {
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<AuthState>, StorageFailure> {
        let Some(generation) = self.coherence.confirmed(Subject::AuthState(tenant, user)).await else {
            return self.inner.find(tenant, user, session).await;
        };
        let fill = self.inner.find(tenant, user, session);
        let found = self.auth_states.try_get_with((tenant, user, session, generation), fill).await;
        found.map_err(|failure| StorageFailure::clone(&failure))
    }
}
