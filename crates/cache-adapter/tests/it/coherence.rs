use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use haat_application::identity::{CallerCache as _, KnownCaller};
use haat_application::shared::{Actor, AnswerCache as _, Answers, ReadyAnswer};
use haat_cache_adapter::{
    ByteCache, CachedRetailerReader, CachedUserStandingReader, Coherence, MemoryAnswers, MemoryCallers,
    RedisCache,
};
use haat_domain::identity::{Role, UserStandingReader};
use haat_domain::retailer::{RetailerQuery, RetailerReader, RetailerUid};
use haat_domain::shared::{PageRequest, Scope, StorageFailure};
use haat_domain::sync::OnCommit as _;
use haat_test_support::{Proxy, redis_url, unique_word};

use crate::world::{REP, TENANT, UID, World};

/// One process: a reader with its own memory and its own ear on the feed.
struct Process {
    coherence: Arc<Coherence>,
    reader: CachedRetailerReader,
}

impl Process {
    fn new(world: &Arc<World>, shared: Option<(Arc<dyn ByteCache>, String)>) -> Self {
        let coherence = Coherence::follow(Box::new(world.feed()));
        let reader = CachedRetailerReader::new(world.clone(), coherence.clone(), 1 << 20, shared);
        Self { coherence, reader }
    }

    async fn find(&self) -> Result<i32, StorageFailure> {
        let uid = RetailerUid::parse(UID).unwrap();
        Ok(self.reader.find(TENANT, Scope::Rep(REP), &uid).await?.unwrap().points)
    }
}

fn reads(world: &World) -> usize {
    world.reads.load(Ordering::SeqCst)
}

/// Another process's change is seen by now.
async fn after_the_lease() {
    tokio::time::sleep(Duration::from_millis(110)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_answers_until_something_changes() {
    let world = World::new();
    let process = Process::new(&world, None);
    for _ in 0..50 {
        assert_eq!(process.find().await, Ok(0));
    }
    let (query, page) = (RetailerQuery::default(), PageRequest::default());
    let list = process.reader.list(TENANT, Scope::Rep(REP), &query, &page).await;
    assert_eq!(list.unwrap().rows.len(), 1);
    assert_eq!(reads(&world), 1, "one book for all of them");
    world.change();
    after_the_lease().await;
    assert_eq!(process.find().await, Ok(1));
    assert_eq!(reads(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_change_is_seen_at_once() {
    let world = World::new();
    let process = Process::new(&world, None);
    for _ in 0..200 {
        process.find().await.unwrap();
        let now = world.change();
        process.coherence.committed().await;
        assert_eq!(process.find().await, Ok(now));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_hears_nothing_does_not_trust_its_memory() {
    let world = World::new();
    let process = Process::new(&world, None);
    assert_eq!(process.find().await, Ok(0));
    world.deaf.store(true, Ordering::SeqCst);
    let now = world.change();
    after_the_lease().await;
    assert_eq!(process.find().await, Ok(now), "from the storage");
    world.away.store(true, Ordering::SeqCst);
    assert!(process.find().await.is_err(), "nothing stale instead of nothing");
    world.away.store(false, Ordering::SeqCst);
    world.deaf.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(250)).await;
    let before = reads(&world);
    for _ in 0..20 {
        assert_eq!(process.find().await, Ok(now));
    }
    assert_eq!(reads(&world), before + 1, "memory is back");
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_change_is_seen_even_if_the_feed_fails_at_that_moment() {
    for _ in 0..5 {
        let world = World::new();
        let process = Process::new(&world, None);
        assert_eq!(process.find().await, Ok(0));
        // The lease is good for another while; what it knows of is not.
        world.deaf.store(true, Ordering::SeqCst);
        let now = world.change();
        process.coherence.committed().await;
        assert_eq!(process.find().await, Ok(now));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_at_once_are_one_read() {
    let world = World::new();
    world.slow_ms.store(50, Ordering::SeqCst);
    let process = Arc::new(Process::new(&world, None));
    process.find().await.unwrap();
    world.change();
    process.coherence.committed().await;
    let asked: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn({
                let process = process.clone();
                async move { process.find().await }
            })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), Ok(1));
    }
    assert_eq!(reads(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_began_before_a_change_is_kept_for_nobody_after_it() {
    let world = World::new();
    world.slow_ms.store(60, Ordering::SeqCst);
    let process = Arc::new(Process::new(&world, None));
    let slow = tokio::spawn({
        let process = process.clone();
        async move { process.find().await }
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    let now = world.change();
    process.coherence.committed().await;
    assert_eq!(process.find().await, Ok(now), "it does not join the read that began before");
    assert_eq!(slow.await.unwrap(), Ok(0), "which may answer the one who asked then");
    assert_eq!(process.find().await, Ok(now), "and is not what is remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_not_remembered() {
    let world = World::new();
    let process = Process::new(&world, None);
    world.away.store(true, Ordering::SeqCst);
    assert!(process.find().await.is_err());
    world.away.store(false, Ordering::SeqCst);
    assert_eq!(process.find().await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_representative_with_too_many_shops_is_asked_of_the_storage() {
    let world = World::new();
    world.large.store(true, Ordering::SeqCst);
    let process = Process::new(&world, None);
    for round in 1..=3 {
        assert_eq!(process.find().await, Ok(0));
        assert_eq!(reads(&world), 1 + round, "that there are too many is remembered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn standings_are_remembered_as_long_as_they_are_true() {
    let world = World::new();
    let coherence = Coherence::follow(Box::new(world.feed()));
    let reader = CachedUserStandingReader::new(world.clone(), coherence.clone());
    let version =
        async || UserStandingReader::find(&reader, TENANT, REP, None).await.unwrap().unwrap().token_version;
    for _ in 0..20 {
        assert_eq!(version().await, 0);
    }
    assert_eq!(reads(&world), 1);
    let now = world.change();
    coherence.committed().await;
    assert_eq!(version().await, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_speaks_for_its_user_until_it_ends_or_they_change() {
    let world = World::new();
    let coherence = Coherence::follow(Box::new(world.feed()));
    coherence.committed().await;
    let callers = MemoryCallers::new(coherence.clone());
    let at = |seconds: i64| chrono::DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap();
    let actor = Actor {
        tenant: TENANT,
        user: REP,
        role: Role::SalesRep,
        token_version: 1,
        session: None,
        must_change_password: false,
        second_factor: haat_domain::identity::SecondFactor::Off,
    };
    let caller = KnownCaller { actor, until: at(10) };
    let state = callers.state(TENANT, REP).unwrap();
    callers.remember("token", caller, state);
    assert_eq!(callers.known("token", at(9)), Some(caller));
    assert_eq!(callers.known("token", at(10)), None, "its time is over");
    assert_eq!(callers.known("tokem", at(9)), None);
    world.change();
    coherence.committed().await;
    assert_eq!(callers.known("token", at(9)), None, "somebody changed its user");
    // What was asked before the change is remembered for nobody.
    callers.remember("token", caller, state);
    assert_eq!(callers.known("token", at(9)), None);
    callers.remember("token", caller, callers.state(TENANT, REP).unwrap());
    assert_eq!(callers.known("token", at(9)), Some(caller));
    world.deaf.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((callers.known("token", at(9)), callers.state(TENANT, REP)), (None, None), "without a lease");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_for_whom_and_what_and_as_long_as_they_are_true() {
    let world = World::new();
    let coherence = Coherence::follow(Box::new(world.feed()));
    coherence.committed().await;
    let answers = MemoryAnswers::new(coherence.clone(), 1 << 20);
    let rep = Actor {
        tenant: TENANT,
        user: REP,
        role: Role::SalesRep,
        token_version: 1,
        session: None,
        must_change_password: false,
        second_factor: haat_domain::identity::SecondFactor::Off,
    };
    let answer = |text: &str| {
        Arc::new(ReadyAnswer { etag: text.into(), coding: None, body: text.as_bytes().to_vec() })
    };
    let keep = |actor: &Actor, question: &str, text: &str| match answers.of(actor, question) {
        Answers::Unknown(keep) => keep(answer(text)),
        Answers::Known(_) | Answers::Uncached => panic!("{question} is known"),
    };
    let known = |actor: &Actor, question: &str| match answers.of(actor, question) {
        Answers::Known(answer) => Some(answer.etag.clone()),
        Answers::Unknown(_) | Answers::Uncached => None,
    };
    keep(&rep, "a", "one");
    assert_eq!(known(&rep, "a").as_deref(), Some("one"));
    assert_eq!(known(&rep, "b"), None);
    assert_eq!(known(&Actor { user: haat_domain::shared::UserId::new(8), ..rep }, "a"), None);
    assert!(matches!(answers.of(&Actor { role: Role::Admin, ..rep }, "a"), Answers::Uncached));
    // An answer whose making began before the change.
    let Answers::Unknown(late) = answers.of(&rep, "b") else { panic!("it is known") };
    world.change();
    coherence.committed().await;
    late(answer("old"));
    assert_eq!((known(&rep, "a"), known(&rep, "b")), (None, None));
    world.deaf.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(matches!(answers.of(&rep, "a"), Answers::Uncached), "without a lease nothing is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_what_they_read_as_long_as_it_is_true() {
    let world = World::new();
    let installation = unique_word();
    let process = || {
        let redis: Arc<dyn ByteCache> = Arc::new(RedisCache::new(&redis_url()).unwrap());
        Process::new(&world, Some((redis, installation.clone())))
    };
    let (one, other) = (process(), process());
    assert_eq!(one.find().await, Ok(0));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(other.find().await, Ok(0));
    assert_eq!(reads(&world), 1, "the other took it from Redis");
    assert_eq!(process().find().await, Ok(0));
    assert_eq!(reads(&world), 1, "so does one that starts now");
    let now = world.change();
    after_the_lease().await;
    assert_eq!(other.find().await, Ok(now), "what lies in Redis is older than the change");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(one.find().await, Ok(now));
    assert_eq!(reads(&world), 2, "and was replaced");
    // A restored copy counts its transactions anew.
    world.epoch.store(1, Ordering::SeqCst);
    assert_eq!(process().find().await, Ok(now));
    assert_eq!(reads(&world), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_redis_nothing_fails_and_nothing_is_stale() {
    let world = World::new();
    let proxy = Proxy::new(&redis_url()).await;
    let url = proxy.through(&redis_url());
    let installation = unique_word();
    let process = || {
        let redis: Arc<dyn ByteCache> = Arc::new(RedisCache::new(&url).unwrap());
        Process::new(&world, Some((redis, installation.clone())))
    };
    let (one, other) = (process(), process());
    for fail in [Proxy::bring_up, Proxy::hang, Proxy::bring_up, Proxy::take_down, Proxy::bring_up] {
        fail(&proxy);
        for _ in 0..5 {
            let now = world.change();
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
