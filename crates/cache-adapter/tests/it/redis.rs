use std::sync::Arc;
use std::time::{Duration, Instant};

use haat_cache_adapter::{ByteCache as _, RedisCache, SharedLoginThrottle};
use haat_domain::auth::{LoginThrottle as _, ThrottleKey};
use haat_test_support::{Proxy, redis_url, unique_word};

const LONG: Duration = Duration::from_mins(1);

fn redis(url: &str) -> RedisCache {
    RedisCache::new(url).unwrap()
}

#[tokio::test]
async fn processes_share_entries_until_they_expire() {
    let (cache, other) = (redis(&redis_url()), redis(&redis_url()));
    let (a, b) = (unique_word(), unique_word());
    assert_eq!(cache.get(&a).await, None);
    cache.put(&a, b"\0\xff".to_vec(), LONG).await;
    cache.put(&b, b"short".to_vec(), Duration::from_millis(50)).await;
    assert_eq!(other.get(&a).await.as_deref(), Some(&b"\0\xff"[..]));
    assert_eq!(cache.get(&b).await.as_deref(), Some(&b"short"[..]));
    cache.put(&a, b"new".to_vec(), LONG).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(other.get(&a).await.as_deref(), Some(&b"new"[..]));
    assert_eq!(cache.get(&b).await, None);
}

#[tokio::test]
async fn an_unavailable_redis_acts_as_empty_and_causes_no_delay() {
    let proxy = Proxy::new(&redis_url()).await;
    let cache = redis(&proxy.through(&redis_url()));
    let key = unique_word();
    cache.put(&key, b"x".to_vec(), LONG).await;
    assert!(cache.get(&key).await.is_some());
    for fail in [Proxy::take_down, Proxy::hang] {
        fail(&proxy);
        let started = Instant::now();
        for _ in 0..100 {
            assert_eq!(cache.get(&key).await, None);
            cache.put(&key, b"x".to_vec(), LONG).await;
        }
        // The first request waits 50 ms at most, the others do not wait.
        assert!(started.elapsed() < Duration::from_millis(5 * 50), "{:?}", started.elapsed());
        proxy.bring_up();
        tokio::time::timeout(Duration::from_secs(10), async {
            while cache.get(&key).await.is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .expect("Redis is used again once it is available");
    }
}

#[test]
fn the_connection_outlives_the_runtime_that_opened_it() {
    let main = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let cache = main.block_on(async { redis(&redis_url()) });
    let key = unique_word();
    let worker = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    worker().block_on(cache.put(&key, b"x".to_vec(), LONG));
    assert!(worker().block_on(cache.get(&key)).is_some(), "the first worker has ended");
}

#[tokio::test]
async fn rejects_invalid_urls() {
    for url in ["", "redis", "http://127.0.0.1"] {
        assert!(RedisCache::new(url).is_err(), "{url:?}");
    }
}

/// Returns a unique key with a burst of three, then one attempt every 200 ms.
fn throttle_key() -> [ThrottleKey; 1] {
    [ThrottleKey { key: unique_word(), burst: 3, interval: Duration::from_millis(200) }]
}

fn throttle(url: &str) -> Arc<SharedLoginThrottle> {
    Arc::new(SharedLoginThrottle::new(Some((Arc::new(redis(url)), "test".to_owned()))))
}

#[tokio::test]
async fn processes_share_a_count_and_concurrent_attempts_get_no_more() {
    let processes = [throttle(&redis_url()), throttle(&redis_url())];
    let key = throttle_key();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let (process, key) = (processes[number % 2].clone(), key.clone());
        tasks.spawn(async move { process.take(&key).await.is_ok() });
    }
    let taken = tasks.join_all().await.into_iter().filter(|taken| *taken).count();
    // On a slow machine the test may take long enough for one more.
    assert!((3..=5).contains(&taken), "{taken}");
    let wait = processes[0].take(&key).await.unwrap_err();
    assert!(wait <= Duration::from_millis(200), "{wait:?}");
    tokio::time::sleep(wait + Duration::from_millis(20)).await;
    assert!(processes[1].take(&key).await.is_ok());
}

#[tokio::test]
async fn returned_attempts_do_not_count_and_an_exhausted_key_counts_under_none() {
    let throttle = throttle(&redis_url());
    let [mut a, mut b] = [throttle_key(), throttle_key()].map(|[key]| key);
    (a.interval, b.interval) = (Duration::from_mins(1), Duration::from_mins(1));
    for _ in 0..20 {
        assert_eq!(throttle.take(std::slice::from_ref(&a)).await, Ok(()));
        throttle.refund(std::slice::from_ref(&a)).await;
    }
    for _ in 0..3 {
        assert_eq!(throttle.take(std::slice::from_ref(&a)).await, Ok(()));
    }
    assert!(throttle.take(&[a, b.clone()]).await.unwrap_err() > Duration::from_secs(50));
    for _ in 0..3 {
        assert_eq!(throttle.take(std::slice::from_ref(&b)).await, Ok(()));
    }
    assert!(throttle.take(&[b]).await.is_err());
}

#[tokio::test]
async fn counts_per_process_without_redis() {
    let proxy = Proxy::new(&redis_url()).await;
    let throttle = throttle(&proxy.through(&redis_url()));
    proxy.take_down();
    let [mut key] = throttle_key();
    key.interval = Duration::from_mins(1);
    let key = [key];
    for _ in 0..20 {
        assert_eq!(throttle.take(&key).await, Ok(()));
        throttle.refund(&key).await;
    }
    for _ in 0..3 {
        assert_eq!(throttle.take(&key).await, Ok(()));
    }
    assert!(throttle.take(&key).await.is_err());
}
