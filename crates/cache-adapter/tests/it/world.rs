//! A database of one number: how many points the only shop has. Everything else follows from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::identity::{Role, SessionId, UserStanding, UserStandingReader};
use haat_domain::retailer::{
    Retailer, RetailerBook, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerUid,
};
use haat_domain::shared::{
    AreaId, Page, PageRequest, RegionId, RetailerId, Scope, StorageFailure, TenantId, TerritoryId, UserId,
};
use haat_domain::sync::{Beginning, ChangeFeed, Heard, Touched};

pub(crate) const TENANT: TenantId = TenantId::new(1);
pub(crate) const REP: UserId = UserId::new(7);
pub(crate) const UID: &str = "RTL-1";

#[derive(Default)]
pub(crate) struct World {
    /// The number. Transactions are counted with it: the first has number 1.
    points: AtomicI32,
    /// How often the storage was read.
    pub(crate) reads: AtomicUsize,
    /// How long a read takes after it has seen the number.
    pub(crate) slow_ms: AtomicU64,
    /// While set, the feed does not answer.
    pub(crate) deaf: AtomicBool,
    /// While set, the storage does not answer.
    pub(crate) away: AtomicBool,
    /// While set, representatives have too many shops.
    pub(crate) large: AtomicBool,
    pub(crate) epoch: AtomicU64,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Changes the number by a transaction that any process may have made.
    pub(crate) fn change(&self) -> i32 {
        self.points.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn feed(self: &Arc<Self>) -> Feed {
        Feed { world: self.clone(), heard: None }
    }

    fn shop(&self) -> Retailer {
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
        if self.away.load(Ordering::SeqCst) {
            return Err(StorageFailure::Unavailable("away".into()));
        }
        let shop = self.shop();
        tokio::time::sleep(Duration::from_millis(self.slow_ms.load(Ordering::SeqCst))).await;
        Ok(shop)
    }
}

/// Says that the representative was touched for each change.
pub(crate) struct Feed {
    world: Arc<World>,
    heard: Option<i32>,
}

#[async_trait]
impl ChangeFeed for Feed {
    async fn hear(&mut self) -> Result<Heard, StorageFailure> {
        if self.world.deaf.load(Ordering::SeqCst) {
            self.heard = None;
            return Err(StorageFailure::Unavailable("deaf".into()));
        }
        let now = self.world.points.load(Ordering::SeqCst);
        let epoch = self.world.epoch.load(Ordering::SeqCst);
        let before = self.heard.replace(now);
        let touched =
            if before.unwrap_or_default() < now { vec![Touched::User(TENANT, REP)] } else { vec![] };
        let next = u64::from(now.unsigned_abs()) + 1;
        Ok(Heard {
            anew: before.is_none().then_some(Beginning { from: 0, epoch }),
            touched,
            settled: next,
            next,
        })
    }
}

#[async_trait]
impl RetailerReader for World {
    async fn list(
        &self,
        _: TenantId,
        _: Scope,
        query: &RetailerQuery,
        page: &PageRequest<RetailerKey>,
    ) -> Result<Page<Retailer, RetailerKey>, StorageFailure> {
        Ok(RetailerBook::new(vec![self.read().await?]).list(query, page))
    }

    async fn count(&self, _: TenantId, _: Scope, _: &RetailerFilter) -> Result<u64, StorageFailure> {
        self.read().await.map(|_| 1)
    }

    async fn find(
        &self,
        _: TenantId,
        _: Scope,
        uid: &RetailerUid,
    ) -> Result<Option<Retailer>, StorageFailure> {
        self.read().await.map(|shop| (shop.uid == *uid).then_some(shop))
    }

    async fn all_of_rep(
        &self,
        _: TenantId,
        _: UserId,
        _: u16,
    ) -> Result<Option<Vec<Retailer>>, StorageFailure> {
        let shop = self.read().await?;
        Ok((!self.large.load(Ordering::SeqCst)).then(|| vec![shop]))
    }
}

#[async_trait]
impl UserStandingReader for World {
    async fn find(
        &self,
        _: TenantId,
        _: UserId,
        _: Option<SessionId>,
    ) -> Result<Option<UserStanding>, StorageFailure> {
        let token_version = self.read().await?.points;
        Ok(Some(UserStanding {
            role: Role::SalesRep,
            active: true,
            must_change_password: false,
            second_factor: haat_domain::identity::SecondFactor::Off,
            token_version,
            session_ended: false,
        }))
    }
}
