use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use haat_application::auth::{CachedCaller, CallerCache as _};
use haat_application::shared::{Actor, CacheLookup, EncodedResponse, ResponseCache as _};
use haat_cache_adapter::{
    ByteCache, CachedAuthStateReader, CachedRetailerReader, Coherence, MemoryCallerCache,
    MemoryResponseCache, RedisCache,
};
use haat_domain::auth::{AuthStateReader, Grants};
use haat_domain::retailer::{RetailerQuery, RetailerReader, RetailerUid};
use haat_domain::shared::{PageRequest, Role, Scope, StorageFailure, UserId};
use haat_domain::sync::{Invalidation, OnCommit as _};
use haat_test_support::{Proxy, redis_url, unique_word};

use crate::fake_storage::{FakeStorage, REP, TENANT, UID, rep};

/// A process: a reader with its own cache and its own feed.
struct Process {
    coherence: Arc<Coherence>,
    reader: CachedRetailerReader,
}

impl Process {
    fn new(storage: &Arc<FakeStorage>, shared: Option<(Arc<dyn ByteCache>, String)>) -> Self {
        let coherence = Coherence::follow(Box::new(storage.feed()));
        let reader = CachedRetailerReader::new(storage.clone(), coherence.clone(), 1 << 20, shared);
        Self { coherence, reader }
    }

    async fn find(&self) -> Result<i32, StorageFailure> {
        let uid = RetailerUid::parse(UID).unwrap();
        Ok(self.reader.find(TENANT, &Scope::Rep(REP), &uid).await?.unwrap().points)
    }
}

fn reads(storage: &FakeStorage) -> usize {
    storage.reads.load(Ordering::SeqCst)
}

/// Waits until a change of another process must be visible.
async fn after_the_lease() {
    tokio::time::sleep(Duration::from_millis(110)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_from_memory_until_a_change() {
    let storage = FakeStorage::new();
    let process = Process::new(&storage, None);
    for _ in 0..50 {
        assert_eq!(process.find().await, Ok(0));
    }
    let (query, page) = (RetailerQuery::default(), PageRequest::default());
    let list = process.reader.list(TENANT, &Scope::Rep(REP), &query, &page).await;
    assert_eq!(list.unwrap().rows.len(), 1);
    assert_eq!(reads(&storage), 1, "one read serves all of them");
    storage.change();
    after_the_lease().await;
    assert_eq!(process.find().await, Ok(1));
    assert_eq!(reads(&storage), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_sees_its_own_change_at_once() {
    let storage = FakeStorage::new();
    let process = Process::new(&storage, None);
    for _ in 0..200 {
        process.find().await.unwrap();
        let now = storage.change();
        process.coherence.committed().await;
        assert_eq!(process.find().await, Ok(now));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_use_the_cache_while_the_feed_is_down() {
    let storage = FakeStorage::new();
    let process = Process::new(&storage, None);
    assert_eq!(process.find().await, Ok(0));
    storage.feed_down.store(true, Ordering::SeqCst);
    let now = storage.change();
    after_the_lease().await;
    assert_eq!(process.find().await, Ok(now), "from the storage");
    storage.storage_down.store(true, Ordering::SeqCst);
    assert!(process.find().await.is_err(), "an error instead of stale data");
    storage.storage_down.store(false, Ordering::SeqCst);
    storage.feed_down.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(250)).await;
    let before = reads(&storage);
    for _ in 0..20 {
        assert_eq!(process.find().await, Ok(now));
    }
    assert_eq!(reads(&storage), before + 1, "the cache is used again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_sees_its_own_change_even_if_the_feed_fails_at_that_moment() {
    for _ in 0..5 {
        let storage = FakeStorage::new();
        let process = Process::new(&storage, None);
        assert_eq!(process.find().await, Ok(0));
        // The lease has not expired yet, but it does not cover the change.
        storage.feed_down.store(true, Ordering::SeqCst);
        let now = storage.change();
        process.coherence.committed().await;
        assert_eq!(process.find().await, Ok(now));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reads_share_one_read_of_the_storage() {
    let storage = FakeStorage::new();
    storage.slow_ms.store(50, Ordering::SeqCst);
    let process = Arc::new(Process::new(&storage, None));
    process.find().await.unwrap();
    storage.change();
    process.coherence.committed().await;
    let requests: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn({
                let process = process.clone();
                async move { process.find().await }
            })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), Ok(1));
    }
    assert_eq!(reads(&storage), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_started_before_a_change_is_not_cached() {
    let storage = FakeStorage::new();
    storage.slow_ms.store(60, Ordering::SeqCst);
    let process = Arc::new(Process::new(&storage, None));
    let slow = tokio::spawn({
        let process = process.clone();
        async move { process.find().await }
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    let now = storage.change();
    process.coherence.committed().await;
    assert_eq!(process.find().await, Ok(now), "it does not join the read that started before");
    assert_eq!(slow.await.unwrap(), Ok(0), "the earlier request may get the old value");
    assert_eq!(process.find().await, Ok(now), "the old value is not cached");
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_cache_failures() {
    let storage = FakeStorage::new();
    let process = Process::new(&storage, None);
    storage.storage_down.store(true, Ordering::SeqCst);
    assert!(process.find().await.is_err());
    storage.storage_down.store(false, Ordering::SeqCst);
    assert_eq!(process.find().await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_a_sales_rep_with_too_many_retailers_from_the_storage() {
    let storage = FakeStorage::new();
    storage.too_many.store(true, Ordering::SeqCst);
    let process = Process::new(&storage, None);
    for round in 1..=3 {
        assert_eq!(process.find().await, Ok(0));
        assert_eq!(reads(&storage), 1 + round, "the fact that there are too many is cached");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn combines_the_cached_retailers_of_a_team() {
    let storage = FakeStorage::new();
    let process = Process::new(&storage, None);
    let points = async |scope: &Scope| {
        let (query, page) = (RetailerQuery::default(), PageRequest::default());
        let rows = process.reader.list(TENANT, scope, &query, &page).await.unwrap().rows;
        let count = process.reader.count(TENANT, scope, &query.filter).await.unwrap();
        assert_eq!((rows.len(), count), (1, 1), "the members serve the same retailer");
        rows[0].points
    };
    let team = |numbers: std::ops::Range<i64>| {
        Scope::Reps(numbers.map(|number| UserId::new(REP.get() + number)).collect())
    };
    for _ in 0..50 {
        assert_eq!(points(&team(0..3)).await, 0);
    }
    assert_eq!(reads(&storage), 1, "one read for all members");
    points(&team(0..4)).await;
    assert_eq!(reads(&storage), 2, "one more for the new member");
    process.find().await.unwrap();
    assert_eq!(reads(&storage), 2, "shared with the sales rep's own requests");
    let now = storage.change();
    process.coherence.committed().await;
    assert_eq!(points(&Scope::Reps([REP].into())).await, now, "a change is visible at once");
    assert_eq!(reads(&storage), 3);
    storage.too_many.store(true, Ordering::SeqCst);
    storage.change();
    process.coherence.committed().await;
    points(&team(0..4)).await;
    assert!(reads(&storage) >= 5, "many retailers are read from the storage");
    let before = reads(&storage);
    points(&team(0..400)).await;
    assert_eq!(reads(&storage), before + 2, "and so are those of many sales reps");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retailers_of_a_team_are_of_one_moment() {
    let storage = FakeStorage::new();
    let process = Process::new(&storage, None);
    let other = UserId::new(REP.get() + 1);
    let scope = Scope::Reps([REP, other].into());
    let list = async || {
        let (query, page) = (RetailerQuery::default(), PageRequest::default());
        process.reader.list(TENANT, &scope, &query, &page).await.unwrap().rows[0].points
    };
    assert_eq!(list().await, 0);
    // The other one must be read again, and while it is read, the cached one changes.
    storage.invalidations.lock().unwrap().push(Invalidation::RepRetailers(TENANT, other));
    process.coherence.committed().await;
    storage.slow_ms.store(100, Ordering::SeqCst);
    let change = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        storage.change()
    };
    let (listed, now) = tokio::join!(list(), change);
    assert_eq!(listed, now, "a retailer that moves between the two might be in neither");
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_auth_states_until_they_change() {
    let storage = FakeStorage::new();
    let coherence = Coherence::follow(Box::new(storage.feed()));
    let reader = CachedAuthStateReader::new(storage.clone(), coherence.clone());
    let version =
        async || AuthStateReader::find(&reader, TENANT, REP, None).await.unwrap().unwrap().token_version;
    for _ in 0..20 {
        assert_eq!(version().await, 0);
    }
    assert_eq!(reads(&storage), 1);
    let now = storage.change();
    coherence.committed().await;
    assert_eq!(version().await, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_the_caller_of_a_token_until_it_expires_or_its_user_changes() {
    let storage = FakeStorage::new();
    let coherence = Coherence::follow(Box::new(storage.feed()));
    coherence.committed().await;
    let callers = MemoryCallerCache::new(coherence.clone());
    let at = |seconds: i64| chrono::DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap();
    let caller = CachedCaller { actor: rep(), until: at(10) };
    let state = callers.state(TENANT, REP).unwrap();
    callers.remember("token", caller.clone(), state);
    assert_eq!(callers.known("token", at(9)), Some(caller.clone()));
    assert_eq!(callers.known("token", at(10)), None, "the token has expired");
    assert_eq!(callers.known("tokem", at(9)), None);
    storage.change();
    coherence.committed().await;
    assert_eq!(callers.known("token", at(9)), None, "its user has changed");
    // A caller read before the change is not cached.
    callers.remember("token", caller.clone(), state);
    assert_eq!(callers.known("token", at(9)), None);
    callers.remember("token", caller.clone(), callers.state(TENANT, REP).unwrap());
    assert_eq!(callers.known("token", at(9)), Some(caller));
    storage.feed_down.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((callers.known("token", at(9)), callers.state(TENANT, REP)), (None, None), "without a lease");
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_responses_by_caller_and_query_until_they_change() {
    let storage = FakeStorage::new();
    let coherence = Coherence::follow(Box::new(storage.feed()));
    coherence.committed().await;
    let responses = MemoryResponseCache::new(coherence.clone(), 1 << 20);
    let rep = rep();
    let response = |text: &str| {
        Arc::new(EncodedResponse { etag: text.into(), coding: None, body: text.as_bytes().to_vec() })
    };
    let keep = |actor: &Actor, query_text: &str, text: &str| match responses.of(actor, query_text) {
        CacheLookup::Miss(keep) => keep(response(text)),
        CacheLookup::Hit(_) | CacheLookup::Bypass => panic!("{query_text} is cached"),
    };
    let known = |actor: &Actor, query_text: &str| match responses.of(actor, query_text) {
        CacheLookup::Hit(response) => Some(response.etag.clone()),
        CacheLookup::Miss(_) | CacheLookup::Bypass => None,
    };
    keep(&rep, "a", "one");
    assert_eq!(known(&rep, "a").as_deref(), Some("one"));
    assert_eq!(known(&rep, "b"), None);
    assert_eq!(known(&Actor { user: haat_domain::shared::UserId::new(8), ..rep.clone() }, "a"), None);
    assert!(matches!(
        responses.of(&Actor { grants: Grants::Role(Role::Admin), ..rep.clone() }, "a"),
        CacheLookup::Bypass
    ));
    // A response whose creation started before the change.
    let CacheLookup::Miss(late) = responses.of(&rep, "b") else { panic!("it is cached") };
    storage.change();
    coherence.committed().await;
    late(response("old"));
    assert_eq!((known(&rep, "a"), known(&rep, "b")), (None, None));
    storage.feed_down.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(matches!(responses.of(&rep, "a"), CacheLookup::Bypass), "the cache is bypassed without a lease");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_data_through_redis_until_it_changes() {
    let storage = FakeStorage::new();
    let installation = unique_word();
    let process = || {
        let redis: Arc<dyn ByteCache> = Arc::new(RedisCache::new(&redis_url()).unwrap());
        Process::new(&storage, Some((redis, installation.clone())))
    };
    let (one, other) = (process(), process());
    assert_eq!(one.find().await, Ok(0));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(other.find().await, Ok(0));
    assert_eq!(reads(&storage), 1, "the other process read it from Redis");
    assert_eq!(process().find().await, Ok(0));
    assert_eq!(reads(&storage), 1, "so does a process that starts now");
    let now = storage.change();
    after_the_lease().await;
    assert_eq!(other.find().await, Ok(now), "the entry in Redis is older than the change");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(one.find().await, Ok(now));
    assert_eq!(reads(&storage), 2, "and was replaced");
    // A restored backup counts its transactions from the start.
    storage.epoch.store(1, Ordering::SeqCst);
    assert_eq!(process().find().await, Ok(now));
    assert_eq!(reads(&storage), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_failures_cause_no_errors_and_no_stale_reads() {
    let storage = FakeStorage::new();
    let proxy = Proxy::new(&redis_url()).await;
    let url = proxy.through(&redis_url());
    let installation = unique_word();
    let process = || {
        let redis: Arc<dyn ByteCache> = Arc::new(RedisCache::new(&url).unwrap());
        Process::new(&storage, Some((redis, installation.clone())))
    };
    let (one, other) = (process(), process());
    for fail in [Proxy::bring_up, Proxy::hang, Proxy::bring_up, Proxy::take_down, Proxy::bring_up] {
        fail(&proxy);
        for _ in 0..5 {
            let now = storage.change();
            one.coherence.committed().await;
            assert_eq!(one.find().await, Ok(now));
            let acknowledged = Instant::now();
            while acknowledged.elapsed() < Duration::from_millis(100) {
                other.find().await.unwrap();
            }
            assert_eq!(other.find().await, Ok(now));
        }
    }
}
