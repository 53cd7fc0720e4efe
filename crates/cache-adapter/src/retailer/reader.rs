use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::retailer::{
    RepRetailers, Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerUid,
    TeamRetailers,
};
use haat_domain::shared::{Page, PageRequest, Scope, StorageFailure, TenantId, UserId};
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use super::stored;
use crate::shared::{Generation, Jittered, Subject};
use crate::{ByteCache, Coherence};

/// The most retailers of a sales rep that are cached. With more, every list is read from the storage, page by page.
const MAX_RETAILERS: u16 = 1_000;

/// The most sales reps whose retailers are combined for one list. The lists of larger teams are read from the storage, page by page.
const MAX_REPS: u64 = 256;

/// The sales reps whose retailers are read at once, and the most retailers: about 10 MiB. With more, the list is read from the
/// storage.
const REPS_PER_READ: usize = 128;
const MAX_RETAILERS_PER_READ: u32 = 20_000;

/// The usual memory of a sales rep's retailers, in bytes. A team may take a quarter of the cache: it must not displace itself.
const BYTES_OF_REP: u64 = 40_000;

/// Time to live of an entry, varied by a fifth either way.
const TTL: Duration = Duration::from_mins(5);

/// The sales rep, and the state of its retailers.
type Key = (TenantId, UserId, Generation);

/// Caches all retailers of a sales rep and serves every list, search and detail from them: in this process and, if
/// configured, in a cache shared by all processes. The pool of a tenant is not cached.
pub struct CachedRetailerReader {
    inner: Arc<dyn RetailerReader>,
    coherence: Arc<Coherence>,
    /// `None` for a sales rep with too many retailers.
    rep_retailers: Cache<Key, Option<Arc<RepRetailers>>>,
    /// The most sales reps whose retailers are combined.
    max_reps: u64,
    shared: Option<Shared>,
}

/// A cache that outlives this process.
struct Shared {
    bytes: Arc<dyn ByteCache>,
    /// Separates installations that share the cache.
    installation: String,
    ttl: Jittered,
}

impl CachedRetailerReader {
    /// Creates a cache of at most `max_bytes` in front of `inner`, with an optional second level: a cache shared by all
    /// processes, and the name of this installation in it.
    #[must_use]
    pub fn new(
        inner: Arc<dyn RetailerReader>,
        coherence: Arc<Coherence>,
        max_bytes: u64,
        shared: Option<(Arc<dyn ByteCache>, String)>,
    ) -> Self {
        let weigh = |_: &Key, retailers: &Option<Arc<RepRetailers>>| {
            u32::try_from(200 + retailers.as_ref().map_or(0, |retailers| retailers.size()))
                .unwrap_or(u32::MAX)
        };
        let rep_retailers = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(weigh)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Jittered::new(TTL))
            .build();
        let shared =
            shared.map(|(bytes, installation)| Shared { bytes, installation, ttl: Jittered::new(TTL) });
        let max_reps = MAX_REPS.min(max_bytes / 4 / BYTES_OF_REP);
        Self { inner, coherence, rep_retailers, max_reps, shared }
    }

    /// Returns the retailers of a sales rep, or `None` if each list has to be read from the storage.
    async fn retailers(
        &self,
        tenant: TenantId,
        rep: UserId,
    ) -> Result<Option<Arc<RepRetailers>>, StorageFailure> {
        let Some(generation) = self.coherence.confirmed(Subject::RepRetailers(tenant, rep)).await else {
            return Ok(None);
        };
        let found = self.rep_retailers.try_get_with((tenant, rep, generation), self.fill(tenant, rep)).await;
        found.map_err(|failure| StorageFailure::clone(&failure))
    }

    /// Returns the retailers of several sales reps, or `None` if each list has to be read from the storage. Reads those that
    /// are not cached together.
    async fn retailers_of_reps(
        &self,
        tenant: TenantId,
        reps: &[UserId],
    ) -> Result<Option<TeamRetailers>, StorageFailure> {
        if u64::try_from(reps.len()).unwrap_or(u64::MAX) > self.max_reps {
            return Ok(None);
        }
        let (mut found, mut missing) = (Vec::with_capacity(reps.len()), HashMap::new());
        let mut generations = Vec::with_capacity(reps.len());
        for &rep in reps {
            // Before the storage is read, so that no entry is older than its generation.
            let Some(generation) = self.coherence.confirmed(Subject::RepRetailers(tenant, rep)).await else {
                return Ok(None);
            };
            generations.push((rep, generation));
            match self.rep_retailers.get(&(tenant, rep, generation)).await {
                Some(Some(retailers)) => found.push(retailers),
                Some(None) => return Ok(None),
                None => {
                    missing.insert(rep, (generation, Vec::new()));
                }
            }
        }
        if !missing.is_empty() {
            let reps: Vec<UserId> = missing.keys().copied().collect();
            for reps in reps.chunks(REPS_PER_READ) {
                let Some(rows) = self.inner.all_of_reps(tenant, reps, MAX_RETAILERS_PER_READ).await? else {
                    return Ok(None);
                };
                for (rep, retailer) in rows {
                    if let Some((_, retailers)) = missing.get_mut(&rep) {
                        retailers.push(retailer);
                    }
                }
            }
        }
        let (read, one_statement) = (!missing.is_empty(), found.is_empty() && missing.len() <= REPS_PER_READ);
        let mut complete = true;
        for (rep, (generation, retailers)) in missing {
            let few = retailers.len() <= usize::from(MAX_RETAILERS);
            let retailers = few.then(|| Arc::new(RepRetailers::new(retailers)));
            complete &= few;
            found.extend(retailers.clone());
            self.rep_retailers.insert((tenant, rep, generation), retailers).await;
        }
        let complete = complete && (one_statement || self.are_current(tenant, &generations, read).await);
        Ok(complete.then(|| TeamRetailers::new(found)))
    }

    /// Returns whether the retailers of these sales reps are still in these generations, so that all of them are of one moment:
    /// otherwise a retailer that moves from one to another might be in neither. After a read from the storage, this waits for the
    /// changes that the read has seen.
    async fn are_current(&self, tenant: TenantId, generations: &[(UserId, Generation)], read: bool) -> bool {
        let generation_of = |rep| self.coherence.generation(Subject::RepRetailers(tenant, rep));
        (!read || self.coherence.confirm().await)
            && generations.iter().all(|(rep, generation)| generation_of(*rep) == Some(*generation))
    }

    async fn fill(&self, tenant: TenantId, rep: UserId) -> Result<Option<Arc<RepRetailers>>, StorageFailure> {
        let build = |retailers: Option<Vec<Retailer>>| {
            retailers.map(|retailers| Arc::new(RepRetailers::new(retailers)))
        };
        let Some(shared) = &self.shared else {
            return self.inner.all_of_rep(tenant, rep, MAX_RETAILERS).await.map(build);
        };
        let key = shared.key(self.coherence.epoch(), tenant, rep);
        if let Some((settled, retailers)) = shared.bytes.get(&key).await.as_deref().and_then(stored::decode)
            && self.coherence.is_current(Subject::RepRetailers(tenant, rep), settled)
        {
            return Ok(build(retailers));
        }
        // Read before the storage, so that the stored `settled` is never newer than the data.
        let settled = self.coherence.settled();
        let retailers = self.inner.all_of_rep(tenant, rep, MAX_RETAILERS).await?;
        if let Some(bytes) = stored::encode(settled, retailers.as_deref()) {
            let (cache, ttl) = (shared.bytes.clone(), shared.ttl.ttl(&key));
            // In the background; no request waits for it.
            tokio::spawn(async move { cache.put(&key, bytes, ttl).await });
        }
        Ok(build(retailers))
    }
}

impl Shared {
    fn key(&self, epoch: u64, tenant: TenantId, rep: UserId) -> String {
        format!("haat:{}:{epoch:x}:book:{}:{tenant}:{rep}", self.installation, stored::VERSION)
    }
}

/// Returns the sales rep whose retailers contain everything in a scope that matches a filter, and the filter to apply to
/// them; `None` if there is none.
fn of_one_rep<'a>(scope: &Scope, filter: &'a RetailerFilter) -> Option<(UserId, Cow<'a, RetailerFilter>)> {
    if let (Scope::Rep(rep), None) = (scope, filter.rep) {
        return Some((*rep, Cow::Borrowed(filter)));
    }
    let narrowed = scope.narrow(filter)?;
    let rep = narrowed.rep.filter(|_| narrowed.served_by.is_none())?;
    Some((rep, narrowed))
}

/// Returns the sales reps whose retailers are a scope, if a filter does not select one of them.
fn of_reps<'a>(scope: &'a Scope, filter: &RetailerFilter) -> Option<&'a [UserId]> {
    match scope {
        Scope::Reps(reps) if filter.rep.is_none() && filter.served_by.is_none() => Some(reps),
        _ => None,
    }
}

#[async_trait]
impl RetailerReader for CachedRetailerReader {
    async fn list(
        &self,
        tenant: TenantId,
        scope: &Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure> {
        if let Some((rep, filter)) = of_one_rep(scope, &query.filter)
            && let Some(retailers) = self.retailers(tenant, rep).await?
        {
            return Ok(match filter {
                Cow::Borrowed(_) => retailers.list(query, page),
                Cow::Owned(filter) => retailers.list(&RetailerQuery { filter, ..*query }, page),
            });
        }
        if let Some(reps) = of_reps(scope, &query.filter)
            && let Some(retailers) = self.retailers_of_reps(tenant, reps).await?
        {
            return Ok(retailers.list(query, page));
        }
        self.inner.list(tenant, scope, query, page).await
    }

    async fn count(
        &self,
        tenant: TenantId,
        scope: &Scope,
        filter: &RetailerFilter,
    ) -> Result<u64, StorageFailure> {
        if let Some((rep, filter)) = of_one_rep(scope, filter)
            && let Some(retailers) = self.retailers(tenant, rep).await?
        {
            return Ok(u64::try_from(retailers.count(&filter)).unwrap_or(u64::MAX));
        }
        if let Some(reps) = of_reps(scope, filter)
            && let Some(retailers) = self.retailers_of_reps(tenant, reps).await?
        {
            return Ok(u64::try_from(retailers.count(filter)).unwrap_or(u64::MAX));
        }
        self.inner.count(tenant, scope, filter).await
    }

    async fn find(
        &self,
        tenant: TenantId,
        scope: &Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        if let Scope::Rep(rep) = scope
            && let Some(retailers) = self.retailers(tenant, *rep).await?
            && let Some(found) = retailers.find(uid)
        {
            return Ok(Some(found.clone()));
        }
        // Not found, or its uid is written in another case, which the storage knows.
        self.inner.find(tenant, scope, uid).await
    }

    async fn all_of_rep(
        &self,
        tenant: TenantId,
        rep: UserId,
        at_most: u16,
    ) -> Result<Option<Vec<Retailer>>, StorageFailure> {
        self.inner.all_of_rep(tenant, rep, at_most).await
    }

    async fn all_of_reps(
        &self,
        tenant: TenantId,
        reps: &[UserId],
        at_most: u32,
    ) -> Result<Option<Vec<(UserId, Retailer)>>, StorageFailure> {
        self.inner.all_of_reps(tenant, reps, at_most).await
    }
}
