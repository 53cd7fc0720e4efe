use std::sync::atomic::{AtomicU64, Ordering};

/// Counters for any number of things in a fixed amount of memory. Two things may share one: touching one then forgets
/// the other too, which costs a read and is never wrong.
pub(super) struct Slots(Box<[Counter]>);

#[derive(Default)]
struct Counter {
    raised: AtomicU64,
    touched_before: AtomicU64,
}

impl Slots {
    /// `count` must be a power of two.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count.next_power_of_two()).map(|_| Counter::default()).collect())
    }

    /// The slot of the thing with this hash.
    pub(super) fn at(&self, hash: u64) -> Slot<'_> {
        let mask = self.0.len() - 1;
        let index = usize::try_from(hash & mask as u64).unwrap_or_default();
        Slot(self.0.get(index))
    }
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a>(Option<&'a Counter>);

impl Slot<'_> {
    /// How often it was touched.
    pub(super) fn raised(self) -> u64 {
        self.0.map_or(0, |counter| counter.raised.load(Ordering::Acquire))
    }

    /// All that touched it had ended before this transaction.
    pub(super) fn touched_before(self) -> u64 {
        self.0.map_or(0, |counter| counter.touched_before.load(Ordering::Acquire))
    }

    /// It was touched by something that had ended before this transaction.
    pub(super) fn raise(self, before: u64) {
        if let Some(counter) = self.0 {
            counter.touched_before.fetch_max(before, Ordering::AcqRel);
            counter.raised.fetch_add(1, Ordering::AcqRel);
        }
    }
}
