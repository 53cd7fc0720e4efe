//! The cache on a real Redis, and on one that fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_cache_adapter::{ByteCache, CachedUserStandingReader, MemoryCache, RedisCache};
use haat_domain::identity::{Role, UserStanding, UserStandingReader};
use haat_domain::shared::{Clock, StorageFailure, TenantId, UserId};
use haat_test_support::{Proxy, redis_url, unique_word};

const LONG: Duration = Duration::from_mins(1);

fn redis(url: &str) -> RedisCache {
    RedisCache::new(url, 4).unwrap()
}

#[tokio::test]
async fn both_caches_keep_bytes_until_their_time_is_over() {
    let caches: [Arc<dyn ByteCache>; 2] =
        [Arc::new(redis(&redis_url())), Arc::new(MemoryCache::new(1 << 20))];
    for cache in caches {
        let (a, b) = (unique_word(), unique_word());
        assert_eq!(cache.get(&a).await, None);
        cache.put(&a, b"\0\xff".to_vec(), LONG).await;
        cache.put(&b, b"short".to_vec(), Duration::from_millis(50)).await;
        assert_eq!(cache.get(&a).await.as_deref(), Some(&b"\0\xff"[..]));
        assert_eq!(cache.get(&b).await.as_deref(), Some(&b"short"[..]));
        cache.put(&a, b"new".to_vec(), LONG).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(cache.get(&a).await.as_deref(), Some(&b"new"[..]));
        assert_eq!(cache.get(&b).await, None);
    }
}

#[tokio::test]
async fn two_processes_share_redis() {
    let (one, other) = (redis(&redis_url()), redis(&redis_url()));
    let key = unique_word();
    one.put(&key, b"x".to_vec(), LONG).await;
    assert_eq!(other.get(&key).await.as_deref(), Some(&b"x"[..]));
}

#[tokio::test]
async fn memory_is_bounded_in_bytes() {
    let cache = MemoryCache::new(100_000);
    for number in 0..1_000 {
        cache.put(&format!("{number:04}"), vec![0; 1_000], LONG).await;
    }
    let mut kept = 0;
    for number in 0..1_000 {
        kept += usize::from(cache.get(&format!("{number:04}")).await.is_some());
    }
    assert!((1..=120).contains(&kept), "{kept} of 1,000 entries of 1 kB in 100 kB");
}

#[tokio::test]
async fn a_redis_that_is_away_knows_nothing_and_costs_no_time() {
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
        // The first waits 50 ms at most, the others not at all.
        assert!(started.elapsed() < Duration::from_millis(5 * 50), "{:?}", started.elapsed());
        proxy.bring_up();
        tokio::time::timeout(Duration::from_secs(10), async {
            while cache.get(&key).await.is_none() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
        .expect("it is used again once it is back");
    }
}

/// Answers with the user's id plus this as the token version.
struct Database(i64);

struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "Redis keeps real time, so the reader must too")]
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now()
    }
}

fn reader(database: Database, url: &str, installation: &str) -> CachedUserStandingReader {
    let cache = Arc::new(redis(url));
    CachedUserStandingReader::new(Arc::new(database), cache, Arc::new(Now), installation.to_owned())
}

#[async_trait]
impl UserStandingReader for Database {
    async fn find(&self, _: TenantId, user: UserId) -> Result<Option<UserStanding>, StorageFailure> {
        let token_version = i32::try_from(user.get() + self.0).unwrap();
        Ok(Some(UserStanding { role: Role::SalesRep, active: true, token_version }))
    }
}

#[tokio::test]
async fn a_reader_goes_on_without_redis() {
    let proxy = Proxy::new(&redis_url()).await;
    let reader = reader(Database(0), &proxy.through(&redis_url()), &unique_word());
    for fail in [Proxy::bring_up, Proxy::take_down, Proxy::hang, Proxy::bring_up] {
        fail(&proxy);
        for user in [7, 8] {
            let found = reader.find(TenantId::new(1), UserId::new(user)).await.unwrap().unwrap();
            assert_eq!(i64::from(found.token_version), user);
        }
    }
}

#[test]
fn a_url_that_is_none_is_refused() {
    for url in ["", "redis", "http://127.0.0.1"] {
        assert!(RedisCache::new(url, 1).is_err(), "{url:?}");
    }
}

#[tokio::test]
async fn two_installations_on_one_redis_never_take_each_others_users() {
    let (one, other) = (unique_word(), unique_word());
    let find = async |database: i64, installation: &str| {
        let reader = reader(Database(database), &redis_url(), installation);
        reader.find(TenantId::new(1), UserId::new(7)).await.unwrap().unwrap().token_version
    };
    assert_eq!(find(0, &one).await, 7);
    assert_eq!(find(100, &other).await, 107);
}
