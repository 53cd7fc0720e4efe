use std::sync::atomic::{AtomicU64, Ordering};

/// Counters for any number of subjects in a fixed amount of memory. Two subjects may share one: invalidating one then
/// invalidates the other too, which costs a read and is never wrong.
pub(super) struct Slots(Box<[Counter]>);

#[derive(Default)]
struct Counter {
    raised: AtomicU64,
    invalidated_before: AtomicU64,
}

impl Slots {
    /// Creates the counters; `count` is rounded up to a power of two.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count.next_power_of_two()).map(|_| Counter::default()).collect())
    }

    /// Returns the slot of the subject with this hash.
    pub(super) fn at(&self, hash: u64) -> Slot<'_> {
        let mask = self.0.len() - 1;
        let index = usize::try_from(hash & mask as u64).unwrap_or_default();
        Slot(self.0.get(index))
    }
}

/// One of the counters.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a>(Option<&'a Counter>);

impl Slot<'_> {
    /// Returns the number of invalidations.
    pub(super) fn raised(self) -> u64 {
        self.0.map_or(0, |counter| counter.raised.load(Ordering::Acquire))
    }

    /// Returns the transaction id before which all invalidating transactions had ended.
    pub(super) fn invalidated_before(self) -> u64 {
        self.0.map_or(0, |counter| counter.invalidated_before.load(Ordering::Acquire))
    }

    /// Records an invalidation by a transaction that had ended before this transaction id.
    pub(super) fn raise(self, before: u64) {
        if let Some(counter) = self.0 {
            counter.invalidated_before.fetch_max(before, Ordering::AcqRel);
            counter.raised.fetch_add(1, Ordering::AcqRel);
        }
    }
}
