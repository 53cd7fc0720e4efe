use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_domain::shared::{TenantId, UserId};
use haat_domain::sync::{ChangeBatch, ChangeFeed, Invalidation, OnCommit, Topic};
use tokio::sync::{Notify, watch};

use super::slots::{Slot, Slots};

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

/// The data that a cache entry depends on. Each also depends on its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// The retailers that a sales rep serves.
    RepRetailers(TenantId, UserId),
    /// The auth state of a user.
    AuthState(TenantId, UserId),
    /// The names on a tenant's sales map.
    SalesMap(TenantId),
    /// Data of a topic: that of a user, or what all users of the tenant share. The two are different subjects; a cache that
    /// holds both depends on both.
    Topic(TenantId, Topic, Option<UserId>),
}

impl Subject {
    /// Returns the tenant.
    const fn tenant(self) -> TenantId {
        match self {
            Self::RepRetailers(tenant, _)
            | Self::AuthState(tenant, _)
            | Self::SalesMap(tenant)
            | Self::Topic(tenant, _, _) => tenant,
        }
    }
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
    rep_retailers: Slots,
    auth_states: Slots,
    sales_maps: Slots,
    /// In slots of their own, because they change often: a topic that shares a slot with a list of retailers empties it.
    topics: Slots,
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
        let coherence = Arc::new(Self::new());
        tokio::spawn(follow(Arc::downgrade(&coherence), feed));
        coherence
    }

    fn new() -> Self {
        Self {
            started: Instant::now(),
            asked_at: AtomicU64::new(0),
            not_before: AtomicU64::new(0),
            rep_retailers: Slots::new(1 << 16),
            auth_states: Slots::new(1 << 16),
            sales_maps: Slots::new(1 << 12),
            topics: Slots::new(1 << 18),
            tenants: Slots::new(1 << 12),
            everything: Slots::new(1),
            settled: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            hasher: std::hash::RandomState::new(),
            poll_now: Notify::new(),
            attempts: watch::Sender::new(Attempt::default()),
        }
    }

    /// Returns the generation of a subject, or `None` if cached data may not be used at present.
    pub(crate) fn generation(&self, subject: Subject) -> Option<Generation> {
        self.generation_of([subject])
    }

    /// Returns one generation for all of these subjects together, or `None` if cached data may not be used at present.
    pub(crate) fn generation_of<const N: usize>(&self, subjects: [Subject; N]) -> Option<Generation> {
        let asked_at = self.asked_at.load(Ordering::Acquire);
        let fresh = asked_at > 0
            && asked_at >= self.not_before.load(Ordering::Acquire)
            && self.now() < asked_at + micros(LEASE);
        fresh.then(|| Generation(subjects.into_iter().map(|subject| self.state(subject)).sum()))
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
    pub(crate) async fn confirm(&self) -> bool {
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

    fn state(&self, subject: Subject) -> u64 {
        let (own, tenant) = self.slots_of(subject);
        // Each of them only grows, so their sum identifies the state as well as the three would.
        own.raised() + tenant.raised() + self.everything.at(0).raised()
    }

    fn slots_of(&self, subject: Subject) -> (Slot<'_>, Slot<'_>) {
        (self.own_slot(subject), self.tenant_slot(subject.tenant()))
    }

    fn own_slot(&self, subject: Subject) -> Slot<'_> {
        let slots = match subject {
            Subject::RepRetailers(..) => &self.rep_retailers,
            Subject::AuthState(..) => &self.auth_states,
            Subject::SalesMap(_) => &self.sales_maps,
            Subject::Topic(..) => &self.topics,
        };
        slots.at(self.hasher.hash_one(subject))
    }

    fn tenant_slot(&self, tenant: TenantId) -> Slot<'_> {
        self.tenants.at(self.hasher.hash_one(tenant))
    }

    /// Applies the changes returned by the poll that started at `asked_at`.
    fn apply(&self, batch: &ChangeBatch, asked_at: u64) {
        if let Some(start) = batch.restarted {
            self.epoch.store(start.epoch, Ordering::Release);
            self.everything.at(0).raise(start.from);
        }
        for invalidation in &batch.invalidations {
            let slot = match *invalidation {
                Invalidation::RepRetailers(tenant, rep) => self.own_slot(Subject::RepRetailers(tenant, rep)),
                Invalidation::AuthState(tenant, user) => self.own_slot(Subject::AuthState(tenant, user)),
                Invalidation::SalesMap(tenant) => self.own_slot(Subject::SalesMap(tenant)),
                Invalidation::Topic(tenant, topic, user) => {
                    self.own_slot(Subject::Topic(tenant, topic, user))
                }
                Invalidation::Tenant(tenant) => self.tenant_slot(tenant),
            };
            slot.raise(batch.next);
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

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId::new(1);
    const REP: UserId = UserId::new(7);

    #[test]
    fn an_invalidation_raises_its_subject_and_no_other() {
        let coherence = Coherence::new();
        let mut next = 10;
        let mut raised_by = |invalidation, subjects: &[Subject]| -> Vec<bool> {
            let before: Vec<_> = subjects.iter().map(|subject| coherence.generation(*subject)).collect();
            next += 1;
            let invalidations = vec![invalidation];
            let batch = ChangeBatch { restarted: None, invalidations, settled: next, next };
            coherence.apply(&batch, coherence.now());
            let rose = |(subject, before): (&Subject, &Option<Generation>)| {
                assert_eq!(
                    coherence.is_current(*subject, next - 1),
                    coherence.generation(*subject) == *before
                );
                coherence.generation(*subject) != *before
            };
            subjects.iter().zip(&before).map(rose).collect()
        };
        let pairs = [
            (Invalidation::RepRetailers(TENANT, REP), Subject::RepRetailers(TENANT, REP)),
            (Invalidation::AuthState(TENANT, REP), Subject::AuthState(TENANT, REP)),
            (Invalidation::SalesMap(TENANT), Subject::SalesMap(TENANT)),
            (
                Invalidation::Topic(TENANT, Topic::Visits, Some(REP)),
                Subject::Topic(TENANT, Topic::Visits, Some(REP)),
            ),
            (
                Invalidation::Topic(TENANT, Topic::Orders, Some(REP)),
                Subject::Topic(TENANT, Topic::Orders, Some(REP)),
            ),
            (Invalidation::Topic(TENANT, Topic::Team, None), Subject::Topic(TENANT, Topic::Team, None)),
        ];
        let subjects = pairs.map(|(_, subject)| subject);
        raised_by(Invalidation::Tenant(TENANT), &subjects);
        for (invalidation, subject) in pairs {
            let expected: Vec<_> = subjects.iter().map(|other| *other == subject).collect();
            assert_eq!(raised_by(invalidation, &subjects), expected, "{invalidation:?}");
        }
        assert_eq!(raised_by(Invalidation::Tenant(TENANT), &subjects), [true; 6]);
    }

    #[test]
    fn a_generation_of_several_subjects_changes_with_each_of_them() {
        let coherence = Coherence::new();
        let subjects = [Subject::AuthState(TENANT, REP), Subject::RepRetailers(TENANT, REP)];
        let mut seen = Vec::new();
        for invalidation in [
            Invalidation::AuthState(TENANT, REP),
            Invalidation::RepRetailers(TENANT, REP),
            Invalidation::Tenant(TENANT),
        ] {
            let batch =
                ChangeBatch { restarted: None, invalidations: vec![invalidation], settled: 1, next: 1 };
            coherence.apply(&batch, coherence.now());
            let generation = coherence.generation_of(subjects);
            assert!(generation.is_some() && !seen.contains(&generation), "{invalidation:?}");
            seen.push(generation);
        }
    }
}
