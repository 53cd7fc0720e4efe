use chrono::{DateTime, Utc};
use haat_domain::auth::{Email, Grant, PasswordChange, PasswordHash, PersonName, UserReader, Username};
use haat_domain::change::{Caller, CallerCheck, ExpectedVersions};
use haat_domain::people::{
    Capacity, EmployeeCode, NewUser, PeopleTx, Person, PersonKey, PersonOrder, PersonPatch, PersonQuery,
    PersonReader, UserConflict,
};
use haat_domain::retailer::{PatchRetailer, Patched, RetailerPatch, RetailerPatcher, RetailerUid};
use haat_domain::shared::{
    BeginTransaction, Limit, PageRequest, Phone, Role, SearchText, SessionId, StorageFailure, Targets,
    TenantId, UserId,
};
use haat_persistence_adapter::{revert_last, run_next};
use haat_persistence_org::OrgDatabase;
use haat_test_support::{Fixture, PASSWORD_HASH, TestDatabase};

use crate::org;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn new_rep(tenant: i64, username: &str, code: &str) -> NewUser {
    NewUser {
        tenant: TenantId::new(tenant),
        username: Username::parse(username).unwrap(),
        name: PersonName::parse("রহিম উদ্দিন").unwrap(),
        phone: Phone::parse("01999999999").ok(),
        email: Email::parse("New@Example.com").ok(),
        first_name: None,
        last_name: None,
        grants: Grant::new(Role::SalesRep, None).into_iter().collect(),
        granted_by: None,
        password_hash: PasswordHash::new("hash".into()),
        must_change_password: true,
        employee_code: EmployeeCode::parse(code).ok(),
        capacity: Capacity::parse(9).ok(),
        created_at: noon(),
    }
}

async fn begin(db: &OrgDatabase) -> Box<dyn PeopleTx> {
    BeginTransaction::<dyn PeopleTx>::begin(db).await.unwrap()
}

async fn lock(tx: &mut Box<dyn PeopleTx>, tenant: i64, id: i64) -> Option<Person> {
    tx.users().lock(TenantId::new(tenant), Some(Role::SalesRep), UserId::new(id)).await.unwrap()
}

/// Returns true if a session in this database waits for a lock.
async fn has_waiter(owner: &haat_test_support::Client) -> bool {
    let statement = "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()";
    !owner.query(statement, &[]).await.unwrap().is_empty()
}

/// Returns the change feed entries of a user, in order.
async fn feed(database: &TestDatabase, id: i64) -> Vec<String> {
    let statement = "SELECT kind FROM changes WHERE entity = 'user' AND entity_id = $1 ORDER BY tx_id, id";
    let rows = database.owner().await.query(statement, &[&id]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn new_user(tenant: i64, username: &str, phone: &str, email: &str) -> NewUser {
    NewUser {
        tenant: TenantId::new(tenant),
        username: Username::parse(username).unwrap(),
        name: PersonName::parse("রহিম").unwrap(),
        phone: Some(Phone::parse(phone).unwrap()),
        email: Some(Email::parse(email).unwrap()),
        first_name: None,
        last_name: None,
        grants: Grant::new(Role::Admin, None).into_iter().collect(),
        granted_by: None,
        password_hash: PasswordHash::new(PASSWORD_HASH.into()),
        must_change_password: false,
        employee_code: None,
        capacity: None,
        created_at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn insert_reports_all_conflicts_and_the_transaction_continues() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let mut tx = begin(&db).await;
    for (username, phone, email, conflicts) in [
        ("Admin", "01999999999", "new@example.com", vec![UserConflict::Username]),
        ("new", "01811000001", "new@example.com", vec![UserConflict::Phone]),
        ("new", "01999999999", "SR00001@example.com", vec![UserConflict::Email]),
        (
            "admin",
            "01811000001",
            "sr00001@example.com",
            vec![UserConflict::Username, UserConflict::Phone, UserConflict::Email],
        ),
    ] {
        let user = new_user(ours.tenant, username, phone, email);
        assert_eq!(tx.users().insert(&user).await, Ok(Err(conflicts)), "{username} {phone} {email}");
    }
    let user = new_user(ours.tenant, "new", "01999999999", "new@example.com");
    let id = tx.users().insert(&user).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let found = UserReader::find(&*db, TenantId::new(ours.tenant), id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.role), ("রহিম", Role::Admin));
}

#[tokio::test(flavor = "multi_thread")]
async fn inserts_a_person_and_rejects_a_taken_employee_code() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = org(&database);
    let mut tx = begin(&db).await;
    let id = tx.users().insert(&new_rep(ours.tenant, "new", "E-1")).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let tenant = TenantId::new(ours.tenant);
    let person = PersonReader::find(&db, tenant, &Targets::everything(), Some(Role::SalesRep), id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((person.version, person.created_at, person.updated_at), (1, noon(), noon()));
    assert!(person.user.active && person.user.must_change_password);
    let rep = person.rep.clone().unwrap();
    assert_eq!((rep.employee_code, rep.capacity), (EmployeeCode::parse("E-1").ok(), Capacity::parse(9).ok()));
    assert_eq!((rep.default_capacity, rep.assigned_count), (120, 0));
    let stored: String = database
        .owner()
        .await
        .query_one("SELECT search_key FROM users WHERE username = 'new'", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(stored, person.search_key());
    assert_eq!(feed(&database, id.get()).await, ["permission", "created"]);
    assert_eq!(
        PersonReader::find(&db, tenant, &Targets::everything(), Some(Role::Admin), id).await,
        Ok(None),
        "another role"
    );
    assert_eq!(
        PersonReader::find(
            &db,
            TenantId::new(theirs.tenant),
            &Targets::everything(),
            Some(Role::SalesRep),
            id
        )
        .await,
        Ok(None)
    );

    let mut tx = begin(&db).await;
    let other = NewUser { phone: None, email: None, ..new_rep(ours.tenant, "other", "E-1") };
    assert_eq!(tx.users().insert(&other).await, Ok(Err(vec![UserConflict::EmployeeCode])));
    drop(tx);
    let mut tx = begin(&db).await;
    assert!(
        tx.users().insert(&new_rep(theirs.tenant, "new", "E-1")).await.unwrap().is_ok(),
        "another tenant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_writes_every_field_and_the_change_feed() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = org(&database);
    let mut tx = begin(&db).await;
    assert!(lock(&mut tx, theirs.tenant, ours.rep.id).await.is_none());
    assert!(lock(&mut tx, ours.tenant, ours.admin.id).await.is_none());
    let before = lock(&mut tx, ours.tenant, ours.rep.id).await.unwrap();
    assert_eq!(before.rep.as_ref().unwrap().assigned_count, 4);
    let patch = PersonPatch {
        username: Username::parse("rahim").ok(),
        name: PersonName::parse("রহিম").ok(),
        first_name: Some(PersonName::parse("রহিম").ok()),
        last_name: Some(None),
        phone: Some(None),
        email: Some(Email::parse("r@example.com").ok()),
        active: Some(false),
        employee_code: Some(EmployeeCode::parse("E-7").ok()),
        capacity: Some(Capacity::parse(3).ok()),
    };
    let patched = before.patched(&patch);
    tx.users().update(&patched, noon()).await.unwrap().unwrap();
    let after = lock(&mut tx, ours.tenant, ours.rep.id).await.unwrap();
    assert_eq!(after, Person { version: 2, updated_at: noon(), ..patched });
    tx.commit().await.unwrap();
    assert_eq!(feed(&database, ours.rep.id).await, ["permission", "updated"]);
    let everything = Targets::everything();
    let other = PersonReader::find(
        &db,
        TenantId::new(theirs.tenant),
        &everything,
        Some(Role::SalesRep),
        UserId::new(theirs.rep.id),
    );
    assert_eq!(other.await.unwrap().unwrap().version, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_reports_conflicts_and_concurrent_conflicts() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let mut tx = begin(&db).await;
    let rep = lock(&mut tx, ours.tenant, ours.rep.id).await.unwrap();
    let names = PersonPatch {
        username: Username::parse("SR00002").ok(),
        phone: Some(Phone::parse("01811000002").ok()),
        email: Some(Email::parse("admin@example.com").ok()),
        ..PersonPatch::default()
    };
    let taken = tx.users().update(&rep.patched(&names), noon()).await.unwrap();
    assert_eq!(taken, Err(vec![UserConflict::Username, UserConflict::Phone, UserConflict::Email]));
    drop(tx);

    let owner = database.owner().await;
    for (patch, conflict) in [
        (
            PersonPatch { username: Username::parse("twin").ok(), ..PersonPatch::default() },
            UserConflict::Username,
        ),
        (
            PersonPatch { employee_code: Some(EmployeeCode::parse("E-9").ok()), ..PersonPatch::default() },
            UserConflict::EmployeeCode,
        ),
        (
            PersonPatch { phone: Some(Phone::parse("01999999999").ok()), ..PersonPatch::default() },
            UserConflict::Phone,
        ),
        (
            PersonPatch { email: Some(Email::parse("t@b.c").ok()), ..PersonPatch::default() },
            UserConflict::Email,
        ),
    ] {
        let (mut one, mut two) = (begin(&db).await, begin(&db).await);
        let rep = lock(&mut one, ours.tenant, ours.rep.id).await.unwrap();
        let other = lock(&mut two, ours.tenant, ours.other_rep.id).await.unwrap();
        one.users().update(&rep.patched(&patch), noon()).await.unwrap().unwrap();
        let second = tokio::spawn(async move {
            // Sees no conflict yet and waits for the first transaction.
            two.users().update(&other.patched(&patch), noon()).await
        });
        while !has_waiter(&owner).await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        one.commit().await.unwrap();
        assert_eq!(second.await.unwrap(), Ok(Err(vec![conflict])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_update_and_an_assignment_do_not_deadlock() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (org(&database), database.owner().await);
    let (working, assigning) = (database.app().await, database.app().await);
    // The sales rep's own transaction holds their user row and would wait for a retailer that is being assigned.
    let user = "SELECT FROM users WHERE id = $1 FOR SHARE NOWAIT";
    working.batch_execute("BEGIN").await.unwrap();
    working.query(user, &[&ours.rep.id]).await.unwrap();
    let mut tx = begin(&db).await;
    let changing = tokio::spawn(async move {
        assert!(lock(&mut tx, ours.tenant, ours.rep.id).await.is_some());
        tx
    });
    while !changing.is_finished() && !has_waiter(&owner).await {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // The assignment proceeds: the waiting update holds no lock on the sales rep.
    assigning.batch_execute("BEGIN").await.unwrap();
    assigning.query(user, &[&ours.rep.id]).await.expect("two transactions can share a user");
    let rep = "SELECT FROM sales_reps WHERE id = $1 FOR NO KEY UPDATE NOWAIT";
    assigning.query(rep, &[&ours.rep.id]).await.expect("the sales rep is not locked before the user");
    assigning.batch_execute("COMMIT").await.unwrap();
    working.batch_execute("COMMIT").await.unwrap();
    changing.await.unwrap().roll_back().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_a_password_only_for_the_expected_token_version() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let db = org(&database);
    let set = |tenant: i64, expected: Option<i32>, hash: &str| PasswordChange {
        tenant: TenantId::new(tenant),
        user: UserId::new(ours.rep.id),
        password_hash: PasswordHash::new(hash.into()),
        must_change_password: expected.is_none(),
        expected,
        at: noon(),
    };
    let mut tx = begin(&db).await;
    assert_eq!(tx.passwords().set_password(&set(theirs.tenant, None, "x")).await, Ok(None), "another tenant");
    assert_eq!(tx.passwords().set_password(&set(ours.tenant, None, "first")).await, Ok(Some(2)));
    let person = lock(&mut tx, ours.tenant, ours.rep.id).await.unwrap();
    assert!(person.user.must_change_password);
    assert_eq!((person.version, person.user.token_version), (2, 2));
    for version in [1, 3] {
        let change = set(ours.tenant, Some(version), "second");
        assert_eq!(tx.passwords().set_password(&change).await, Ok(None), "{version}");
    }
    assert_eq!(tx.passwords().set_password(&set(ours.tenant, Some(2), "second")).await, Ok(Some(3)));
    assert!(!lock(&mut tx, ours.tenant, ours.rep.id).await.unwrap().user.must_change_password);
    let person = lock(&mut tx, ours.tenant, ours.rep.id).await.unwrap();
    let disabled = person.patched(&PersonPatch { active: Some(false), ..PersonPatch::default() });
    tx.users().update(&disabled, noon()).await.unwrap().unwrap();
    assert_eq!(tx.passwords().set_password(&set(ours.tenant, Some(4), "third")).await, Ok(None), "disabled");
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_password_change_blocks_other_changes_and_is_in_the_feed() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let caller = Caller {
        tenant: TenantId::new(ours.tenant),
        user: UserId::new(ours.rep.id),
        role: Role::SalesRep,
        access_version: 1,
        token_version: 1,
        session: Some(SessionId::new(uuid::Uuid::from_u128(70))),
    };
    let owner = database.owner().await;
    let session = "INSERT INTO sessions (tenant_id, id, user_id, token_version, created_at, last_used_at, \
            family_hash, current_hash, seed) \
        SELECT tenant_id, $2, id, 1, now(), now(), h, h, h FROM users, decode(repeat('00', 32), 'hex') AS h \
         WHERE id = $1";
    owner.execute(session, &[&ours.rep.id, &uuid::Uuid::from_u128(70)]).await.unwrap();
    let may_act = async || {
        let mut tx = begin(&db).await;
        tx.caller().check(&caller).await.unwrap() == CallerCheck::Ok
    };
    let patch = PatchRetailer {
        caller,
        targets: Targets { all: true, ..Targets::default() },
        uid: RetailerUid::parse(&ours.retailers[0].uid).unwrap(),
        patch: RetailerPatch::default(),
        expected: ExpectedVersions::default(),
        at: noon(),
        request_id: "r-1".into(),
    };
    assert!(may_act().await);
    assert!(matches!(db.patch(&patch).await, Ok(Patched::Done(_))));
    for (revoke, restore) in [
        (
            "UPDATE sessions SET ended_at = now() WHERE user_id = $1",
            "UPDATE sessions SET ended_at = NULL WHERE user_id = $1",
        ),
        ("UPDATE sessions SET user_id = user_id + 1 WHERE user_id = $1", "UPDATE sessions SET user_id = $1"),
    ] {
        owner.execute(revoke, &[&ours.rep.id]).await.unwrap();
        assert!(!may_act().await, "{revoke}");
        assert_eq!(db.patch(&patch).await, Ok(Patched::CallerEnded), "{revoke}");
        owner.execute(restore, &[&ours.rep.id]).await.unwrap();
        assert!(may_act().await);
    }
    let statement = "UPDATE users SET must_change_password = TRUE WHERE id = $1";
    owner.execute(statement, &[&ours.rep.id]).await.unwrap();
    assert!(!may_act().await);
    assert_eq!(db.patch(&patch).await, Ok(Patched::CallerEnded));
    assert_eq!(feed(&database, ours.rep.id).await, ["permission"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_returns_every_person_once_in_order() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let owner = database.owner().await;
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role, search_key)
             SELECT 1, 'rep-' || n, 'Name ' || n % 7, 'hash', 'sales_rep', 'rep-' || n FROM generate_series(1, 50) AS n;
             INSERT INTO sales_reps (tenant_id, id) SELECT 1, id FROM users WHERE username LIKE 'rep-%'",
        )
        .await
        .unwrap();
    let tenant = TenantId::new(ours.tenant);
    let query = PersonQuery::all(Some(Role::SalesRep));
    let mut listed: Vec<PersonKey> = Vec::new();
    let mut request = PageRequest::first(Limit::parse(9).unwrap());
    loop {
        let page = db.list(tenant, &Targets::everything(), &query, &request).await.unwrap();
        assert!(page.rows.len() <= 9);
        listed.extend(page.rows.iter().map(|person| PersonKey::of(person, query.order)));
        match page.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!((listed.len(), &listed), (52, &sorted));

    let search = PersonQuery { search: SearchText::parse("REP-5").ok(), ..query.clone() };
    let found = db.list(tenant, &Targets::everything(), &search, &PageRequest::default()).await.unwrap();
    let mut names: Vec<_> = found.rows.iter().map(|person| person.user.username.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["rep-5", "rep-50"]);
    let none = PersonQuery { active: Some(false), ..query };
    assert!(
        db.list(tenant, &Targets::everything(), &none, &PageRequest::default())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_migration_fills_search_keys_of_existing_users() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (config, owner) = (database.owner_config(), database.owner().await);
    while run_next(&config).await.unwrap().is_some() {}
    while !revert_last(&config).await.unwrap().ends_with("001900") {}
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, phone, email, password_hash, role)
             VALUES (1, 'Sr00001', 'Rahim UDDIN', '+8801711234567', 'R@b.c', 'hash', 'sales_rep'),
                    (1, 'boss', 'Boss', NULL, NULL, 'hash', 'admin');
             INSERT INTO sales_reps (tenant_id, id, employee_code) SELECT 1, id, 'E-1' FROM users WHERE role = 'sales_rep'",
        )
        .await
        .unwrap();
    while run_next(&config).await.unwrap().is_some() {}
    let rows = owner.query("SELECT search_key FROM users ORDER BY id", &[]).await.unwrap();
    let keys: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(keys, ["rahim uddin\nsr00001\n8801711234567\nr@b.c\ne-1", "boss\nboss\n\n\n"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_row_is_an_error_and_not_a_missing_person() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let db = org(&database);
    let statement = "UPDATE users SET name = ' ' WHERE id = $1";
    database.owner().await.execute(statement, &[&ours.rep.id]).await.unwrap();
    let found = PersonReader::find(
        &db,
        TenantId::new(ours.tenant),
        &Targets::everything(),
        Some(Role::SalesRep),
        UserId::new(ours.rep.id),
    )
    .await;
    assert!(matches!(found, Err(StorageFailure::Inconsistent { table: "users", column: "name", .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_by_assigned_count_return_every_sales_rep_once_in_order() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, owner) = (org(&database), database.owner().await);
    owner
        .batch_execute(
            "INSERT INTO users (tenant_id, username, name, password_hash, role, search_key)
             SELECT 1, 'rep-' || n, 'Name ' || n % 7, 'hash', 'sales_rep', 'rep-' || n FROM generate_series(1, 30) AS n;
             INSERT INTO sales_reps (tenant_id, id) SELECT 1, id FROM users WHERE username LIKE 'rep-%';
             INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at)
             SELECT 1, u.id, r.id, r.uid, r.name, now() FROM users AS u
               JOIN retailers AS r ON r.tenant_id = 1 AND r.points <= u.id % 4 WHERE u.username LIKE 'rep-%'",
        )
        .await
        .unwrap();
    let tenant = TenantId::new(ours.tenant);
    let all = async |query: &PersonQuery| {
        let mut listed: Vec<(PersonKey, i64)> = Vec::new();
        let mut request = PageRequest::first(Limit::parse(7).unwrap());
        loop {
            let page = db.list(tenant, &Targets::everything(), query, &request).await.unwrap();
            listed.extend(page.rows.iter().map(|person| {
                (PersonKey::of(person, query.order), person.rep.as_ref().unwrap().assigned_count)
            }));
            match page.next {
                Some(next) => request.after = Some(next),
                None => return listed,
            }
        }
    };
    for word in PersonOrder::WORDS {
        let order = PersonOrder::parse(word).unwrap();
        for (fewest, most) in
            [(None, None), (Some(1), None), (None, Some(2)), (Some(1), Some(2)), (Some(9), None)]
        {
            let query =
                PersonQuery { order, assigned: (fewest, most), ..PersonQuery::all(Some(Role::SalesRep)) };
            let listed = all(&query).await;
            let mut sorted = listed.clone();
            sorted.sort();
            if order.descending {
                sorted.reverse();
            }
            assert_eq!(listed, sorted, "{query:?}");
            let expected: i64 = owner
                .query_one(
                    "SELECT count(*) FROM (
                         SELECT count(a.retailer_id) AS n FROM sales_reps AS s
                           LEFT JOIN sales_rep_retailers AS a ON a.tenant_id = 1 AND a.sales_rep_id = s.id
                          WHERE s.tenant_id = 1 GROUP BY s.id
                     ) AS c WHERE n BETWEEN $1 AND $2",
                    &[&i64::from(fewest.unwrap_or(0)), &i64::from(most.unwrap_or(1_000))],
                )
                .await
                .unwrap()
                .get(0);
            assert_eq!(i64::try_from(listed.len()).unwrap(), expected, "{query:?}");
            let in_range =
                |count: i64| count >= fewest.unwrap_or(0).into() && count <= most.unwrap_or(1_000).into();
            assert!(listed.iter().all(|(_, count)| in_range(*count)), "{query:?}");
        }
    }
    let search = SearchText::parse("REP-5").ok();
    let order = PersonOrder::parse("-assignedCount").unwrap();
    let none = PersonQuery { search, order, active: Some(false), ..PersonQuery::all(Some(Role::SalesRep)) };
    assert_eq!(all(&none).await, []);
    assert_eq!(all(&PersonQuery { active: Some(true), ..none }).await.len(), 1);
}
