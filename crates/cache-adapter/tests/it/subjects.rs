//! Which changes invalidate which caches.

use std::sync::atomic::Ordering;

use haat_application::auth::{CachedCaller, CallerCache as _};
use haat_application::shared::{CacheLookup, EncodedResponse, ResponseCache as _};
use haat_cache_adapter::{
    CachedAuthStateReader, CachedRetailerReader, Coherence, MemoryCallerCache, MemoryResponseCache,
};
use haat_domain::auth::AuthStateReader as _;
use haat_domain::retailer::{RetailerQuery, RetailerReader as _};
use haat_domain::shared::{PageRequest, Scope};
use haat_domain::sync::{Invalidation, OnCommit as _, Topic};

use crate::fake_storage::{FakeStorage, REP, TENANT, rep};

/// A cache of the sales rep's data.
#[derive(Debug, PartialEq, Eq)]
enum Of {
    Retailers,
    AuthState,
    Token,
    Response,
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cache_is_emptied_by_changes_of_its_own_data_only() {
    let storage = FakeStorage::new();
    let coherence = Coherence::follow(Box::new(storage.feed()));
    coherence.committed().await;
    let retailers = CachedRetailerReader::new(storage.clone(), coherence.clone(), 1 << 20, None);
    let auth_states = CachedAuthStateReader::new(storage.clone(), coherence.clone());
    let callers = MemoryCallerCache::new(coherence.clone());
    let responses = MemoryResponseCache::new(coherence.clone(), 1 << 20);
    let actor = rep();
    let now = chrono::DateTime::UNIX_EPOCH;
    let caller = CachedCaller { actor: actor.clone(), until: now + chrono::TimeDelta::hours(1) };
    // Reads everything once, which fills the caches again. Returns those that were empty.
    let empty = async || {
        let reads = || storage.reads.load(Ordering::SeqCst);
        let before = reads();
        let (query, page) = (RetailerQuery::default(), PageRequest::default());
        retailers.list(TENANT, &Scope::Rep(REP), &query, &page).await.unwrap();
        let after_list = reads();
        auth_states.find(TENANT, REP, None).await.unwrap();
        let after_state = reads();
        let is_unknown = callers.known("token", now).is_none();
        callers.remember("token", caller.clone(), callers.state(TENANT, REP).unwrap());
        let is_miss = match responses.of(&actor, "query") {
            CacheLookup::Hit(_) => false,
            CacheLookup::Miss(keep) => {
                keep(EncodedResponse { etag: "tag".into(), coding: None, body: vec![] }.into());
                true
            }
            CacheLookup::Bypass => panic!("the cache is bypassed"),
        };
        let caches = [
            (Of::Retailers, after_list > before),
            (Of::AuthState, after_state > after_list),
            (Of::Token, is_unknown),
            (Of::Response, is_miss),
        ];
        caches.into_iter().filter_map(|(cache, is_empty)| is_empty.then_some(cache)).collect::<Vec<_>>()
    };
    let emptied_by = async |invalidations: Vec<Invalidation>| {
        storage.invalidations.lock().unwrap().extend(invalidations);
        coherence.committed().await;
        empty().await
    };
    empty().await;
    assert_eq!(emptied_by(vec![]).await, []);
    let a_day = (0..500).flat_map(|_| [Topic::Visits, Topic::Orders]);
    let a_day = a_day.map(|topic| Invalidation::Topic(TENANT, topic, Some(REP)));
    assert_eq!(emptied_by(a_day.collect()).await, []);
    assert_eq!(emptied_by(vec![Invalidation::Topic(TENANT, Topic::Catalogue, None)]).await, []);
    for (invalidation, expected) in [
        (Invalidation::RepRetailers(TENANT, REP), vec![Of::Retailers, Of::Response]),
        (Invalidation::AuthState(TENANT, REP), vec![Of::AuthState, Of::Token, Of::Response]),
        (Invalidation::SalesMap(TENANT), vec![Of::Response]),
        (Invalidation::Tenant(TENANT), vec![Of::Retailers, Of::AuthState, Of::Token, Of::Response]),
    ] {
        assert_eq!(emptied_by(vec![invalidation]).await, expected, "{invalidation:?}");
        assert_eq!(emptied_by(vec![]).await, [], "the caches are filled again");
    }
}
