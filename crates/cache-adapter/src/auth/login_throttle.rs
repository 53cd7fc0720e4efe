use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::cmd;
use haat_domain::auth::{LoginThrottle, ThrottleKey};
use sha2::{Digest as _, Sha256};

use crate::RedisCache;

/// Counts an attempt under all keys or under none. Returns the time to wait in milliseconds, or 0. A key holds the time at
/// which its full burst is available again (GCRA, ITU-T I.371).
const TAKE: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free_at, wait = {}, 0
for i, key in ipairs(KEYS) do
    local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    free_at[i] = math.max(tonumber(redis.call('GET', key)) or 0, now) + interval
    wait = math.max(wait, free_at[i] - burst * interval - now)
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%d', free_at[i]), 'PX', free_at[i] - now)
end
return 0
";

/// Removes one counted attempt.
const GIVE_BACK: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i, key in ipairs(KEYS) do
    local free_at = (tonumber(redis.call('GET', key)) or 0) - tonumber(ARGV[2 * i - 1])
    if free_at > now then
        redis.call('SET', key, string.format('%d', free_at), 'PX', free_at - now)
    else
        redis.call('DEL', key)
    end
end
return 0
";

/// The number of keys at which those without counted attempts are evicted; about 100 bytes each.
const EVICTION_THRESHOLD: usize = 100_000;

/// Limits failed attempts in this process, and in Redis across all processes while Redis is available. An attempt is
/// counted before its result is known and refunded if it does not fail, so that only failures count and concurrent
/// attempts get no more than sequential ones. No rate limiter that was evaluated can refund an attempt.
pub struct SharedLoginThrottle {
    redis: Option<(Arc<RedisCache>, String)>,
    started: Instant,
    /// For each key, the time after `started` at which its full burst is available again.
    available_at: Mutex<HashMap<String, Duration>>,
}

impl SharedLoginThrottle {
    /// Creates a throttle that also counts in Redis, if given, under keys that begin with the name of the installation.
    #[must_use]
    pub fn new(redis: Option<(Arc<RedisCache>, String)>) -> Self {
        Self { redis, started: Instant::now(), available_at: Mutex::default() }
    }

    /// Runs a script over the keys. Returns `None` if Redis is unavailable.
    async fn run(&self, script: &str, keys: &[ThrottleKey]) -> Option<u64> {
        let (redis, installation) = self.redis.as_ref()?;
        let mut command = cmd("EVAL");
        command.arg(script).arg(keys.len());
        for ThrottleKey { key, .. } in keys {
            // Hashed, so that Redis holds no usernames or IP addresses. The braces are the hash tag of a cluster: all keys
            // of a script must be on one node.
            command.arg(format!("{{haat:{installation}:log-in}}:{:x}", Sha256::digest(key)));
        }
        for ThrottleKey { interval, burst, .. } in keys {
            command.arg(u64::try_from(interval.as_millis()).unwrap_or(u64::MAX)).arg(*burst);
        }
        redis.run(&command).await
    }

    fn take_here(&self, keys: &[ThrottleKey], now: Duration) -> Result<(), Duration> {
        let Ok(mut entries) = self.available_at.lock() else {
            return Ok(());
        };
        if entries.len() >= EVICTION_THRESHOLD {
            entries.retain(|_, free_at| *free_at > now);
        }
        let free_at = |key: &str| entries.get(key).copied().unwrap_or_default().max(now);
        let taken: Vec<Duration> = keys.iter().map(|key| free_at(&key.key) + key.interval).collect();
        let waits = taken.iter().zip(keys).map(|(free_at, key)| {
            free_at.saturating_sub(key.interval.saturating_mul(key.burst)).saturating_sub(now)
        });
        let wait = waits.max().unwrap_or_default();
        if wait > Duration::ZERO {
            return Err(wait);
        }
        for (free_at, key) in taken.into_iter().zip(keys) {
            entries.insert(key.key.clone(), free_at);
        }
        Ok(())
    }

    fn refund_here(&self, keys: &[ThrottleKey]) {
        if let Ok(mut entries) = self.available_at.lock() {
            for ThrottleKey { key, interval, .. } in keys {
                if let Some(free_at) = entries.get_mut(key) {
                    *free_at = free_at.saturating_sub(*interval);
                }
            }
        }
    }
}

#[async_trait]
impl LoginThrottle for SharedLoginThrottle {
    async fn take(&self, keys: &[ThrottleKey]) -> Result<(), Duration> {
        // Count here too, so that a Redis outage does not grant a second burst.
        self.take_here(keys, self.started.elapsed())?;
        match self.run(TAKE, keys).await.map(Duration::from_millis) {
            // Waits longer than the interval are ignored: they mean corrupt data in Redis, which must not lock users out.
            Some(wait) if !wait.is_zero() && keys.iter().any(|key| wait <= key.interval) => {
                self.refund_here(keys);
                Err(wait)
            }
            _ => Ok(()),
        }
    }

    async fn refund(&self, keys: &[ThrottleKey]) {
        self.refund_here(keys);
        self.run(GIVE_BACK, keys).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle_key(key: &str) -> ThrottleKey {
        ThrottleKey { key: key.to_owned(), burst: 3, interval: Duration::from_secs(10) }
    }

    #[test]
    fn allows_a_burst_and_then_one_attempt_per_interval() {
        let (throttle, key) = (SharedLoginThrottle::new(None), [throttle_key("a")]);
        let at = |seconds| throttle.take_here(&key, Duration::from_secs(seconds));
        assert_eq!([at(0), at(0), at(0)], [Ok(()); 3]);
        assert_eq!(at(0), Err(Duration::from_secs(10)));
        assert_eq!(at(4), Err(Duration::from_secs(6)));
        assert_eq!((at(10), at(10)), (Ok(()), Err(Duration::from_secs(10))));
        assert_eq!([at(1_000), at(1_000), at(1_000)], [Ok(()); 3], "never more than a burst");
        assert!(at(1_000).is_err());
    }

    #[tokio::test]
    async fn losing_redis_grants_no_second_burst() {
        let (redis, key) =
            (Arc::new(RedisCache::new(&haat_test_support::redis_url()).unwrap()), [throttle_key("a")]);
        let installation = format!("burst-{}", std::process::id());
        let mut throttle = SharedLoginThrottle::new(Some((redis.clone(), installation.clone())));
        for _ in 0..3 {
            assert_eq!(throttle.take(&key).await, Ok(()));
        }
        throttle.redis = None;
        assert!(throttle.take(&key).await.is_err(), "counted in this process");
        let other = SharedLoginThrottle::new(Some((redis, installation)));
        assert!(other.take(&key).await.is_err(), "counted in Redis");
    }

    #[test]
    fn returned_attempts_do_not_count() {
        let (throttle, key) = (SharedLoginThrottle::new(None), [throttle_key("a")]);
        for _ in 0..100 {
            assert_eq!(throttle.take_here(&key, Duration::ZERO), Ok(()));
            throttle.refund_here(&key);
        }
    }

    #[test]
    fn counts_under_no_key_if_one_is_exhausted() {
        let throttle = SharedLoginThrottle::new(None);
        for _ in 0..3 {
            assert_eq!(throttle.take_here(&[throttle_key("a")], Duration::ZERO), Ok(()));
        }
        let both = [throttle_key("a"), throttle_key("b")];
        assert!(throttle.take_here(&both, Duration::ZERO).is_err());
        for _ in 0..3 {
            assert_eq!(throttle.take_here(&[throttle_key("b")], Duration::ZERO), Ok(()));
        }
    }
}
