use haat_demo::{BeginSeed as _, PgSeeder, SeedCountryError, SeedDistributor, SeedOutcome, default_reps};
use haat_domain::tenancy::TenantSlug;
use haat_test_support::{Fixture, TestDatabase, fingerprint, seed_input, seeder};
use tokio_postgres::Client;

async fn number(client: &Client, statement: &str) -> i64 {
    client.query_one(statement, &[]).await.unwrap().get(0)
}

/// Hashes all seeded rows, except their password hashes.
async fn checksum(client: &Client) -> String {
    client
        .query_one(
            "SELECT coalesce(md5(string_agg(line, E'\\n' ORDER BY line)), '') FROM ( \
                 SELECT r::text AS line FROM retailers r UNION ALL SELECT a::text FROM sales_rep_retailers a \
                 UNION ALL SELECT p::text FROM regions p UNION ALL SELECT p::text FROM areas p \
                 UNION ALL SELECT p::text FROM territories p UNION ALL SELECT p::text FROM distributors p \
                 UNION ALL SELECT p::text FROM place_aliases p UNION ALL SELECT p::text FROM sales_reps p \
                 UNION ALL SELECT concat_ws('|', id, username, name, phone, role) FROM users \
             UNION ALL SELECT concat_ws('|', id, name, name_key, area_id) FROM teams UNION ALL SELECT m::text FROM team_members m \
             UNION ALL SELECT concat_ws('|', user_id, role, region_id, area_id, team_id, distributor_id, retailer_id) \
                 FROM user_roles \
             ) AS lines",
            &[],
        )
        .await
        .unwrap()
        .get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn seeding_fills_the_tenant_and_keeps_the_schema() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let before = fingerprint(&owner).await;
    assert_eq!(
        seeder(&database).execute(&seed_input(7_000, default_reps(7_000), 1)).await.unwrap(),
        SeedOutcome::Seeded
    );
    assert_eq!(fingerprint(&owner).await, before, "all indexes and foreign keys are restored");

    for (statement, expected) in [
        ("SELECT count(*) FROM regions", 8),
        ("SELECT count(*) FROM areas", 64),
        ("SELECT count(*) FROM territories", 556),
        ("SELECT count(*) FROM retailers", 7_000),
        ("SELECT count(*) FROM sales_reps", 100),
        ("SELECT count(*) FROM users WHERE role = 'admin'", 1),
        (
            "SELECT count(*) FROM users WHERE cardinality(string_to_array(search_key, E'\\n')) <> 5 \
             OR split_part(search_key, E'\\n', 2) <> username \
             OR split_part(search_key, E'\\n', 3) <> coalesce(ltrim(phone, '+'), '')",
            0,
        ),
        // A user of each role, whose grants give the columns that follow from them.
        ("SELECT count(*) FROM teams", 2),
        (
            "SELECT count(*) FROM users u WHERE role NOT IN ('admin', 'sales_rep') AND scoped = (role <> 'national_manager')",
            7,
        ),
        ("SELECT count(DISTINCT role) FROM user_roles", 8),
        (
            "SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT FROM user_roles g WHERE g.user_id = u.id AND g.role = u.role)",
            0,
        ),
        (
            "SELECT count(*) FROM user_roles g JOIN retailers r ON r.id = g.retailer_id \
             JOIN user_roles d ON d.distributor_id = r.distributor_id JOIN user_roles a ON a.area_id = r.area_id \
             JOIN user_roles b ON b.region_id = r.region_id JOIN teams t ON t.area_id = r.area_id \
             JOIN team_members m ON m.team_id = t.id JOIN users u ON u.id = m.user_id AND u.username = 'sr00001'",
            1,
        ),
        // The members of a team serve retailers of its home area.
        (
            "SELECT count(*) FROM team_members m JOIN teams t ON t.id = m.team_id WHERE NOT EXISTS ( \
                 SELECT FROM sales_rep_retailers a JOIN retailers r ON r.id = a.retailer_id \
                 WHERE a.sales_rep_id = m.user_id AND r.area_id = t.area_id)",
            0,
        ),
        ("SELECT count(DISTINCT password_hash) FROM users WHERE role = 'sales_rep'", 1),
        ("SELECT count(*) FROM audit_logs WHERE action = 'tenant.seed'", 1),
        ("SELECT count(*) FROM batches WHERE kind = 'seed' AND state = 'applied'", 1),
        ("SELECT count(*) FROM changes WHERE batch_id IS NOT NULL", 1),
        ("SELECT count(*) FROM sales_rep_retailers WHERE batch_id IS NULL", 0),
    ] {
        assert_eq!(number(&owner, statement).await, expected, "{statement}");
    }
    let assigned_counts = owner
        .query_one("SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM sales_rep_retailers GROUP BY sales_rep_id) x", &[])
        .await
        .unwrap();
    assert!(
        assigned_counts.get::<_, i64>(0) >= 60 && assigned_counts.get::<_, i64>(1) <= 82,
        "{assigned_counts:?}"
    );
    let unassigned = number(
        &owner,
        "SELECT count(*) FROM retailers r WHERE NOT EXISTS \
         (SELECT FROM sales_rep_retailers a WHERE a.tenant_id = r.tenant_id AND a.retailer_id = r.id)",
    )
    .await;
    assert!((40..=100).contains(&unassigned), "about 1 %: {unassigned}");
    let shared = number(
        &owner,
        "SELECT count(*) FROM (SELECT FROM sales_rep_retailers GROUP BY retailer_id HAVING count(*) = 2) x",
    )
    .await;
    assert!((100..=180).contains(&shared), "about 2 %: {shared}");
    let bangla = number(&owner, "SELECT count(*) FROM retailers WHERE name ~ '[\u{980}-\u{9FF}]'").await;
    assert!((1_900..=2_700).contains(&bangla), "about a third: {bangla}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_produces_the_same_data() {
    let (a, b, c) = (TestDatabase::new().await, TestDatabase::new().await, TestDatabase::new().await);
    for (database, seed) in [(&a, 5), (&b, 5), (&c, 6)] {
        seeder(database).execute(&seed_input(500, 8, seed)).await.unwrap();
    }
    let [a, b, c] = [
        checksum(&a.owner().await).await,
        checksum(&b.owner().await).await,
        checksum(&c.owner().await).await,
    ];
    assert_eq!(a, b);
    assert_ne!(a, c);
}

#[tokio::test(flavor = "multi_thread")]
async fn seeding_a_tenant_with_data_changes_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    seeder(&database).execute(&seed_input(200, 3, 1)).await.unwrap();
    let before = checksum(&owner).await;
    assert_eq!(seeder(&database).execute(&seed_input(300, 3, 2)).await.unwrap(), SeedOutcome::NotEmpty);
    assert_eq!(checksum(&owner).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_seeds_fill_the_tenant_once() {
    let database = TestDatabase::new().await;
    let (first, second) = (seeder(&database), seeder(&database));
    let [first, second] = [first, second]
        .map(|seeder| tokio::spawn(async move { seeder.execute(&seed_input(300, 5, 1)).await }));
    let outcomes = [first.await.unwrap().unwrap(), second.await.unwrap().unwrap()];
    assert!(
        outcomes.contains(&SeedOutcome::Seeded) && outcomes.contains(&SeedOutcome::NotEmpty),
        "{outcomes:?}"
    );
    assert_eq!(number(&database.owner().await, "SELECT count(*) FROM retailers").await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_additional_tenant_is_seeded_under_free_ids() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let owner = database.owner().await;
    owner.batch_execute("INSERT INTO tenants (slug, name) VALUES ('third', 'Third')").await.unwrap();
    let mut third = seed_input(300, 5, 1);
    third.tenant = TenantSlug::parse("third").unwrap();
    let before = fingerprint(&owner).await;
    assert_eq!(seeder(&database).execute(&third).await.unwrap(), SeedOutcome::Seeded);
    assert_eq!(fingerprint(&owner).await, before);
    let retailers_of_third =
        "SELECT count(*) FROM retailers r JOIN tenants t ON t.id = r.tenant_id WHERE t.slug = 'third'";
    assert_eq!(number(&owner, retailers_of_third).await, 300);
    assert_eq!(number(&owner, "SELECT count(*) FROM retailers").await, 312);
    // Rows inserted afterwards get free ids.
    for (table, columns, values) in [("regions", "name", "'New'"), ("distributors", "name", "'New'")] {
        owner
            .batch_execute(&format!("INSERT INTO {table} (tenant_id, {columns}) VALUES (1, {values})"))
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_seed_leaves_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let before = (fingerprint(&owner).await, checksum(&owner).await);
    let seeder = PgSeeder::new(&database.owner_config());
    let mut tx = seeder.begin(&TenantSlug::default()).await.unwrap().unwrap();
    tx.prepare().await.unwrap();
    tx.distributors(Box::new(std::iter::once(SeedDistributor { id: 1, name: "X".into() }))).await.unwrap();
    drop(tx);
    // Waits for the rollback: the tables are locked until then.
    owner.batch_execute("BEGIN; LOCK TABLE retailers; COMMIT").await.unwrap();
    assert_eq!((fingerprint(&owner).await, checksum(&owner).await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_sizes_out_of_range() {
    let database = TestDatabase::new().await;
    for (retailers, reps) in [(99, 1), (10_000_001, 1), (100, 101)] {
        let error = seeder(&database).execute(&seed_input(retailers, reps, 1)).await.unwrap_err();
        assert!(matches!(error, SeedCountryError::OutOfRange), "{retailers} {reps}: {error}");
    }
    let mut nowhere = seed_input(100, 1, 1);
    nowhere.tenant = TenantSlug::parse("nowhere").unwrap();
    assert!(matches!(seeder(&database).execute(&nowhere).await, Err(SeedCountryError::Storage(_))));
}
