use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::identity::{SessionId, UserStanding, UserStandingReader};
use haat_domain::shared::{StorageFailure, TenantId, UserId};
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use crate::Coherence;
use crate::shared::{Generation, Jittered, Subject};

/// How many callers are remembered; some 100 bytes each.
const CALLERS: u64 = 50_000;

/// Remembers how a caller stands, so that no read asks the database who may read.
pub struct CachedUserStandingReader {
    inner: Arc<dyn UserStandingReader>,
    coherence: Arc<Coherence>,
    standings: Cache<(TenantId, UserId, Option<SessionId>, Generation), Option<UserStanding>>,
}

impl CachedUserStandingReader {
    /// Puts a memory in front of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn UserStandingReader>, coherence: Arc<Coherence>) -> Self {
        let standings = Cache::builder()
            .max_capacity(CALLERS)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Jittered::new(Duration::from_mins(5)))
            .build();
        Self { inner, coherence, standings }
    }
}

#[async_trait]
impl UserStandingReader for CachedUserStandingReader {
    async fn find(
        &self,
        tenant: TenantId,
        user: UserId,
        session: Option<SessionId>,
    ) -> Result<Option<UserStanding>, StorageFailure> {
        let Some(generation) = self.coherence.confirmed(Subject::User(tenant, user)).await else {
            return self.inner.find(tenant, user, session).await;
        };
        let fill = self.inner.find(tenant, user, session);
        let found = self.standings.try_get_with((tenant, user, session, generation), fill).await;
        found.map_err(|failure| StorageFailure::clone(&failure))
    }
}
