//! [`RepRetailers`] and the database return the same lists: each query runs on both.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use haat_domain::retailer::{
    RepRetailers, Retailer, RetailerExporter, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader,
    RetailerSort, RetailerSortField, Service, TeamRetailers,
};
use haat_domain::shared::{AreaId, Limit, PageRequest, Scope, SearchMatch, SearchText, TenantId, UserId};
use haat_test_support::{Fixture, TestDatabase, seed_input, seeder};

use crate::assignment_statements::StatementCounter;

/// A small deterministic random generator, so that a failure can be reproduced.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub(crate) fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) == 0).then(|| value(self))
    }
}

pub(crate) const MATCHES: [SearchMatch; 3] =
    [SearchMatch::Text, SearchMatch::WordsOnly, SearchMatch::TextOrWords];

/// Returns one or two words of names, the first in any order and some in the other script.
pub(crate) fn search_words(chance: &mut Chance, retailers: &[Retailer]) -> SearchText {
    const OTHERS: [&str; 8] = ["store", "স্টোর", "মেসার্স", "new", "নিউ", "rahman", "ফার্মেসী", "enterprise"];
    let words: Vec<&str> = chance.one_of(retailers).name.split(' ').collect();
    let word: &str = chance.one_of::<&str>(&words);
    let other: &str = chance.one_of::<&str>(&OTHERS);
    let text = match chance.below(5) {
        0 => word.to_owned(),
        // The name contains this text, so the words alone must not find it.
        4 => words.iter().take(2).copied().collect::<Vec<_>>().join(" "),
        1 => other.to_owned(),
        2 => format!("{word} {other}"),
        _ => format!("{other} {word}"),
    };
    SearchText::parse(&text).unwrap()
}

/// Returns a part of the search key of a retailer, or text that no key contains.
pub(crate) fn search(chance: &mut Chance, retailers: &[Retailer]) -> SearchText {
    let retailer = chance.one_of(retailers);
    let phone = retailer.phone.as_ref().map_or("", |phone| phone.as_str());
    let source = [retailer.name.as_str(), retailer.uid.as_str(), phone, "no-one's", "%_\\"][chance.below(5)];
    let letters: Vec<char> = source.chars().collect();
    let from = chance.below(letters.len().max(1));
    let text: String = letters.iter().skip(from).take(1 + chance.below(5)).collect();
    SearchText::parse(&text).or_else(|_| SearchText::parse("store")).unwrap()
}

/// Returns a random list of some of these retailers.
fn list(chance: &mut Chance, retailers: &[Retailer]) -> (RetailerQuery, PageRequest<RetailerKey>) {
    let filter = RetailerFilter {
        search: chance.maybe(|chance| {
            if chance.below(2) == 0 { search(chance, retailers) } else { search_words(chance, retailers) }
        }),
        matching: *chance.one_of(&MATCHES),
        regions: chance.maybe(|chance| vec![chance.one_of(retailers).region]),
        areas: chance.maybe(|chance| vec![chance.one_of(retailers).area, chance.one_of(retailers).area]),
        territories: chance.maybe(|chance| vec![chance.one_of(retailers).territory]),
        distributors: chance.maybe(|chance| chance.one_of(retailers).distributor.into_iter().collect()),
        service: chance
            .maybe(|chance| *chance.one_of(&[Service::Assigned, Service::Assigned, Service::Unassigned])),
        deleted: chance.below(20) == 0,
        ..RetailerFilter::default()
    };
    let fields = [
        RetailerSortField::Name,
        RetailerSortField::Uid,
        RetailerSortField::Points,
        RetailerSortField::UpdatedAt,
    ];
    let sort = RetailerSort { field: *chance.one_of(&fields), descending: chance.below(2) == 0 };
    let limit = Limit::parse(1 + i64::try_from(chance.below(30)).unwrap()).unwrap();
    let after = chance.maybe(|chance| RetailerKey::of(chance.one_of(retailers), sort.field));
    let skip = chance.maybe(|chance| chance.below(30)).unwrap_or_default() as u64;
    let query = RetailerQuery { filter, sort, skip };
    let page = PageRequest { limit, after };
    (query, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn rep_retailers_return_the_same_lists_as_the_database() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&seed_input(2_000, 10, 3)).await.unwrap();
    let owner = database.owner().await;
    // Equal names, points and times, so that the uid breaks ties.
    owner
        .batch_execute(
            "UPDATE retailers SET points = id % 7, updated_at = to_timestamp(1790000000 + id % 5), \
             name = CASE WHEN id % 3 = 0 THEN 'Ma Store' ELSE name END",
        )
        .await
        .unwrap();
    owner
        .batch_execute(
            "UPDATE retailers SET search_key = 'ma store' || substr(search_key, strpos(search_key, E'\n')) \
             WHERE name = 'Ma Store'",
        )
        .await
        .unwrap();
    let rep: i64 = owner.query_one("SELECT min(id) FROM sales_reps", &[]).await.unwrap().get(0);
    let (db, tenant, rep) = (database.adapter(), TenantId::new(1), UserId::new(rep));
    let retailers = db.all_of_rep(tenant, rep, 1_000).await.unwrap().unwrap();
    assert!(retailers.len() > 50);
    assert_eq!(db.all_of_rep(tenant, rep, 10).await, Ok(None), "more than the maximum");
    let in_memory = RepRetailers::new(retailers.clone());
    let mut chance = Chance(11);
    let mut rows_found = 0;
    for round in 0..400 {
        let (query, page) = list(&mut chance, &retailers);
        let stored = db.list(tenant, &Scope::Rep(rep), &query, &page).await.unwrap();
        assert_eq!(in_memory.list(&query, &page), stored, "round {round}: {query:?} {page:?}");
        let count = db.count(tenant, &Scope::Rep(rep), &query.filter).await.unwrap();
        assert_eq!(in_memory.count(&query.filter) as u64, count, "round {round}: {query:?}");
        rows_found += stored.rows.len();
    }
    assert!(rows_found > 500, "too few rows to compare: {rows_found}");
    for retailer in &retailers {
        assert_eq!(
            db.find(tenant, &Scope::Rep(rep), &retailer.uid).await.unwrap().as_ref(),
            in_memory.find(&retailer.uid)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn teams_and_areas_have_the_same_lists_in_memory_and_in_the_database() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&seed_input(2_000, 30, 4)).await.unwrap();
    let owner = database.owner().await;
    // Many retailers with two sales reps, and equal names.
    owner
        .batch_execute(
            "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, assigned_at, name, uid) \
             SELECT DISTINCT tenant_id, (SELECT min(id) FROM sales_reps) + retailer_id % 30, retailer_id, \
                    assigned_at, name, uid FROM sales_rep_retailers ON CONFLICT DO NOTHING; \
             UPDATE retailers SET name = 'Ma Store', \
                 search_key = 'ma store' || substr(search_key, strpos(search_key, E'\\n')) WHERE id % 13 = 0; \
             ANALYZE retailers, sales_rep_retailers, retailer_words, retailer_vocabulary",
        )
        .await
        .unwrap();
    let reps = owner.query("SELECT id FROM sales_reps ORDER BY id", &[]).await.unwrap();
    let reps: Vec<UserId> = reps.iter().map(|row| UserId::new(row.get(0))).collect();
    let (db, tenant) = (database.adapter(), TenantId::new(1));
    let served = db.all_of_reps(tenant, &reps, 10_000).await.unwrap().unwrap();
    assert_eq!(db.all_of_reps(tenant, &reps, 1_000).await, Ok(None), "more than the maximum");
    let of = |rep: UserId| {
        let own = served.iter().filter(|(other, _)| *other == rep).map(|(_, retailer)| retailer.clone());
        Arc::new(RepRetailers::new(own.collect()))
    };
    // Some have no sales rep.
    let pool = db.part(tenant, &Scope::All, &RetailerFilter::default(), None, 10_000).await.unwrap();
    assert!(pool.len() == 2_000 && served.len() > 2_500, "many retailers have two sales reps");
    let mut chance = Chance(29);
    let mut rows_found = 0;
    for round in 0..600 {
        let (mut query, page) = list(&mut chance, &pool);
        if chance.below(3) == 0 {
            query.filter = RetailerFilter::default();
        }
        if query.filter.search.as_ref().is_some_and(|search| !search.is_long_enough_for_pool()) {
            continue;
        }
        let team: BTreeSet<UserId> = (0..=chance.below(12)).map(|_| *chance.one_of(&reps)).collect();
        let in_memory = TeamRetailers::new(team.iter().copied().map(of).collect());
        let scope = Scope::Reps(team.into_iter().collect());
        let stored = db.list(tenant, &scope, &query, &page).await.unwrap();
        assert_eq!(in_memory.list(&query, &page), stored, "round {round}: {query:?} {page:?}");
        let count = db.count(tenant, &scope, &query.filter).await.unwrap();
        assert_eq!(in_memory.count(&query.filter) as u64, count, "round {round}: {query:?}");
        let areas: BTreeSet<_> = (0..=chance.below(4)).map(|_| chance.one_of(&pool).area).collect();
        let in_areas = pool.iter().filter(|retailer| areas.contains(&retailer.area));
        let in_memory = RepRetailers::new(in_areas.cloned().collect());
        let scope = Scope::Areas(areas.iter().copied().collect());
        let filter = RetailerFilter { service: None, ..query.filter };
        let query = RetailerQuery { filter, ..query };
        let in_areas = db.list(tenant, &scope, &query, &page).await.unwrap();
        assert_eq!(in_memory.list(&query, &page), in_areas, "round {round}: {areas:?} {query:?} {page:?}");
        rows_found += stored.rows.len() + in_areas.rows.len();
    }
    assert!(rows_found > 2_000, "too few rows to compare: {rows_found}");
    // Numbered pages of searches by word.
    let team: Vec<UserId> = reps.iter().copied().take(20).collect();
    let in_memory = TeamRetailers::new(team.iter().copied().map(of).collect());
    let (scope, page) = (Scope::Reps(team.into()), PageRequest::first(Limit::parse(10).unwrap()));
    for (text, matching) in [("store", SearchMatch::Text), ("store ma", SearchMatch::WordsOnly)] {
        for skip in [0, 1, 10, 35] {
            let search = SearchText::parse(text).ok();
            let filter = RetailerFilter { search, matching, ..RetailerFilter::default() };
            let query = RetailerQuery { filter, skip, ..RetailerQuery::default() };
            let stored = db.list(tenant, &scope, &query, &page).await.unwrap();
            assert_eq!(stored.rows.len(), 10, "{query:?}");
            assert_eq!(in_memory.list(&query, &page), stored, "{query:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_as_many_statements_for_many_areas_and_sales_reps_as_for_one() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&seed_input(3_000, 43, 6)).await.unwrap();
    let ids = async |statement: &str| -> Vec<i64> {
        let rows = database.owner().await.query(statement, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let reps: Vec<UserId> =
        ids("SELECT id FROM sales_reps ORDER BY id").await.into_iter().map(UserId::new).collect();
    let areas: Vec<AreaId> =
        ids("SELECT id FROM areas ORDER BY id").await.into_iter().map(AreaId::new).collect();
    let (counter, db) = StatementCounter::of(&database).await;
    let (tenant, query) = (TenantId::new(1), RetailerQuery::default());
    for scope in [
        Scope::Areas(areas[..1].into()),
        Scope::Areas(areas.into()),
        Scope::Reps(reps[..1].into()),
        Scope::Reps(reps.clone().into()),
    ] {
        for limit in [1, 200] {
            let page = PageRequest::first(Limit::parse(limit).unwrap());
            // The first one prepares the statement.
            for expected in [None, Some(1)] {
                let before = counter.count.load(Ordering::SeqCst);
                db.list(tenant, &scope, &query, &page).await.unwrap();
                let statements = counter.count.load(Ordering::SeqCst) - before;
                assert!(expected.is_none_or(|expected| expected == statements), "{statements}: {scope:?}");
            }
        }
    }
    let before = counter.count.load(Ordering::SeqCst);
    assert!(db.all_of_reps(tenant, &reps, 10_000).await.unwrap().unwrap().len() > 1_000);
    assert_eq!(counter.count.load(Ordering::SeqCst) - before, 2, "the retailers of all members at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_search_returns_the_same_rows_as_a_full_scan() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&seed_input(3_000, 2, 5)).await.unwrap();
    let owner = database.owner().await;
    // Names shorter than the stored prefixes, one of them a prefix of others, and many equal names.
    owner
        .batch_execute(
            "UPDATE retailers SET name = 'Ma', search_key = 'ma' || substr(search_key, strpos(search_key, E'\\n')) \
             WHERE id % 97 = 0; \
             UPDATE retailers SET name = 'Ma Store', \
                 search_key = 'ma store' || substr(search_key, strpos(search_key, E'\\n')) WHERE id % 31 = 0",
        )
        .await
        .unwrap();
    owner
        .batch_execute(
            "ANALYZE retailers, retailer_words, retailer_vocabulary, retailer_pairs, \
             retailer_pair_vocabulary",
        )
        .await
        .unwrap();
    let (db, tenant) = (database.adapter(), TenantId::new(1));
    let mut pool = Vec::new();
    let mut page = PageRequest::first(Limit::parse(100).unwrap());
    loop {
        let part = db.list(tenant, &Scope::All, &RetailerQuery::default(), &page).await.unwrap();
        pool.extend(part.rows);
        match part.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert_eq!(pool.len(), 3_000);
    let in_memory = RepRetailers::new(pool.clone());
    let mut chance = Chance(17);
    let words =
        ["store", "স্টোর", "m/s", "মেসার্স", "new", "ma store", "store zz", "rtl", "pharmacy house", "tor"];
    let (mut rows_found, mut searched) = (0, 0);
    while searched < 500 {
        let text = match chance.below(3) {
            0 => SearchText::parse(chance.one_of::<&str>(&words)).unwrap(),
            1 => search_words(&mut chance, &pool),
            _ => search(&mut chance, &pool),
        };
        if !text.is_long_enough_for_pool() {
            continue;
        }
        searched += 1;
        let filter = RetailerFilter {
            search: Some(text),
            matching: *chance.one_of(&MATCHES),
            regions: chance.maybe(|chance| vec![chance.one_of(&pool).region]),
            areas: chance.maybe(|chance| vec![chance.one_of(&pool).area, chance.one_of(&pool).area]),
            ..RetailerFilter::default()
        };
        let fields = [RetailerSortField::Name, RetailerSortField::Name, RetailerSortField::Uid];
        let sort = RetailerSort { field: *chance.one_of(&fields), descending: chance.below(2) == 0 };
        let query = RetailerQuery { filter, sort, ..RetailerQuery::default() };
        let limit = Limit::parse(1 + i64::try_from(chance.below(60)).unwrap()).unwrap();
        let after = chance.maybe(|chance| RetailerKey::of(chance.one_of(&pool), sort.field));
        let page = PageRequest { limit, after };
        let stored = db.list(tenant, &Scope::All, &query, &page).await.unwrap();
        let uids = |rows: &[Retailer]| rows.iter().map(|row| row.uid.clone()).collect::<Vec<_>>();
        let expected = in_memory.list(&query, &page);
        assert_eq!(uids(&stored.rows), uids(&expected.rows), "{query:?} {page:?}");
        assert_eq!(stored.next, expected.next, "{query:?} {page:?}");
        rows_found += stored.rows.len();
    }
    assert!(rows_found > 2_000, "too few rows to compare: {rows_found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_written_by_an_older_version_get_their_sounds_later() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = database.adapter();
    let search = Some(SearchText::parse("store").unwrap());
    let filter = RetailerFilter { search, matching: SearchMatch::WordsOnly, ..RetailerFilter::default() };
    let query = RetailerQuery { filter, ..RetailerQuery::default() };
    let found = async |tenant: i64| {
        let page =
            db.list(TenantId::new(tenant), &Scope::All, &query, &PageRequest::default()).await.unwrap();
        page.rows.len()
    };
    assert_eq!((found(ours.tenant).await, found(theirs.tenant).await), (0, 0), "without sounds");
    let owner = database.owner().await;
    let words: i64 = owner
        .query_one("SELECT count(*) FROM retailer_vocabulary WHERE sound IS NULL", &[])
        .await
        .unwrap()
        .get(0);
    // As the server, beside a transaction that has locked one of the words.
    let mut busy = database.owner().await;
    let locked = busy.transaction().await.unwrap();
    let statement = "SELECT FROM retailer_vocabulary WHERE tenant_id = $1 AND word = 'স্টোর' FOR UPDATE";
    locked.execute(statement, &[&theirs.tenant]).await.unwrap();
    assert_eq!(db.fill_word_sounds().await, Ok(words - 1), "does not wait");
    assert_eq!((found(ours.tenant).await, found(theirs.tenant).await), (3, 0));
    locked.rollback().await.unwrap();
    assert_eq!(db.fill_word_sounds().await, Ok(1));
    assert_eq!(db.fill_word_sounds().await, Ok(0), "each word once");
    assert_eq!((found(ours.tenant).await, found(theirs.tenant).await), (3, 3));
}
