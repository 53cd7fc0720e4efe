use std::hash::{BuildHasher as _, Hash, RandomState};
use std::time::{Duration, Instant};

use moka::Expiry;

/// A time to live as a safety net: no entry is used longer, even if it is believed to be current. Varied by a fifth either
/// way, so that entries created together do not expire together.
pub(crate) struct Jittered {
    around: Duration,
    hasher: RandomState,
}

impl Jittered {
    pub(crate) fn new(around: Duration) -> Self {
        Self { around, hasher: RandomState::new() }
    }

    /// Returns the time to live of this key.
    pub(crate) fn ttl(&self, key: &impl Hash) -> Duration {
        let percent = 80 + u32::try_from(self.hasher.hash_one(key) % 41).unwrap_or(20);
        self.around * percent / 100
    }
}

impl<K: Hash, V> Expiry<K, V> for Jittered {
    fn expire_after_create(&self, key: &K, _: &V, _: Instant) -> Option<Duration> {
        Some(self.ttl(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_live_vary_within_a_fifth() {
        let jittered = Jittered::new(Duration::from_secs(100));
        let times: std::collections::HashSet<_> = (0..100).map(|key| jittered.ttl(&key)).collect();
        assert!(times.len() > 10);
        assert!(times.iter().all(|ttl| (80..=120).contains(&ttl.as_secs())));
    }
}
