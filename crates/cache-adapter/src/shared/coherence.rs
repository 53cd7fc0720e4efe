use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_domain::shared::{TenantId, UserId};
use haat_domain::sync::{ChangeFeed, Heard, OnCommit, Touched};
use tokio::sync::{Notify, watch};

use super::slots::Slots;

/// How long after asking the feed memory may answer. Less than the 100 ms promised, for what comes after the look.
const LEASE: Duration = Duration::from_millis(90);

/// How often the feed is asked while nobody is in a hurry: four times per lease, so that one slow answer costs nothing.
const PACE: Duration = Duration::from_millis(22);

/// The least time between two questions, so that all who are in a hurry share one.
const REST: Duration = Duration::from_millis(1);

/// After a failure the feed is left alone this long.
const REST_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// How long somebody in a hurry waits for the feed.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a cached thing depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// What a user may do, and a representative's shops.
    User(TenantId, UserId),
    /// The names on a tenant's map.
    Map(TenantId),
}

/// The state of a subject. It only grows, so two that are equal are the same state; a cached thing is kept under the
/// state that was read *before* the storage was asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Generation(u64);

impl Generation {
    /// Its number.
    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

/// Knows whether what is cached is still true.
///
/// One task asks the change feed many times a second what was committed, by any process, and raises the generation of
/// every subject it touched. Memory answers only while the feed was asked within the last 90 ms: then it knows of
/// every change acknowledged before. Nothing here depends on Redis.
pub struct Coherence {
    started: Instant,
    /// When the question was asked to which the last answer came, in µs after `started`; 0: never.
    asked_at: AtomicU64,
    /// Questions asked before this moment do not count: a change of this process could not be confirmed.
    not_before: AtomicU64,
    users: Slots,
    maps: Slots,
    tenants: Slots,
    everything: Slots,
    /// Below this transaction, everything has ended and been heard.
    settled: AtomicU64,
    epoch: AtomicU64,
    hasher: std::hash::RandomState,
    /// Wakes the task.
    hurry: Notify,
    attempts: watch::Sender<Attempt>,
}

/// When the feed was last asked, and whether it answered.
#[derive(Debug, Clone, Copy, Default)]
struct Attempt {
    asked_at: u64,
    answered: bool,
}

impl Coherence {
    /// Starts to follow the feed, on the present tokio runtime, until nobody holds what is given back.
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
            hurry: Notify::new(),
            attempts: watch::Sender::new(Attempt::default()),
        });
        tokio::spawn(follow(Arc::downgrade(&coherence), feed));
        coherence
    }

    /// The generation of a subject, if memory may answer now.
    pub(crate) fn generation(&self, subject: Subject) -> Option<Generation> {
        let asked_at = self.asked_at.load(Ordering::Acquire);
        let fresh = asked_at > 0
            && asked_at >= self.not_before.load(Ordering::Acquire)
            && self.now() < asked_at + micros(LEASE);
        fresh.then(|| self.state(subject))
    }

    /// The generation of a subject; where memory may not answer just now the feed is asked first, one question for
    /// all who wait. `None`: the feed has no answer, so the storage itself must be asked.
    pub(crate) async fn confirmed(&self, subject: Subject) -> Option<Generation> {
        let known = self.generation(subject);
        if known.is_some() {
            return known;
        }
        let last = *self.attempts.borrow();
        // A feed that has just failed is not waited for by every read: the storage may still answer.
        let failing = last.asked_at > 0 && !last.answered;
        if !failing && self.confirm().await { self.generation(subject) } else { None }
    }

    /// Waits until the feed has answered a question asked from now on. False when it did not.
    async fn confirm(&self) -> bool {
        let now = self.now();
        let mut attempts = self.attempts.subscribe();
        self.hurry.notify_one();
        let attempt = attempts.wait_for(|attempt| attempt.asked_at >= now);
        matches!(tokio::time::timeout(PATIENCE, attempt).await, Ok(Ok(attempt)) if attempt.answered)
    }

    /// What a fill that begins now will have seen, for caches that other processes read.
    pub(crate) fn settled(&self) -> u64 {
        self.settled.load(Ordering::Acquire)
    }

    /// The epoch in which numbers of transactions can be compared.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether what was read when everything below `settled` had ended is still true.
    pub(crate) fn still_true(&self, subject: Subject, settled: u64) -> bool {
        let (own, tenant) = self.slots_of(subject);
        settled
            >= own.touched_before().max(tenant.touched_before()).max(self.everything.at(0).touched_before())
    }

    fn state(&self, subject: Subject) -> Generation {
        let (own, tenant) = self.slots_of(subject);
        // All of them only grow, so their sum names a state as well as all three would.
        Generation(own.raised() + tenant.raised() + self.everything.at(0).raised())
    }

    fn slots_of(&self, subject: Subject) -> (super::slots::Slot<'_>, super::slots::Slot<'_>) {
        let (slots, tenant) = match subject {
            Subject::User(tenant, _) => (&self.users, tenant),
            Subject::Map(tenant) => (&self.maps, tenant),
        };
        (slots.at(self.hasher.hash_one(subject)), self.tenants.at(self.hasher.hash_one(tenant)))
    }

    /// Takes over what the feed told in answer to a question asked at `asked_at`.
    fn take_over(&self, heard: &Heard, asked_at: u64) {
        if let Some(beginning) = heard.anew {
            self.epoch.store(beginning.epoch, Ordering::Release);
            self.everything.at(0).raise(beginning.from);
        }
        for touched in &heard.touched {
            match *touched {
                Touched::User(tenant, user) => self.slots_of(Subject::User(tenant, user)).0.raise(heard.next),
                Touched::Map(tenant) => self.slots_of(Subject::Map(tenant)).0.raise(heard.next),
                Touched::Tenant(tenant) => self.slots_of(Subject::Map(tenant)).1.raise(heard.next),
            }
        }
        self.settled.store(heard.settled, Ordering::Release);
        // Last: whoever sees the lease sees the generations too.
        self.asked_at.store(asked_at, Ordering::Release);
    }

    /// Microseconds since the start, never 0.
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
            // Whatever memory holds may be older than the change: it has to wait for an answer that is not.
            self.not_before.fetch_max(now, Ordering::AcqRel);
        }
    }
}

async fn follow(coherence: std::sync::Weak<Coherence>, mut feed: Box<dyn ChangeFeed>) {
    let mut answered = true;
    loop {
        let Some(following) = coherence.upgrade() else {
            return;
        };
        let asked_at = following.now();
        let heard = feed.hear().await;
        match &heard {
            Ok(heard) => following.take_over(heard, asked_at),
            Err(failure) if answered => {
                tracing::warn!(%failure, "the change feed does not answer; reading without memory until it does");
            }
            Err(_) => {}
        }
        answered = heard.is_ok();
        following.attempts.send_replace(Attempt { asked_at, answered });
        if answered {
            tokio::time::sleep(REST).await;
            let _ = tokio::time::timeout(PACE, following.hurry.notified()).await;
        } else {
            tokio::time::sleep(REST_AFTER_FAILURE).await;
        }
    }
}
