//! Reading and changing the pool as an administrator.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use haat_domain::retailer::{
    AddedRetailer, NewRetailer, Place, Points, PoolRetailerReader, PoolRetailerTx, RepRetailers, Retailer,
    RetailerExporter, RetailerFilter, RetailerKey, RetailerName, RetailerQuery, RetailerReader, RetailerSort,
    RetailerSortField, RetailerUid, Routes, Service,
};
use haat_domain::shared::{
    BeginTransaction, DistributorId, Limit, PageRequest, Scope, TenantId, TerritoryId, UserId,
};
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Fixture, TestDatabase, assert_by_index, seed_input, seeded, seeder};

use crate::plans::{TENANT, assert_not_sorted};
use crate::rep_retailers::{Chance, MATCHES, search, search_words};

async fn begin(db: &PgDatabase) -> Box<dyn PoolRetailerTx> {
    BeginTransaction::<dyn PoolRetailerTx>::begin(db).await.unwrap()
}

fn uid(text: &str) -> RetailerUid {
    RetailerUid::parse(text).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
}

async fn all(db: &PgDatabase, filter: RetailerFilter) -> Vec<Retailer> {
    let query = RetailerQuery { filter, ..RetailerQuery::default() };
    let mut page = PageRequest::first(Limit::parse(100).unwrap());
    let mut rows = Vec::new();
    loop {
        let part = db.list(TENANT, &Scope::All, &query, &page).await.unwrap();
        rows.extend(part.rows);
        match part.next {
            Some(next) => page.after = Some(next),
            None => return rows,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_filters_return_the_same_rows_as_a_full_scan() {
    let database = TestDatabase::new().await;
    seeder(&database).execute(&seed_input(900, 12, 7)).await.unwrap();
    let owner = database.owner().await;
    owner
        .batch_execute(
            "DELETE FROM sales_rep_retailers WHERE retailer_id % 3 = 0; \
             UPDATE retailers AS r SET deleted_at = now() WHERE id % 4 = 0 AND NOT EXISTS \
                 (SELECT FROM sales_rep_retailers AS s WHERE s.tenant_id = r.tenant_id AND s.retailer_id = r.id); \
             UPDATE retailers SET name = 'Ma Store', \
                 search_key = 'ma store' || substr(search_key, strpos(search_key, E'\\n')) WHERE id % 11 = 0; \
             ANALYZE retailers, sales_rep_retailers, retailer_words, retailer_vocabulary, retailer_pairs, \
             retailer_pair_vocabulary",
        )
        .await
        .unwrap();
    let db = database.adapter();
    let ids = async |statement: &str| -> HashSet<i64> {
        owner.query(statement, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    let served = ids("SELECT DISTINCT retailer_id FROM sales_rep_retailers").await;
    let deleted = ids("SELECT id FROM retailers WHERE deleted_at IS NOT NULL").await;
    let mut retailers = all(&db, RetailerFilter::default()).await;
    retailers.extend(all(&db, RetailerFilter { deleted: true, ..RetailerFilter::default() }).await);
    let known: HashSet<i64> = retailers.iter().map(|retailer| retailer.id.get()).collect();
    assert_eq!((retailers.len(), known.len()), (900, 900), "each retailer is either active or deleted");
    assert!(deleted.len() > 20 && served.len() > 200 && served.len() < 700);
    let in_memory = |service: Option<Service>, is_deleted: bool| {
        let matches = |retailer: &&Retailer| {
            let id = retailer.id.get();
            deleted.contains(&id) == is_deleted
                && service.is_none_or(|service| (service == Service::Assigned) == served.contains(&id))
        };
        RepRetailers::new(retailers.iter().filter(matches).cloned().collect())
    };
    let mut chance = Chance(23);
    let (mut rows_found, mut round) = (0, 0);
    while round < 400 {
        let plain = RetailerFilter {
            search: chance.maybe(|chance| {
                if chance.below(2) == 0 {
                    search(chance, &retailers)
                } else {
                    search_words(chance, &retailers)
                }
            }),
            matching: *chance.one_of(&MATCHES),
            regions: chance.maybe(|chance| vec![chance.one_of(&retailers).region]),
            ..RetailerFilter::default()
        };
        if plain.search.as_ref().is_some_and(|search| !search.is_long_enough_for_pool()) {
            continue;
        }
        round += 1;
        let service = *chance.one_of(&[None, Some(Service::Assigned), Some(Service::Unassigned)]);
        let is_deleted = chance.below(3) == 0;
        let fields = [RetailerSortField::Name, RetailerSortField::Name, RetailerSortField::Uid];
        let sort = RetailerSort { field: *chance.one_of(&fields), descending: chance.below(2) == 0 };
        let limit = Limit::parse(1 + i64::try_from(chance.below(60)).unwrap()).unwrap();
        let after = chance.maybe(|chance| RetailerKey::of(chance.one_of(&retailers), sort.field));
        let page = PageRequest { limit, after };
        let plain_query = RetailerQuery { filter: plain.clone(), sort, ..RetailerQuery::default() };
        let expected = in_memory(service, is_deleted).list(&plain_query, &page);
        let filter = RetailerFilter { service, deleted: is_deleted, ..plain };
        let query = RetailerQuery { filter, sort, ..RetailerQuery::default() };
        let stored = db.list(TENANT, &Scope::All, &query, &page).await.unwrap();
        assert_eq!(stored, expected, "{query:?} {page:?}");
        let count = db.count(TENANT, &Scope::All, &query.filter).await.unwrap();
        assert_eq!(count, in_memory(service, is_deleted).count(&plain_query.filter) as u64, "{query:?}");
        let mut part = db.part(TENANT, &Scope::All, &query.filter, None, 1_000).await.unwrap();
        assert_eq!(part.len() as u64, count, "{query:?}");
        assert!(part.is_sorted_by(|a, b| a.uid < b.uid));
        if let Some(first) = part.first().cloned() {
            let rest = db.part(TENANT, &Scope::All, &query.filter, Some(first.uid), 1_000).await.unwrap();
            assert_eq!(rest, part.split_off(1));
        }
        rows_found += stored.rows.len();
    }
    assert!(rows_found > 2_000, "too few rows to compare: {rows_found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_lists_and_export_parts_use_indexes() {
    let (database, _) = seeded().await;
    let owner = database.owner().await;
    owner
        .batch_execute(
            "DELETE FROM sales_rep_retailers WHERE retailer_id % 20 = 0; \
             UPDATE retailers SET deleted_at = now() WHERE id % 200 = 0; ANALYZE retailers, sales_rep_retailers",
        )
        .await
        .unwrap();
    let db = database.adapter();
    let none = RetailerFilter::default();
    let explain = async |filter: &RetailerFilter, after: Option<RetailerKey>| {
        let query = RetailerQuery { filter: filter.clone(), ..RetailerQuery::default() };
        let page = PageRequest { after, ..PageRequest::default() };
        db.explain_retailer_list(TENANT, &Scope::All, &query, &page).await.unwrap()
    };
    let key = RetailerKey::Name { name: "Ma Store".into(), uid: uid("RTL-0015000") };
    for service in [Service::Assigned, Service::Unassigned] {
        let filter = RetailerFilter { service: Some(service), ..none.clone() };
        for after in [None, Some(key.clone())] {
            let plan = explain(&filter, after).await;
            assert_by_index(&plan);
            assert_not_sorted(&plan);
        }
    }
    let deleted = RetailerFilter { deleted: true, ..none.clone() };
    for after in [None, Some(key)] {
        let plan = explain(&deleted, after).await;
        assert!(plan.contains("retailers_deleted_idx"), "{plan}");
    }
    for (filter, after) in
        [(&none, None), (&none, Some(uid("RTL-0015000"))), (&deleted, Some(uid("RTL-0015000")))]
    {
        let plan = db.explain_retailer_part(TENANT, filter, after, 2_000).await.unwrap();
        assert_by_index(&plan);
    }
    assert_by_index(&db.explain_serving_reps(TENANT, (1..=2_000).collect()).await.unwrap());
    owner.batch_execute("DROP INDEX retailers_deleted_idx").await.unwrap();
    let plan = explain(&deleted, None).await;
    assert!(
        std::panic::catch_unwind(|| assert_by_index(&plan)).is_err(),
        "the missing index is detected:\n{plan}"
    );
}

fn new(text: &str, territory: i64) -> NewRetailer {
    NewRetailer {
        uid: uid(text),
        name: RetailerName::parse("New Store").unwrap(),
        phone: None,
        territory: TerritoryId::new(territory),
        distributor: None,
        points: Points::parse(0).unwrap(),
        routes: Routes::default(),
        notes: None,
    }
}

async fn territory(database: &TestDatabase, tenant: i64) -> i64 {
    let statement = "SELECT id FROM territories WHERE tenant_id = $1 ORDER BY id LIMIT 1";
    database.owner().await.query_one(statement, &[&tenant]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn places_of_another_tenant_are_not_found() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = database.adapter();
    let (mine, other) = (territory(&database, ours.tenant).await, territory(&database, theirs.tenant).await);
    let tenant = TenantId::new(ours.tenant);
    let mut tx = begin(&db).await;
    let place = tx.retailers().lock_place(tenant, TerritoryId::new(mine)).await.unwrap().unwrap();
    assert_eq!(place.territory.get(), mine);
    assert_eq!(tx.retailers().lock_place(tenant, TerritoryId::new(other)).await, Ok(None));
    let distributor: i64 = database
        .owner()
        .await
        .query_one("SELECT id FROM distributors WHERE tenant_id = $1", &[&theirs.tenant])
        .await
        .unwrap()
        .get(0);
    assert_eq!(tx.retailers().lock_distributor(tenant, DistributorId::new(distributor)).await, Ok(false));
    let theirs = TenantId::new(theirs.tenant);
    assert_eq!(tx.retailers().lock_distributor(theirs, DistributorId::new(distributor)).await, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_a_moving_territory_sees_its_new_parents() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let mut owner = database.owner().await;
    let tenant = ours.tenant;
    let moving = territory(&database, tenant).await;
    let statement = "INSERT INTO regions (tenant_id, name) VALUES ($1, 'Khulna') RETURNING id";
    let region: i64 = owner.query_one(statement, &[&tenant]).await.unwrap().get(0);
    let statement = "INSERT INTO areas (tenant_id, region_id, name) VALUES ($1, $2, 'Jashore') RETURNING id";
    let area: i64 = owner.query_one(statement, &[&tenant, &region]).await.unwrap().get(0);
    let moving_tx = owner.transaction().await.unwrap();
    moving_tx.batch_execute("SET CONSTRAINTS ALL DEFERRED").await.unwrap();
    for statement in [
        "UPDATE territories SET area_id = $2 WHERE tenant_id = $1 AND id = $3 AND $4::bigint > 0",
        "UPDATE retailers SET area_id = $2, region_id = $4 WHERE tenant_id = $1 AND territory_id = $3",
    ] {
        moving_tx.execute(statement, &[&tenant, &area, &moving, &region]).await.unwrap();
    }
    let db = database.adapter();
    let waiting = tokio::spawn(async move {
        let mut tx = begin(&db).await;
        tx.retailers().lock_place(TenantId::new(tenant), TerritoryId::new(moving)).await.unwrap()
    });
    let watcher = database.owner().await;
    let waits = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) \
                 WHERE NOT granted AND datname = current_database()";
    while watcher.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    moving_tx.commit().await.unwrap();
    let place: Place = waiting.await.unwrap().unwrap();
    assert_eq!((place.area.get(), place.region.get()), (area, region));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_adds_of_one_uid_create_one_retailer() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    let tenant = TenantId::new(ours.tenant);
    let mine = territory(&database, ours.tenant).await;
    let retailer = new("NEW-1", mine);
    let mut first = begin(&db).await;
    let place = first.retailers().lock_place(tenant, retailer.territory).await.unwrap().unwrap();
    let added = first.retailers().add(tenant, &retailer, place, at(0)).await.unwrap();
    assert!(matches!(added, AddedRetailer::Added(_)));
    let other = {
        let (db, retailer) = (db.clone(), retailer.clone());
        tokio::spawn(async move {
            let mut second = begin(&db).await;
            let added = second.retailers().add(tenant, &retailer, place, at(1)).await.unwrap();
            second.roll_back().await;
            added
        })
    };
    first.commit().await.unwrap();
    assert_eq!(other.await.unwrap(), AddedRetailer::Taken { deleted: false });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_assignments_and_keeps_their_history() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = database.adapter();
    let owner = database.owner().await;
    // The clock of the process that assigned the retailer was ahead.
    owner
        .batch_execute("UPDATE sales_rep_retailers SET assigned_at = '2100-01-01' WHERE uid = 'RTL-0004'")
        .await
        .unwrap();
    let tenant = TenantId::new(ours.tenant);
    let mut tx = begin(&db).await;
    let retailer = tx.retailers().lock(tenant, &uid("RTL-0004")).await.unwrap().unwrap();
    let served: Vec<&str> = retailer.sales_reps.iter().map(|rep| rep.username.as_str()).collect();
    assert_eq!(served, ["sr00001", "sr00002"]);
    let by = UserId::new(ours.admin.id);
    let (revision, ended) = tx.retailers().delete(tenant, &retailer.retailer, by, at(0)).await.unwrap();
    assert_eq!((revision.version, ended), (retailer.retailer.version + 1, 2));
    tx.commit().await.unwrap();
    let history = owner
        .query(
            "SELECT sales_rep_id, end_reason, ended_by, upper(valid) - lower(valid) = interval '1 microsecond', \
             tenant_id FROM assignment_history ORDER BY sales_rep_id",
            &[],
        )
        .await
        .unwrap();
    let rows: Vec<(i64, &str, i64, bool, i64)> =
        history.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect();
    let (admin, company) = (ours.admin.id, ours.tenant);
    assert_eq!(
        rows,
        [
            (ours.rep.id, "deleted", admin, true, company),
            (ours.other_rep.id, "deleted", admin, true, company)
        ]
    );
    let remaining = "SELECT count(*) FROM sales_rep_retailers WHERE retailer_id = $1";
    for (company, expected) in [(&ours, 0), (&theirs, 2)] {
        let count: i64 = owner.query_one(remaining, &[&company.retailers[3].id]).await.unwrap().get(0);
        assert_eq!(count, expected);
    }
    let feed = owner
        .query("SELECT kind, sales_rep_id, entity_id FROM changes ORDER BY sales_rep_id NULLS LAST", &[])
        .await
        .unwrap();
    let feed: Vec<(&str, Option<i64>, i64)> =
        feed.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let id = ours.retailers[3].id;
    assert_eq!(
        feed,
        [("removed", Some(ours.rep.id), id), ("removed", Some(ours.other_rep.id), id), ("deleted", None, id)]
    );
    let found = PoolRetailerReader::find(&db, tenant, &uid("RTL-0004")).await.unwrap().unwrap();
    assert_eq!((found.deleted_at, found.sales_reps), (Some(at(0)), vec![]));
}
