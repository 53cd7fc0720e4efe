use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::cmd;
use haat_domain::identity::{Counted, LoginThrottle};
use sha2::{Digest as _, Sha256};

use crate::RedisCache;

/// Counts by all keys at once, or by none: how long to wait, in milliseconds, or 0. A key holds the moment at which all of
/// its burst is free again (GCRA, ITU-T I.371).
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

/// Takes one back.
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

/// As many keys are remembered in the process; some 100 bytes each. Beyond, those with nothing counted are forgotten.
const KEYS: usize = 100_000;

/// Counts failed logins in this process, and in Redis for all processes together while there is one.
///
/// No limiter on crates.io gives one back that was counted, which is needed so that only failures count and many at once are
/// not more than one after the other.
pub struct SharedLoginThrottle {
    redis: Option<(Arc<RedisCache>, String)>,
    started: Instant,
    /// By key: the moment at which all of its burst is free again, after `started`.
    counted: Mutex<HashMap<String, Duration>>,
}

impl SharedLoginThrottle {
    /// Counts in this Redis, under keys that begin with a word for the installation.
    #[must_use]
    pub fn new(redis: Option<(Arc<RedisCache>, String)>) -> Self {
        Self { redis, started: Instant::now(), counted: Mutex::default() }
    }

    /// Runs a script over the keys. `None`: Redis did not.
    async fn run(&self, script: &str, counted: &[Counted]) -> Option<u64> {
        let (redis, installation) = self.redis.as_ref()?;
        let mut command = cmd("EVAL");
        command.arg(script).arg(counted.len());
        for Counted { key, .. } in counted {
            // Names and addresses are nobody's business who looks into Redis. In braces, what decides on which machine of a
            // cluster it is: all of a script's must be on one.
            command.arg(format!("{{haat:{installation}:log-in}}:{:x}", Sha256::digest(key)));
        }
        for Counted { interval, burst, .. } in counted {
            command.arg(u64::try_from(interval.as_millis()).unwrap_or(u64::MAX)).arg(*burst);
        }
        redis.run(&command).await
    }

    fn take_here(&self, counted: &[Counted], now: Duration) -> Result<(), Duration> {
        let Ok(mut kept) = self.counted.lock() else {
            return Ok(());
        };
        if kept.len() >= KEYS {
            kept.retain(|_, free_at| *free_at > now);
        }
        let free_at = |key: &str| kept.get(key).copied().unwrap_or_default().max(now);
        let taken: Vec<Duration> =
            counted.iter().map(|counted| free_at(&counted.key) + counted.interval).collect();
        let waits = taken.iter().zip(counted).map(|(free_at, counted)| {
            free_at.saturating_sub(counted.interval.saturating_mul(counted.burst)).saturating_sub(now)
        });
        let wait = waits.max().unwrap_or_default();
        if wait > Duration::ZERO {
            return Err(wait);
        }
        for (free_at, counted) in taken.into_iter().zip(counted) {
            kept.insert(counted.key.clone(), free_at);
        }
        Ok(())
    }

    fn give_back_here(&self, counted: &[Counted]) {
        if let Ok(mut kept) = self.counted.lock() {
            for Counted { key, interval, .. } in counted {
                if let Some(free_at) = kept.get_mut(key) {
                    *free_at = free_at.saturating_sub(*interval);
                }
            }
        }
    }
}

#[async_trait]
impl LoginThrottle for SharedLoginThrottle {
    async fn take(&self, counted: &[Counted]) -> Result<(), Duration> {
        // Here too, so that a Redis that answers now and then makes no second burst of it.
        self.take_here(counted, self.started.elapsed())?;
        match self.run(TAKE, counted).await.map(Duration::from_millis) {
            // No wait is longer: what Redis holds does not keep anybody out.
            Some(wait) if !wait.is_zero() && counted.iter().any(|counted| wait <= counted.interval) => {
                self.give_back_here(counted);
                Err(wait)
            }
            _ => Ok(()),
        }
    }

    async fn give_back(&self, counted: &[Counted]) {
        self.give_back_here(counted);
        self.run(GIVE_BACK, counted).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(key: &str) -> Counted {
        Counted { key: key.to_owned(), burst: 3, interval: Duration::from_secs(10) }
    }

    #[test]
    fn a_burst_is_free_and_then_one_for_each_interval() {
        let (throttle, key) = (SharedLoginThrottle::new(None), [counted("a")]);
        let at = |seconds| throttle.take_here(&key, Duration::from_secs(seconds));
        assert_eq!([at(0), at(0), at(0)], [Ok(()); 3]);
        assert_eq!(at(0), Err(Duration::from_secs(10)));
        assert_eq!(at(4), Err(Duration::from_secs(6)));
        assert_eq!((at(10), at(10)), (Ok(()), Err(Duration::from_secs(10))));
        assert_eq!([at(1_000), at(1_000), at(1_000)], [Ok(()); 3], "and never more");
        assert!(at(1_000).is_err());
    }

    #[tokio::test]
    async fn a_redis_that_goes_away_makes_no_second_burst() {
        let (redis, key) =
            (Arc::new(RedisCache::new(&haat_test_support::redis_url()).unwrap()), [counted("a")]);
        let installation = format!("burst-{}", std::process::id());
        let mut throttle = SharedLoginThrottle::new(Some((redis.clone(), installation.clone())));
        for _ in 0..3 {
            assert_eq!(throttle.take(&key).await, Ok(()));
        }
        throttle.redis = None;
        assert!(throttle.take(&key).await.is_err(), "counted here");
        let other = SharedLoginThrottle::new(Some((redis, installation)));
        assert!(other.take(&key).await.is_err(), "and there");
    }

    #[test]
    fn what_did_not_fail_does_not_count() {
        let (throttle, key) = (SharedLoginThrottle::new(None), [counted("a")]);
        for _ in 0..100 {
            assert_eq!(throttle.take_here(&key, Duration::ZERO), Ok(()));
            throttle.give_back_here(&key);
        }
    }

    #[test]
    fn nothing_is_counted_where_one_of_them_has_no_room() {
        let throttle = SharedLoginThrottle::new(None);
        for _ in 0..3 {
            assert_eq!(throttle.take_here(&[counted("a")], Duration::ZERO), Ok(()));
        }
        let both = [counted("a"), counted("b")];
        assert!(throttle.take_here(&both, Duration::ZERO).is_err());
        for _ in 0..3 {
            assert_eq!(throttle.take_here(&[counted("b")], Duration::ZERO), Ok(()));
        }
    }
}
