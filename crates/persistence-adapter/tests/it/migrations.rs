use chrono::{DateTime, Utc};
use haat_domain::shared::Clock;
use haat_persistence_adapter::{
    CheckError, check_database, migrate, pending_migrations, revert_all, revert_last, run_next,
};
use haat_test_support::{TestDatabase, fingerprint};

struct FixedClock(i64);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_can_be_applied_reverted_and_reapplied() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (config, owner) = (database.owner_config(), database.owner().await);
    // The first step creates the table that records applied migrations.
    run_next(&config).await.unwrap();
    revert_last(&config).await.unwrap();
    let mut before = vec![fingerprint(&owner).await];
    while run_next(&config).await.unwrap().is_some() {
        before.push(fingerprint(&owner).await);
    }
    let whole = before.pop().unwrap();
    assert!(whole.len() > 200, "the fingerprint has too few lines: {}", whole.len());
    while let Some(expected) = before.pop() {
        let version = revert_last(&config).await.unwrap();
        assert_eq!(fingerprint(&owner).await, expected, "reverting {version} leaves something behind");
    }
    while run_next(&config).await.unwrap().is_some() {}
    assert_eq!(fingerprint(&owner).await, whole, "applying all migrations again gives another schema");
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_the_columns_keeps_stored_counts() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (config, owner) = (database.owner_config(), database.owner().await);
    migrate(&config, &FixedClock(1_790_000_000)).await.unwrap();
    while !revert_last(&config).await.unwrap().replace('-', "").contains("20261129000100") {}
    owner
        .batch_execute(
            r#"INSERT INTO batches (tenant_id, kind, state, counts)
               SELECT id, 'assign', 'applied', '{"leftWithout": 3, "assigned": 5}' FROM tenants;
               INSERT INTO jobs (tenant_id, kind, payload, state, result)
               SELECT id, 'assign-file', '{}', 'succeeded', '{"leftWithout": 2}' FROM tenants;"#,
        )
        .await
        .unwrap();
    let counts = async || {
        let row = owner
            .query_one("SELECT b.counts::text, j.result::text FROM batches AS b, jobs AS j", &[])
            .await
            .unwrap();
        (row.get::<_, String>(0), row.get::<_, String>(1))
    };
    while run_next(&config).await.unwrap().is_some() {}
    assert_eq!(
        counts().await,
        (r#"{"assigned": 5, "unserved": 3}"#.to_owned(), r#"{"unserved": 2}"#.to_owned())
    );
    while !revert_last(&config).await.unwrap().replace('-', "").contains("20261129000100") {}
    assert_eq!(
        counts().await,
        (r#"{"assigned": 5, "leftWithout": 3}"#.to_owned(), r#"{"leftWithout": 2}"#.to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_migrations_apply_each_version_once() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let config = database.owner_config();
    assert_eq!(pending_migrations(&config).await.unwrap().len(), migration_count());
    let both = {
        let (a, b) = (config.clone(), config.clone());
        let a = tokio::spawn(async move { migrate(&a, &FixedClock(1_790_000_000)).await.unwrap() });
        let b = tokio::spawn(async move { migrate(&b, &FixedClock(1_790_000_000)).await.unwrap() });
        [a.await.unwrap(), b.await.unwrap()]
    };
    let applied: usize = both.iter().map(|report| report.applied.len()).sum();
    let months: i32 = both.iter().map(|report| report.audit_partitions).sum();
    assert_eq!((applied, months), (migration_count(), 25));
    assert_eq!(pending_migrations(&config).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_concurrent_index_is_built_again() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (config, owner) = (database.owner_config(), database.owner().await);
    while !run_next(&config).await.unwrap().unwrap().replace('-', "").contains("20261130120000") {}
    // An attempt that is interrupted during the build leaves an invalid index.
    let failed = "CREATE TABLE twice AS SELECT 1 AS n FROM generate_series(1, 2)";
    owner.batch_execute(failed).await.unwrap();
    let failed = "CREATE UNIQUE INDEX CONCURRENTLY retailers_area_search_idx ON twice (n)";
    owner.batch_execute(failed).await.unwrap_err();
    migrate(&config, &FixedClock(1_790_000_000)).await.unwrap();
    let index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'retailers_area_search_idx'";
    let index: String = owner.query_one(index, &[]).await.unwrap().get(0);
    assert!(index.contains("ON public.retailers USING gin (area_id"), "{index}");
    // One that is interrupted after the build leaves an index without a record.
    let unrecorded = "DELETE FROM __diesel_schema_migrations WHERE version = '20261130120100'";
    assert_eq!(owner.execute(unrecorded, &[]).await.unwrap(), 1);
    migrate(&config, &FixedClock(1_790_000_000)).await.unwrap();
    assert_eq!(pending_migrations(&config).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_partitions_cover_two_years_and_the_default_takes_the_rest() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let (config, owner) = (database.owner_config(), database.owner().await);
    // 2026-09-21: the current month and 24 months ahead.
    migrate(&config, &FixedClock(1_790_000_000)).await.unwrap();
    let partition_of = async |at: &str| -> String {
        let statement = format!(
            "INSERT INTO audit_logs (tenant_id, occurred_at, action, entity) VALUES (1, '{at}', 'x', 'x') \
             RETURNING tableoid::regclass::text"
        );
        owner.query_one(&statement, &[]).await.unwrap().get(0)
    };
    assert_eq!(partition_of("2026-09-01T00:00:00Z").await, "audit_logs_2026_09");
    assert_eq!(partition_of("2028-09-30T23:59:59Z").await, "audit_logs_2028_09");
    assert_eq!(partition_of("2028-10-01T00:00:00Z").await, "audit_logs_default");
    // A month later one more partition is due, but the default partition has entries of that month: they stay there.
    let report = migrate(&config, &FixedClock(1_790_000_000 + 35 * 86_400)).await.unwrap();
    assert_eq!((report.applied.len(), report.audit_partitions), (0, 0));
    let count = owner.query_one("SELECT count(*) FROM audit_logs", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrated_database_passes_the_check_as_the_server_role() {
    let database = TestDatabase::new().await;
    check_database(&database.app_config()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_an_empty_database_names_haat_migrate() {
    let database = TestDatabase::empty("TEMPLATE template1").await;
    let error = check_database(&database.app_config()).await.unwrap_err();
    assert!(matches!(&error, CheckError::Pending(pending) if pending.len() == migration_count()), "{error}");
    assert!(error.to_string().contains("haat migrate"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_rejects_a_ctype_that_cannot_search_bangla() {
    let database = TestDatabase::empty("TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'").await;
    let error = check_database(&database.app_config()).await.unwrap_err();
    assert_eq!(error, CheckError::Ctype("C".into()));
    assert!(error.to_string().contains("LC_CTYPE 'C.UTF-8'"), "{error}");
    let refused = migrate(&database.owner_config(), &FixedClock(1_790_000_000)).await.unwrap_err();
    assert!(refused.to_string().contains(&error.to_string()), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ctype_check_agrees_with_trigram_search() {
    for (ctype, found) in [("C", false), ("C.UTF-8", true)] {
        let database =
            TestDatabase::empty(&format!("TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE '{ctype}'")).await;
        let owner = database.owner().await;
        owner.batch_execute("CREATE EXTENSION pg_trgm").await.unwrap();
        let row = owner
            .query_one("SELECT cardinality(show_trgm('দোকান')) > 0, 'দ' ~ '^[[:alpha:]]$'", &[])
            .await
            .unwrap();
        assert_eq!((row.get::<_, bool>(0), row.get::<_, bool>(1)), (found, found), "{ctype}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_rejects_the_owner_role() {
    let database = TestDatabase::new().await;
    assert_eq!(check_database(&database.owner_config()).await, Err(CheckError::Owner));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_rejects_an_encoding_that_cannot_store_bangla() {
    let database =
        TestDatabase::empty("TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'").await;
    let error = check_database(&database.app_config()).await.unwrap_err();
    assert_eq!(error, CheckError::Encoding("SQL_ASCII".into()));
    assert!(error.to_string().contains("ENCODING 'UTF8'"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_migrations_can_be_reverted() {
    let database = TestDatabase::new().await;
    revert_all(&database.owner_config()).await.unwrap();
    assert_eq!(pending_migrations(&database.owner_config()).await.unwrap().len(), migration_count());
}

/// The number of migrations: folders in `migrations/`.
fn migration_count() -> usize {
    let entries = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations")).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir()).count()
}
