//! The storage and [`RetailerBook`] answer alike: each list is asked of both.

use haat_domain::retailer::{
    Retailer, RetailerBook, RetailerFilter, RetailerKey, RetailerQuery, RetailerReader, RetailerSort,
    RetailerSortField, SearchText, Service,
};
use haat_domain::shared::{Limit, PageRequest, Scope, TenantId, UserId};
use haat_test_support::TestDatabase;

use crate::plans::{input, seeder};

/// A small generator of chance, so that a failure can be had again.
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

/// A part of what some shop's key holds, or something that none does.
pub(crate) fn search(chance: &mut Chance, shops: &[Retailer]) -> SearchText {
    let shop = chance.one_of(shops);
    let phone = shop.phone.as_ref().map_or("", |phone| phone.as_str());
    let source = [shop.name.as_str(), shop.uid.as_str(), phone, "nobody's", "%_\\"][chance.below(5)];
    let letters: Vec<char> = source.chars().collect();
    let from = chance.below(letters.len().max(1));
    let text: String = letters.iter().skip(from).take(1 + chance.below(5)).collect();
    SearchText::parse(&text).or_else(|_| SearchText::parse("store")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_answers_as_the_storage_does() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&input(2_000, 10, 3)).await.unwrap();
    let owner = database.owner().await;
    // Equal names, points and times, so that the uid has ties to break.
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
    let shops = db.all_of_rep(tenant, rep, 1_000).await.unwrap().unwrap();
    assert!(shops.len() > 50);
    assert_eq!(db.all_of_rep(tenant, rep, 10).await, Ok(None), "more than may be");
    let book = RetailerBook::new(shops.clone());
    let mut chance = Chance(11);
    let mut found = 0;
    for round in 0..400 {
        let filter = RetailerFilter {
            search: chance.maybe(|chance| search(chance, &shops)),
            regions: chance.maybe(|chance| vec![chance.one_of(&shops).region]),
            areas: chance.maybe(|chance| vec![chance.one_of(&shops).area, chance.one_of(&shops).area]),
            territories: chance.maybe(|chance| vec![chance.one_of(&shops).territory]),
            distributors: chance.maybe(|chance| chance.one_of(&shops).distributor.into_iter().collect()),
            service: chance
                .maybe(|chance| *chance.one_of(&[Service::Assigned, Service::Assigned, Service::Unassigned])),
            deleted: chance.below(20) == 0,
        };
        let fields = [
            RetailerSortField::Name,
            RetailerSortField::Uid,
            RetailerSortField::Points,
            RetailerSortField::UpdatedAt,
        ];
        let sort = RetailerSort { field: *chance.one_of(&fields), descending: chance.below(2) == 0 };
        let query = RetailerQuery { filter, sort };
        let limit = Limit::parse(1 + i64::try_from(chance.below(30)).unwrap()).unwrap();
        let after = chance.maybe(|chance| RetailerKey::of(chance.one_of(&shops), sort.field));
        let skip = chance.maybe(|chance| chance.below(30)).unwrap_or_default() as u64;
        let page = PageRequest { limit, after, skip };
        let stored = db.list(tenant, Scope::Rep(rep), &query, &page).await.unwrap();
        assert_eq!(book.list(&query, &page), stored, "round {round}: {query:?} {page:?}");
        let count = db.count(tenant, Scope::Rep(rep), &query.filter).await.unwrap();
        assert_eq!(book.count(&query.filter) as u64, count, "round {round}: {query:?}");
        found += stored.rows.len();
    }
    assert!(found > 500, "the lists are not empty: {found}");
    for shop in &shops {
        assert_eq!(db.find(tenant, Scope::Rep(rep), &shop.uid).await.unwrap().as_ref(), book.find(&shop.uid));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_of_the_pool_meets_what_a_look_at_every_shop_does() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&input(3_000, 2, 5)).await.unwrap();
    let owner = database.owner().await;
    // Names shorter than the beginnings that are noted, one of them the beginning of others; and many of one name.
    owner
        .batch_execute(
            "UPDATE retailers SET name = 'Ma', search_key = 'ma' || substr(search_key, strpos(search_key, E'\\n')) \
             WHERE id % 97 = 0; \
             UPDATE retailers SET name = 'Ma Store', \
                 search_key = 'ma store' || substr(search_key, strpos(search_key, E'\\n')) WHERE id % 31 = 0",
        )
        .await
        .unwrap();
    owner.batch_execute("ANALYZE retailers, retailer_words, retailer_vocabulary").await.unwrap();
    let (db, tenant) = (database.adapter(), TenantId::new(1));
    let mut pool = Vec::new();
    let mut page = PageRequest::first(Limit::parse(100).unwrap());
    loop {
        let part = db.list(tenant, Scope::All, &RetailerQuery::default(), &page).await.unwrap();
        pool.extend(part.rows);
        match part.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    assert_eq!(pool.len(), 3_000);
    let book = RetailerBook::new(pool.clone());
    let mut chance = Chance(17);
    let words =
        ["store", "স্টোর", "m/s", "মেসার্স", "new", "ma store", "store zz", "rtl", "pharmacy house", "tor"];
    let (mut found, mut searched) = (0, 0);
    while searched < 300 {
        let text = if chance.below(2) == 0 {
            let word: &str = chance.one_of::<&str>(&words);
            SearchText::parse(word).unwrap()
        } else {
            search(&mut chance, &pool)
        };
        if !text.is_long_enough_for_pool() {
            continue;
        }
        searched += 1;
        let filter = RetailerFilter {
            search: Some(text),
            regions: chance.maybe(|chance| vec![chance.one_of(&pool).region]),
            areas: (chance.below(6) == 0).then(|| vec![chance.one_of(&pool).area]),
            ..RetailerFilter::default()
        };
        let fields = [RetailerSortField::Name, RetailerSortField::Name, RetailerSortField::Uid];
        let sort = RetailerSort { field: *chance.one_of(&fields), descending: chance.below(2) == 0 };
        let query = RetailerQuery { filter, sort };
        let limit = Limit::parse(1 + i64::try_from(chance.below(60)).unwrap()).unwrap();
        let after = chance.maybe(|chance| RetailerKey::of(chance.one_of(&pool), sort.field));
        let page = PageRequest { limit, after, skip: 0 };
        let stored = db.list(tenant, Scope::All, &query, &page).await.unwrap();
        let strip = |rows: &[Retailer]| rows.iter().map(|row| row.uid.clone()).collect::<Vec<_>>();
        let expected = book.list(&query, &page);
        assert_eq!(strip(&stored.rows), strip(&expected.rows), "{query:?} {page:?}");
        assert_eq!(stored.next, expected.next, "{query:?} {page:?}");
        found += stored.rows.len();
    }
    assert!(found > 2_000, "the lists are not empty: {found}");
}
