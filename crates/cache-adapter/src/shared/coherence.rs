use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_domain::shared::{TenantId, UserId};
use haat_domain::sync::{ChangeBatch, ChangeFeed, Invalidation, OnCommit};
use tokio::sync::{Notify, watch};

use super::slots::Slots;

/// Time after a poll of the feed during which cached data may be used. Below the promised 100 ms, to leave time for the rest
/// of the request.
const LEASE: Duration = Duration::from_millis(90);

/// Interval between polls while no request waits: four per lease, so that one slow poll costs nothing.
const POLL_INTERVAL: Duration = Duration::from_millis(22);

/// The least time between two polls, so that all waiting requests share one.
const MIN_PAUSE: Duration = Duration::from_millis(1);

/// Pause after a failed poll.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Time limit on waiting for a poll.
const POLL_TIMEOUT: Duration = Duration::from_millis(500);

/// The data that a cache entry depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// The auth state of a user and the retailers of a sales rep.
    User(TenantId, UserId),
    /// The names on a tenant's sales map.
    Map(TenantId),
}

/// The state of a subject. It only grows, so equal generations are the same state. An entry is cached under the generation
/// that was read *before* its data was read from the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Generation(u64);

impl Generation {
    /// Returns the number.
    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

/// Determines whether cached data is still current.
///
/// One task polls the change feed many times a second for changes committed by any process, and raises the generation of
/// every affected subject. Cached data is used only if the feed was polled successfully within the last 90 ms: then every
/// change acknowledged before that poll is known. Nothing here depends on Redis.
pub struct Coherence {
    started: Instant,
    /// Start of the last successful poll, in µs after `started`; 0: none.
    asked_at: AtomicU64,
    /// Polls that started before this time do not count, because a change of this process could not be confirmed.
    not_before: AtomicU64,
    users: Slots,
    maps: Slots,
    tenants: Slots,
    everything: Slots,
    /// Every transaction below this id has ended and been seen.
    settled: AtomicU64,
    epoch: AtomicU64,
    hasher: std::hash::RandomState,
    /// Wakes the polling task.
    poll_now: Notify,
    attempts: watch::Sender<Attempt>,
}

/// Start of the last poll, and whether it succeeded.
#[derive(Debug, Clone, Copy, Default)]
struct Attempt {
    asked_at: u64,
    succeeded: bool,
}

impl Coherence {
    /// Starts polling the feed on the current tokio runtime, until the returned value is dropped everywhere.
    #[must_use]
    pub fn follow(feed: Box<dyn ChangeFeed>) -> Arc<Self> {
        let coherence = Arc::new(Self {
            started: Instant::now(),
            asked_at: AtomicU64::new(0),
            not_before: AtomicU64::new(0),
            users: Slots::new(1 << 16),
            maps: Slots::new(1 << 8),
            tenants: Slots::new(1 << 8),
            everything: Slots::new(1),
            settled: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            hasher: std::hash::RandomState::new(),
            poll_now: Notify::new(),
            attempts: watch::Sender::new(Attempt::default()),
        });
        tokio::spawn(follow(Arc::downgrade(&coherence), feed));
        coherence
    }

    /// Returns the generation of a subject, or `None` if cached data may not be used at present.
    pub(crate) fn generation(&self, subject: Subject) -> Option<Generation> {
        let asked_at = self.asked_at.load(Ordering::Acquire);
        let fresh = asked_at > 0
            && asked_at >= self.not_before.load(Ordering::Acquire)
            && self.now() < asked_at + micros(LEASE);
        fresh.then(|| self.state(subject))
    }

    /// Returns the generation of a subject. If cached data may not be used at present, it waits for a poll, shared by all
    /// waiting requests. Returns `None` if the poll fails; the data must then be read from the storage.
    pub(crate) async fn confirmed(&self, subject: Subject) -> Option<Generation> {
        let known = self.generation(subject);
        if known.is_some() {
            return known;
        }
        let last = *self.attempts.borrow();
        // After a failed poll reads do not wait for the next one: the storage may still respond.
        let failing = last.asked_at > 0 && !last.succeeded;
        if !failing && self.confirm().await { self.generation(subject) } else { None }
    }

    /// Waits for a poll that starts from now on. Returns whether it succeeded.
    async fn confirm(&self) -> bool {
        let now = self.now();
        let mut attempts = self.attempts.subscribe();
        self.poll_now.notify_one();
        let attempt = attempts.wait_for(|attempt| attempt.asked_at >= now);
        matches!(tokio::time::timeout(POLL_TIMEOUT, attempt).await, Ok(Ok(attempt)) if attempt.succeeded)
    }

    /// Returns the transaction id below which a read that starts now sees everything, for caches shared by processes.
    pub(crate) fn settled(&self) -> u64 {
        self.settled.load(Ordering::Acquire)
    }

    /// Returns the epoch within which transaction ids can be compared.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Returns whether data read when every transaction below `settled` had ended is still current.
    pub(crate) fn is_current(&self, subject: Subject, settled: u64) -> bool {
        let (own, tenant) = self.slots_of(subject);
        settled
            >= own
                .invalidated_before()
                .max(tenant.invalidated_before())
                .max(self.everything.at(0).invalidated_before())
    }

    fn state(&self, subject: Subject) -> Generation {
        let (own, tenant) = self.slots_of(subject);
        // Each of them only grows, so their sum identifies the state as well as the three would.
        Generation(own.raised() + tenant.raised() + self.everything.at(0).raised())
    }

    fn slots_of(&self, subject: Subject) -> (super::slots::Slot<'_>, super::slots::Slot<'_>) {
        let (slots, tenant) = match subject {
            Subject::User(tenant, _) => (&self.users, tenant),
            Subject::Map(tenant) => (&self.maps, tenant),
        };
        (slots.at(self.hasher.hash_one(subject)), self.tenants.at(self.hasher.hash_one(tenant)))
    }

    /// Applies the changes returned by the poll that started at `asked_at`.
    fn apply(&self, batch: &ChangeBatch, asked_at: u64) {
        if let Some(start) = batch.restarted {
            self.epoch.store(start.epoch, Ordering::Release);
            self.everything.at(0).raise(start.from);
        }
        for invalidation in &batch.invalidations {
            match *invalidation {
                Invalidation::User(tenant, user) => {
                    self.slots_of(Subject::User(tenant, user)).0.raise(batch.next);
                }
                Invalidation::Map(tenant) => self.slots_of(Subject::Map(tenant)).0.raise(batch.next),
                Invalidation::Tenant(tenant) => self.slots_of(Subject::Map(tenant)).1.raise(batch.next),
            }
        }
        self.settled.store(batch.settled, Ordering::Release);
        // Last, so that a reader that sees the lease also sees the generations.
        self.asked_at.store(asked_at, Ordering::Release);
    }

    /// Returns the microseconds since the start, never 0.
    fn now(&self) -> u64 {
        micros(self.started.elapsed()) + 1
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[async_trait]
impl OnCommit for Coherence {
    async fn committed(&self) {
        let now = self.now();
        if !self.confirm().await {
            // Cached data may be older than the change: it is not used until a later poll succeeds.
            self.not_before.fetch_max(now, Ordering::AcqRel);
        }
    }
}

async fn follow(coherence: std::sync::Weak<Coherence>, mut feed: Box<dyn ChangeFeed>) {
    let mut succeeded = true;
    loop {
        let Some(coherence) = coherence.upgrade() else {
            return;
        };
        let asked_at = coherence.now();
        let batch = feed.poll().await;
        match &batch {
            Ok(batch) => coherence.apply(batch, asked_at),
            Err(failure) if succeeded => {
                tracing::warn!(%failure, "the change feed does not respond; bypassing caches until it does");
            }
            Err(_) => {}
        }
        succeeded = batch.is_ok();
        coherence.attempts.send_replace(Attempt { asked_at, succeeded });
        if succeeded {
            tokio::time::sleep(MIN_PAUSE).await;
            let _ = tokio::time::timeout(POLL_INTERVAL, coherence.poll_now.notified()).await;
        } else {
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
        }
    }
}
