use std::hash::{BuildHasher as _, Hash, RandomState};
use std::time::{Duration, Instant};

use moka::Expiry;

/// A safety net: nothing is remembered longer, however true it is believed to be. Spread by a fifth either way, so
/// that what was filled together does not expire together.
pub(crate) struct Jittered {
    around: Duration,
    chance: RandomState,
}

impl Jittered {
    pub(crate) fn new(around: Duration) -> Self {
        Self { around, chance: RandomState::new() }
    }

    /// The time to live of this key.
    pub(crate) fn ttl(&self, key: &impl Hash) -> Duration {
        let percent = 80 + u32::try_from(self.chance.hash_one(key) % 41).unwrap_or(20);
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
    fn times_differ_and_stay_near_what_was_asked() {
        let jittered = Jittered::new(Duration::from_secs(100));
        let times: std::collections::HashSet<_> = (0..100).map(|key| jittered.ttl(&key)).collect();
        assert!(times.len() > 10);
        assert!(times.iter().all(|ttl| (80..=120).contains(&ttl.as_secs())));
    }
}
