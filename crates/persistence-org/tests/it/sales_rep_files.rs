//! Sales reps from files and their password files, on PostgreSQL.

use chrono::{DateTime, Duration, Utc};
use haat_domain::auth::{
    Digest, Email, PasswordChange, PasswordHash, PasswordSeed, PersonName, Seed, Username,
};
use haat_domain::job::{Enqueued, JobKind, Lane, NewJob};
use haat_domain::people::{
    Capacity, EmployeeCode, Identifiers, NewPasswordFile, NewSalesRep, PasswordFile, PasswordFileReader,
    PeopleTx, PersonReader, UserConflict,
};
use haat_domain::shared::{BeginTransaction, JobId, Phone, Role, Targets, TenantId, UserId};
use haat_persistence_org::OrgDatabase;
use haat_test_support::{Fixture, TestDatabase};

use crate::org;

/// The user who gives the grants.
const BY: UserId = UserId::new(77);

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

async fn begin(db: &OrgDatabase) -> Box<dyn PeopleTx> {
    BeginTransaction::<dyn PeopleTx>::begin(db).await.unwrap()
}

fn rep(username: &str, phone: &str, email: &str, code: &str) -> (NewSalesRep, PasswordHash) {
    let rep = NewSalesRep {
        username: Username::parse(username).unwrap(),
        name: PersonName::parse("রহিম").unwrap(),
        phone: Phone::parse(phone).ok(),
        email: Email::parse(email).ok(),
        employee_code: EmployeeCode::parse(code).ok(),
        capacity: Capacity::parse(9).ok(),
    };
    (rep, PasswordHash::new(format!("hash of {username}")))
}

fn identifiers(username: &str, phone: &str, email: &str, code: &str) -> Identifiers {
    Identifiers {
        username: Username::parse(username).ok(),
        phone: Phone::parse(phone).ok(),
        email: Email::parse(email).ok(),
        employee_code: EmployeeCode::parse(code).ok(),
    }
}

/// Creates sales reps, and returns their ids.
async fn create(db: &OrgDatabase, tenant: TenantId, reps: &[(NewSalesRep, PasswordHash)]) -> Vec<UserId> {
    let mut tx = begin(db).await;
    let ids = tx.users().insert_sales_reps(tenant, reps, BY, noon()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn creates_sales_reps_in_the_order_of_the_file() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, tenant) = (org(&database), TenantId::new(ours.tenant));
    let reps = [rep("New2", "01999999999", "N@x.y", "E  1"), rep("new1", "", "", "")];
    let ids = create(&db, tenant, &reps).await;
    for (id, (rep, hash)) in ids.iter().zip(&reps) {
        let person =
            db.find(tenant, &Targets::everything(), Some(Role::SalesRep), *id).await.unwrap().unwrap();
        let found = person.rep.clone().unwrap();
        assert_eq!((&person.user.username, &person.user.name), (&rep.username, &rep.name));
        assert_eq!((&person.user.phone, &person.user.email), (&rep.phone, &rep.email));
        assert_eq!((&found.employee_code, found.capacity), (&rep.employee_code, rep.capacity));
        assert!(person.user.must_change_password && person.user.active);
        assert_eq!((person.created_at, person.version), (noon(), 1));
        let owner = database.owner().await;
        let row = owner
            .query_one(
                "SELECT password_hash, search_key, (SELECT string_agg(kind, ',' ORDER BY kind) FROM changes \
                 WHERE entity = 'user' AND entity_id = users.id) FROM users WHERE id = $1",
                &[&id.get()],
            )
            .await
            .unwrap();
        let stored: (String, String, String) = (row.get(0), row.get(1), row.get(2));
        assert_eq!(stored, (hash.expose().to_owned(), person.search_key(), "created,permission".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_those_of_the_tenant_compared_as_by_the_unique_indexes() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs, .. } = Fixture::new(&database).await;
    let (db, tenant) = (org(&database), TenantId::new(ours.tenant));
    create(&db, tenant, &[rep("new1", "01999999999", "N@x.y", "E 1")]).await;
    create(&db, TenantId::new(theirs.tenant), &[rep("theirs", "01888888888", "t@x.y", "T 1")]).await;
    let twin = "INSERT INTO users (tenant_id, username, name, password_hash, role) VALUES ($1, 'twin', 'x', 'x', 'sales_rep') RETURNING id";
    let owner = database.owner().await;
    let id: i64 = owner.query_one(twin, &[&ours.tenant]).await.unwrap().get(0);
    let without_key = "INSERT INTO sales_reps (tenant_id, id, employee_code) VALUES ($1, $2, 'Old 1')";
    owner.execute(without_key, &[&ours.tenant, &id]).await.unwrap();
    let users = [
        identifiers("NEW1", "+8801999999999", "n@X.Y", "e  1"),
        Identifiers::default(),
        identifiers("theirs", "01888888888", "t@x.y", "T 1"),
        identifiers("", "", "", "OLD 1"),
        identifiers("", "01999999999", "", ""),
    ];
    let mut tx = begin(&db).await;
    let conflicts = tx.users().conflicts(tenant, &users).await.unwrap();
    let all =
        vec![UserConflict::Username, UserConflict::Phone, UserConflict::Email, UserConflict::EmployeeCode];
    let expected = [all, vec![], vec![], vec![UserConflict::EmployeeCode], vec![UserConflict::Phone]];
    assert_eq!(conflicts, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insert_notices_values_that_another_request_has_taken_since_the_check() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, tenant) = (org(&database), TenantId::new(ours.tenant));
    for (number, other) in [
        rep("new0", "", "", ""),
        rep("other1", "01999999999", "", ""),
        rep("other2", "", "n@x.y", ""),
        rep("other3", "", "", "e  1"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut first = begin(&db).await;
        first.users().insert_sales_reps(tenant, &[other], BY, noon()).await.unwrap().unwrap();
        let second = db.clone();
        let reps = [rep(&format!("free{number}"), "", "", ""), rep("new0", "01999999999", "N@x.y", "E 1")];
        let inserting = tokio::spawn(async move {
            let mut tx = begin(&second).await;
            let inserted = tx.users().insert_sales_reps(tenant, &reps, BY, noon()).await.unwrap();
            tx.roll_back().await;
            inserted
        });
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert!(!inserting.is_finished(), "the insert waits for the other request");
        first.commit().await.unwrap();
        assert_eq!(inserting.await.unwrap(), None, "{number}");
        let cleanup = "DELETE FROM sales_reps WHERE id = (SELECT max(id) FROM sales_reps); \
                       DELETE FROM user_roles WHERE user_id = (SELECT max(id) FROM users); \
                       DELETE FROM users WHERE id = (SELECT max(id) FROM users)";
        database.owner().await.batch_execute(cleanup).await.unwrap();
    }
}

const SEED: PasswordSeed = PasswordSeed { key: Digest([1; 32]), nonce: Seed([2; 32]) };

static CREATE: JobKind = JobKind::new("create-sales-reps", Lane::Bulk);

/// Creates sales reps with a password file; returns its job and the ids.
async fn password_file(
    db: &OrgDatabase,
    tenant: TenantId,
    names: &[&str],
    at: DateTime<Utc>,
) -> (JobId, Vec<UserId>) {
    let reps: Vec<_> = names.iter().map(|name| rep(name, "", "", "")).collect();
    let mut tx = begin(db).await;
    let new = NewJob::new(tenant, &CREATE, None, [].into(), at);
    let Enqueued::Created(job) = tx.jobs().enqueue(&new).await.unwrap() else {
        panic!("the job was not added")
    };
    let ids = tx.users().insert_sales_reps(tenant, &reps, BY, at).await.unwrap().unwrap();
    let users = (2..).zip(ids.clone()).collect();
    let file = NewPasswordFile { tenant, job, seed: SEED, users, created_at: at };
    tx.password_files().add(&file).await.unwrap();
    tx.commit().await.unwrap();
    (job, ids)
}

/// The rows whose passwords are pending.
async fn pending(db: &OrgDatabase, tenant: TenantId, job: JobId) -> Vec<i64> {
    let pending = begin(db).await.password_files().pending(tenant, job).await.unwrap();
    pending.into_iter().map(|pending| pending.row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_removes_a_user_from_the_password_file() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let (db, tenant) = (org(&database), TenantId::new(ours.tenant));
    let (job, ids) = password_file(&db, tenant, &["new1", "new2", "new3"], noon()).await;
    assert_eq!(pending(&db, tenant, job).await, [2, 3, 4]);
    for (user, must_change_password, expected) in [(ids[1], true, vec![2, 4]), (ids[0], false, vec![4])] {
        let mut tx = begin(&db).await;
        let change = PasswordChange {
            tenant,
            user,
            password_hash: PasswordHash::new("other".into()),
            must_change_password,
            expected: None,
            at: noon(),
        };
        tx.passwords().set_password(&change).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(pending(&db, tenant, job).await, expected);
    }
    // A user whose password was changed by other means.
    let changed = "UPDATE users SET must_change_password = FALSE WHERE id = $1";
    database.owner().await.execute(changed, &[&ids[2].get()]).await.unwrap();
    assert_eq!(pending(&db, tenant, job).await, [0_i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn seeds_of_expired_files_of_the_tenant_are_erased() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs, .. } = Fixture::new(&database).await;
    let (db, tenant, other) = (org(&database), TenantId::new(ours.tenant), TenantId::new(theirs.tenant));
    let (fresh, _) = password_file(&db, tenant, &["new1"], noon()).await;
    let (old, _) = password_file(&db, tenant, &["new2"], noon() - Duration::days(8)).await;
    let (given, ids) = password_file(&db, tenant, &["new3"], noon()).await;
    let (elsewhere, _) = password_file(&db, other, &["new4"], noon() - Duration::days(8)).await;
    let mut tx = begin(&db).await;
    let at = noon() - Duration::minutes(11);
    tx.password_files().give(tenant, given, ids[0], at).await.unwrap();
    let before = (noon() - Duration::days(7), noon() - Duration::minutes(10));
    tx.password_files().expire(tenant, before.0, before.1).await.unwrap();
    let locked = tx.password_files().lock(tenant, given).await.unwrap().unwrap();
    assert_eq!(
        locked,
        PasswordFile { job: given, seed: None, created_at: noon(), given: Some((ids[0], at)) }
    );
    assert_eq!(tx.password_files().lock(other, given).await.unwrap(), None);
    tx.commit().await.unwrap();
    let files = db.password_files(tenant, &[fresh, old, given, elsewhere, JobId::new(999)]).await.unwrap();
    let seeds = [fresh, old, given].map(|job| files.iter().find(|file| file.job == job).unwrap().seed);
    assert_eq!((files.len(), seeds), (3, [Some(SEED), None, None]));
    assert_eq!(db.password_files(other, &[elsewhere]).await.unwrap()[0].seed, Some(SEED));
    assert_eq!(pending(&db, tenant, old).await, [0_i64; 0]);
    assert_eq!(pending(&db, tenant, fresh).await, [2]);
}
