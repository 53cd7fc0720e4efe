//! A fake storage with one number: the points of its only retailer. All other data follows from it.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use haat_application::shared::Actor;
use haat_domain::auth::{AuthState, AuthStateReader, Grants, SecondFactor};
use haat_domain::retailer::{
    RepRetailers, Retailer, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerUid,
};
use haat_domain::shared::{
    AreaId, Page, PageRequest, RegionId, RetailerId, Role, Scope, SessionId, StorageFailure, TenantId,
    TerritoryId, UserId,
};
use haat_domain::sync::{ChangeBatch, ChangeFeed, FeedStart, Invalidation};

pub(crate) const TENANT: TenantId = TenantId::new(1);
pub(crate) const REP: UserId = UserId::new(7);
pub(crate) const UID: &str = "RTL-1";

/// The sales rep as a caller.
pub(crate) fn rep() -> Actor {
    Actor {
        tenant: TENANT,
        user: REP,
        role: Role::SalesRep,
        grants: Grants::Role(Role::SalesRep),
        access_version: 1,
        token_version: 1,
        session: None,
        must_change_password: false,
        second_factor: SecondFactor::Off,
        is_platform: false,
    }
}

#[derive(Default)]
pub(crate) struct FakeStorage {
    /// The number. It also counts transactions: the first has id 1.
    points: AtomicI32,
    /// The number of reads of the storage.
    pub(crate) reads: AtomicUsize,
    /// The delay of a read after it has read the number, in ms.
    pub(crate) slow_ms: AtomicU64,
    /// Makes the feed unavailable.
    pub(crate) feed_down: AtomicBool,
    /// Makes the storage unavailable.
    pub(crate) storage_down: AtomicBool,
    /// Gives sales reps too many retailers to cache.
    pub(crate) too_many: AtomicBool,
    pub(crate) epoch: AtomicU64,
    /// Invalidations that the next poll reports besides those of [`FakeStorage::change`].
    pub(crate) invalidations: Mutex<Vec<Invalidation>>,
}

impl FakeStorage {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Changes the number in a transaction, as any process may.
    pub(crate) fn change(&self) -> i32 {
        self.points.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn feed(self: &Arc<Self>) -> Feed {
        Feed { storage: self.clone(), last: None }
    }

    fn retailer(&self) -> Retailer {
        Retailer {
            id: RetailerId::new(1),
            uid: RetailerUid::parse(UID).unwrap(),
            name: "Ma Store".into(),
            phone: None,
            region: RegionId::new(1),
            area: AreaId::new(1),
            territory: TerritoryId::new(1),
            distributor: None,
            points: self.points.load(Ordering::SeqCst),
            routes: vec![],
            notes: None,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
            assigned_at: None,
        }
    }

    async fn read(&self) -> Result<Retailer, StorageFailure> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.storage_down.load(Ordering::SeqCst) {
            return Err(StorageFailure::Unavailable("the storage is down".into()));
        }
        let retailer = self.retailer();
        tokio::time::sleep(Duration::from_millis(self.slow_ms.load(Ordering::SeqCst))).await;
        Ok(retailer)
    }
}

/// A feed that invalidates all cached data of the sales rep after each change.
pub(crate) struct Feed {
    storage: Arc<FakeStorage>,
    last: Option<i32>,
}

#[async_trait]
impl ChangeFeed for Feed {
    async fn poll(&mut self) -> Result<ChangeBatch, StorageFailure> {
        if self.storage.feed_down.load(Ordering::SeqCst) {
            self.last = None;
            return Err(StorageFailure::Unavailable("the feed is down".into()));
        }
        let now = self.storage.points.load(Ordering::SeqCst);
        let epoch = self.storage.epoch.load(Ordering::SeqCst);
        let before = self.last.replace(now);
        let mut invalidations = std::mem::take(&mut *self.storage.invalidations.lock().unwrap());
        if before.unwrap_or_default() < now {
            let all = [Invalidation::RepRetailers(TENANT, REP), Invalidation::AuthState(TENANT, REP)];
            invalidations.extend(all);
        }
        let next = u64::from(now.unsigned_abs()) + 1;
        Ok(ChangeBatch {
            restarted: before.is_none().then_some(FeedStart { from: 0, epoch }),
            invalidations,
            settled: next,
            next,
        })
    }
}

#[async_trait]
impl RetailerReader for FakeStorage {
    async fn list(
        &self,
        _: TenantId,
        _: &Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure> {
        Ok(RepRetailers::new(vec![self.read().await?]).list(query, page))
    }

    async fn count(&self, _: TenantId, _: &Scope, _: &RetailerFilter) -> Result<u64, StorageFailure> {
        self.read().await.map(|_| 1)
    }

    async fn find(
        &self,
        _: TenantId,
        _: &Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        self.read().await.map(|retailer| (retailer.uid == *uid).then_some(retailer))
    }

    async fn all_of_rep(
        &self,
        _: TenantId,
        _: UserId,
        _: u16,
    ) -> Result<Option<Vec<Retailer>>, StorageFailure> {
        let retailer = self.read().await?;
        Ok((!self.too_many.load(Ordering::SeqCst)).then(|| vec![retailer]))
    }

    async fn all_of_reps(
        &self,
        _: TenantId,
        reps: &[UserId],
        _: u32,
    ) -> Result<Option<Vec<(UserId, Retailer)>>, StorageFailure> {
        let retailer = self.read().await?;
        let too_many = self.too_many.load(Ordering::SeqCst);
        Ok((!too_many).then(|| reps.iter().map(|rep| (*rep, retailer.clone())).collect()))
    }
}

#[async_trait]
impl AuthStateReader for FakeStorage {
    async fn find(
        &self,
        _: TenantId,
        _: UserId,
        _: Option<SessionId>,
    ) -> Result<Option<AuthState>, StorageFailure> {
        let token_version = self.read().await?.points;
        Ok(Some(AuthState {
            role: Role::SalesRep,
            grants: Grants::Role(Role::SalesRep),
            access_version: 1,
            active: true,
            must_change_password: false,
            second_factor: SecondFactor::Off,
            token_version,
            session_ended: false,
            is_platform: false,
        }))
    }
}
