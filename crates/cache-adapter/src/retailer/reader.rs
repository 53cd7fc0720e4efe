use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::retailer::{
    Retailer, RetailerBook, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerUid,
};
use haat_domain::shared::{Page, PageRequest, Scope, StorageFailure, TenantId, UserId};
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use super::stored;
use crate::shared::{Generation, Jittered, Subject};
use crate::{ByteCache, Coherence};

/// Representatives with more shops are not remembered: their lists are asked of the storage, page by page.
const MAX_SHOPS: u16 = 1_000;

/// How long an entry is kept at most, give or take a fifth.
const TTL: Duration = Duration::from_mins(5);

/// Whose shops, and in which state.
type Key = (TenantId, UserId, Generation);

/// Remembers all shops of a representative and makes every list, search and detail of them from that: in this
/// process, and where there is one in a cache shared by all processes. The pool of a tenant is not remembered.
pub struct CachedRetailerReader {
    inner: Arc<dyn RetailerReader>,
    coherence: Arc<Coherence>,
    /// `None`: this representative has too many.
    books: Cache<Key, Option<Arc<RetailerBook>>>,
    shared: Option<Shared>,
}

/// A cache that outlives this process.
struct Shared {
    bytes: Arc<dyn ByteCache>,
    /// Keeps apart installations that share it.
    installation: String,
    ttl: Jittered,
}

impl CachedRetailerReader {
    /// Puts a memory of at most `max_bytes` in front of `inner`, and in between, if given, a cache shared by all
    /// processes with a word for this installation.
    #[must_use]
    pub fn new(
        inner: Arc<dyn RetailerReader>,
        coherence: Arc<Coherence>,
        max_bytes: u64,
        shared: Option<(Arc<dyn ByteCache>, String)>,
    ) -> Self {
        let weigh = |_: &Key, book: &Option<Arc<RetailerBook>>| {
            u32::try_from(200 + book.as_ref().map_or(0, |book| book.size())).unwrap_or(u32::MAX)
        };
        let books = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(weigh)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Jittered::new(TTL))
            .build();
        let shared =
            shared.map(|(bytes, installation)| Shared { bytes, installation, ttl: Jittered::new(TTL) });
        Self { inner, coherence, books, shared }
    }

    /// A representative's book; `None` where the storage has to be asked for each list.
    async fn book(&self, tenant: TenantId, rep: UserId) -> Result<Option<Arc<RetailerBook>>, StorageFailure> {
        let Some(generation) = self.coherence.confirmed(Subject::User(tenant, rep)).await else {
            return Ok(None);
        };
        let found = self.books.try_get_with((tenant, rep, generation), self.fill(tenant, rep)).await;
        found.map_err(|failure| StorageFailure::clone(&failure))
    }

    async fn fill(&self, tenant: TenantId, rep: UserId) -> Result<Option<Arc<RetailerBook>>, StorageFailure> {
        let book = |shops: Option<Vec<Retailer>>| shops.map(|shops| Arc::new(RetailerBook::new(shops)));
        let Some(shared) = &self.shared else {
            return self.inner.all_of_rep(tenant, rep, MAX_SHOPS).await.map(book);
        };
        let key = shared.key(self.coherence.epoch(), tenant, rep);
        if let Some((settled, shops)) = shared.bytes.get(&key).await.as_deref().and_then(stored::decode)
            && self.coherence.still_true(Subject::User(tenant, rep), settled)
        {
            return Ok(book(shops));
        }
        // Read before the storage is asked: what is told must be older than what is kept.
        let settled = self.coherence.settled();
        let shops = self.inner.all_of_rep(tenant, rep, MAX_SHOPS).await?;
        if let Some(bytes) = stored::encode(settled, shops.as_deref()) {
            let (cache, ttl) = (shared.bytes.clone(), shared.ttl.ttl(&key));
            // Nobody waits for it.
            tokio::spawn(async move { cache.put(&key, bytes, ttl).await });
        }
        Ok(book(shops))
    }
}

impl Shared {
    fn key(&self, epoch: u64, tenant: TenantId, rep: UserId) -> String {
        format!("haat:{}:{epoch:x}:book:{}:{tenant}:{rep}", self.installation, stored::VERSION)
    }
}

#[async_trait]
impl RetailerReader for CachedRetailerReader {
    async fn list(
        &self,
        tenant: TenantId,
        scope: Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure> {
        if let Scope::Rep(rep) = scope
            && let Some(book) = self.book(tenant, rep).await?
        {
            return Ok(book.list(query, page));
        }
        self.inner.list(tenant, scope, query, page).await
    }

    async fn count(
        &self,
        tenant: TenantId,
        scope: Scope,
        filter: &RetailerFilter,
    ) -> Result<u64, StorageFailure> {
        if let Scope::Rep(rep) = scope
            && let Some(book) = self.book(tenant, rep).await?
        {
            return Ok(u64::try_from(book.count(filter)).unwrap_or(u64::MAX));
        }
        self.inner.count(tenant, scope, filter).await
    }

    async fn find(
        &self,
        tenant: TenantId,
        scope: Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        if let Scope::Rep(rep) = scope
            && let Some(book) = self.book(tenant, rep).await?
        {
            return Ok(book.find(uid).cloned());
        }
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
}
