use haat_domain::retailer::{
    Retailer, RetailerKey, RetailerQuery, RetailerReader, RetailerSort, RetailerSortField, RetailerUid,
};
use haat_domain::shared::{Limit, PageRequest, Scope, TenantId, UserId};
use haat_domain::territory::SalesMapReader;
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Company, Fixture, TestDatabase};

const SORTS: [RetailerSort; 8] = [
    RetailerSort { field: RetailerSortField::Name, descending: false },
    RetailerSort { field: RetailerSortField::Name, descending: true },
    RetailerSort { field: RetailerSortField::Uid, descending: false },
    RetailerSort { field: RetailerSortField::Uid, descending: true },
    RetailerSort { field: RetailerSortField::Points, descending: false },
    RetailerSort { field: RetailerSortField::Points, descending: true },
    RetailerSort { field: RetailerSortField::UpdatedAt, descending: false },
    RetailerSort { field: RetailerSortField::UpdatedAt, descending: true },
];

/// Returns all rows of a list, page by page.
async fn list_all(
    db: &PgDatabase,
    tenant: i64,
    scope: &Scope,
    sort: RetailerSort,
    rows: i64,
) -> Vec<Retailer> {
    let mut page = PageRequest::first(Limit::parse(rows).unwrap());
    let query = RetailerQuery { sort, ..RetailerQuery::default() };
    let mut all = Vec::new();
    loop {
        let part = db.list(TenantId::new(tenant), scope, &query, &page).await.unwrap();
        assert!(part.rows.len() <= usize::try_from(rows).unwrap());
        all.extend(part.rows);
        match part.next {
            Some(key) => page.after = Some(key),
            None => return all,
        }
    }
}

fn uids(rows: &[Retailer]) -> Vec<&str> {
    rows.iter().map(|row| row.uid.as_str()).collect()
}

fn rep(company: &Company) -> Scope {
    Scope::Rep(UserId::new(company.rep.id))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scope_sees_only_its_retailers_of_its_tenant() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = database.adapter();
    let by_uid = SORTS[2];
    for company in [&ours, &theirs] {
        let tenant = company.tenant;
        let mine = list_all(&db, tenant, &rep(company), by_uid, 100).await;
        assert_eq!(uids(&mine), ["RTL-0001", "RTL-0002", "RTL-0003", "RTL-0004"]);
        assert!(mine.iter().all(|row| row.assigned_at.is_some()));
        let ids: Vec<i64> = company.retailers[..4].iter().map(|retailer| retailer.id).collect();
        assert_eq!(mine.iter().map(|row| row.id.get()).collect::<Vec<_>>(), ids, "of this tenant");
        let other = Scope::Rep(UserId::new(company.other_rep.id));
        assert_eq!(uids(&list_all(&db, tenant, &other, by_uid, 100).await), ["RTL-0004", "RTL-0005"]);
        let pool = list_all(&db, tenant, &Scope::All, by_uid, 100).await;
        assert_eq!(pool.len(), 6);
        assert!(pool.iter().all(|row| row.assigned_at.is_none()));
        assert_eq!(list_all(&db, tenant, &Scope::Rep(UserId::new(company.admin.id)), by_uid, 100).await, []);
    }
    assert_eq!(
        list_all(&db, theirs.tenant, &rep(&ours), by_uid, 100).await,
        [],
        "a sales rep of another tenant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_returns_every_row_once_for_every_sort_and_page_size() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    for sort in SORTS {
        for scope in [rep(&ours), Scope::All] {
            let whole = list_all(&db, ours.tenant, &scope, sort, 100).await;
            let mut expected = whole.clone();
            expected.sort_by(|a, b| match sort.field {
                RetailerSortField::Name => (&a.name, &a.uid).cmp(&(&b.name, &b.uid)),
                RetailerSortField::Uid => a.uid.cmp(&b.uid),
                RetailerSortField::Points => (a.points, &a.uid).cmp(&(b.points, &b.uid)),
                RetailerSortField::UpdatedAt => (a.updated_at, &a.uid).cmp(&(b.updated_at, &b.uid)),
            });
            if sort.descending {
                expected.reverse();
            }
            assert_eq!(uids(&whole), uids(&expected), "{sort:?} {scope:?}");
            for rows in [1, 2, 3, 4] {
                assert_eq!(
                    uids(&list_all(&db, ours.tenant, &scope, sort, rows).await),
                    uids(&whole),
                    "{sort:?} by {rows}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_every_field_of_a_retailer() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    owner
        .execute(
            "UPDATE retailers SET points = 7, routes = '{Bazar,কলেজ রোড}', notes = 'শুক্রবার বন্ধ', version = 3 \
             WHERE tenant_id = $1 AND uid = 'RTL-0001'",
            &[&ours.tenant],
        )
        .await
        .unwrap();
    let uid = RetailerUid::parse("RTL-0001").unwrap();
    let retailer = db.find(TenantId::new(ours.tenant), &rep(&ours), &uid).await.unwrap().unwrap();
    assert_eq!(retailer.name, "মা স্টোর");
    assert_eq!(retailer.phone.as_ref().unwrap().as_str(), "+8801711223301");
    let map = SalesMapReader::read(&db, TenantId::new(ours.tenant)).await.unwrap();
    let places = [
        map.regions.name(retailer.region),
        map.areas.name(retailer.area),
        map.territories.name(retailer.territory),
        map.distributors.name(retailer.distributor.unwrap()),
    ];
    assert_eq!(places.map(Option::unwrap), ["Dhaka", "Gazipur", "Kaliganj", "Rahman Traders"]);
    assert_eq!((retailer.points, retailer.version), (7, 3));
    assert_eq!(retailer.routes, ["Bazar", "কলেজ রোড"]);
    assert_eq!(retailer.notes.as_deref(), Some("শুক্রবার বন্ধ"));
    assert_eq!(retailer.assigned_at.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn phone_distributor_and_routes_are_optional() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    database
        .owner()
        .await
        .execute(
            "UPDATE retailers SET phone = NULL, phone_raw = NULL, distributor_id = NULL, routes = '{}' \
             WHERE tenant_id = $1",
            &[&ours.tenant],
        )
        .await
        .unwrap();
    let rows = list_all(&db, ours.tenant, &Scope::All, SORTS[0], 100).await;
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.phone.is_none() && row.distributor.is_none() && row.routes.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_retailer_is_not_found() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    database
        .owner()
        .await
        .execute(
            "UPDATE retailers SET deleted_at = now() WHERE tenant_id = $1 AND uid = 'RTL-0001'",
            &[&ours.tenant],
        )
        .await
        .unwrap();
    let uid = RetailerUid::parse("RTL-0001").unwrap();
    for (scope, remaining) in [(rep(&ours), 3), (Scope::All, 5)] {
        assert_eq!(list_all(&db, ours.tenant, &scope, SORTS[0], 100).await.len(), remaining);
        assert_eq!(db.find(TenantId::new(ours.tenant), &scope, &uid).await, Ok(None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retailer_outside_the_scope_is_not_found() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = database.adapter();
    let find = async |tenant: i64, scope: &Scope, uid: &str| {
        db.find(TenantId::new(tenant), scope, &RetailerUid::parse(uid).unwrap()).await.unwrap().is_some()
    };
    assert!(find(ours.tenant, &rep(&ours), "RTL-0004").await);
    assert!(!find(ours.tenant, &rep(&ours), "RTL-0005").await);
    assert!(!find(ours.tenant, &rep(&ours), "RTL-9999").await);
    assert!(!find(theirs.tenant, &rep(&ours), "RTL-0001").await);
    assert!(find(ours.tenant, &Scope::All, "RTL-0006").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_row_is_reported_without_its_value() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    database.owner().await.batch_execute("UPDATE retailers SET phone = 'secret number'").await.unwrap();
    let page: PageRequest<RetailerKey> = PageRequest::first(Limit::default());
    let error =
        db.list(TenantId::new(ours.tenant), &Scope::All, &RetailerQuery::default(), &page).await.unwrap_err();
    assert!(!error.is_retryable());
    let text = error.to_string();
    assert!(text.contains("retailers") && text.contains("phone") && !text.contains("secret"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_retailer_moves_in_every_list() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = database.adapter();
    database
        .app()
        .await
        .execute(
            "UPDATE retailers SET name = 'Aalto' WHERE tenant_id = $1 AND uid = 'RTL-0003'",
            &[&ours.tenant],
        )
        .await
        .unwrap();
    for scope in [rep(&ours), Scope::All] {
        let rows = list_all(&db, ours.tenant, &scope, SORTS[0], 2).await;
        assert_eq!(rows[0].uid.as_str(), "RTL-0003", "{scope:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_finds_places_by_every_name() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    database
        .owner()
        .await
        .execute(
            "INSERT INTO place_aliases (tenant_id, kind, area_id, alias) \
             SELECT tenant_id, 'area', id, 'Joydebpur' FROM areas WHERE tenant_id = $1",
            &[&ours.tenant],
        )
        .await
        .unwrap();
    let db = database.adapter();
    let map = SalesMapReader::read(&db, TenantId::new(ours.tenant)).await.unwrap();
    assert_eq!(map.regions.called("Dhaka"), map.regions.called("ঢাকা"));
    assert_eq!(map.areas.called("Gazipur"), map.areas.called("Joydebpur"));
    assert_eq!(map.areas.called("Joydebpur").len(), 1);
    assert_eq!(
        (map.territories.called("Kaliganj").len(), map.distributors.called("Rahman Traders").len()),
        (1, 1)
    );
    let other = SalesMapReader::read(&db, TenantId::new(theirs.tenant)).await.unwrap();
    assert!(other.areas.called("Joydebpur").is_empty());
    assert_ne!(map.regions.called("Dhaka"), other.regions.called("Dhaka"));
}
