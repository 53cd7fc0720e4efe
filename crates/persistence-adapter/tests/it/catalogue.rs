//! Rules for every table, checked in the PostgreSQL catalogue so that a new table cannot break them.

use std::collections::{BTreeMap, BTreeSet};

use haat_test_support::TestDatabase;
use tokio_postgres::Client;

async fn lines(client: &Client, statement: &str) -> Vec<String> {
    client.query(statement, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Tables whose primary key does not start with `tenant_id`.
const KEYS_WITHOUT_TENANT: &str = "
SELECT c.relname::text FROM pg_class c
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attname IS DISTINCT FROM 'tenant_id'
    AND c.relname NOT IN ('tenants', '__diesel_schema_migrations')
ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn primary_keys_start_with_the_tenant() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    assert_eq!(lines(&owner, KEYS_WITHOUT_TENANT).await, Vec::<String>::new());
    owner.batch_execute("CREATE TABLE forgetful (id BIGINT PRIMARY KEY, tenant_id BIGINT)").await.unwrap();
    owner.batch_execute("CREATE TABLE keyless (tenant_id BIGINT)").await.unwrap();
    assert_eq!(
        lines(&owner, KEYS_WITHOUT_TENANT).await,
        ["forgetful", "keyless"],
        "the rule detects a violation"
    );
}

/// Foreign keys without the tenant on both sides, except those to `tenants` itself.
const FOREIGN_KEYS_WITHOUT_TENANT: &str = "
SELECT k.conrelid::regclass || '.' || k.conname FROM pg_constraint k
WHERE k.contype = 'f' AND k.confrelid <> 'tenants'::regclass AND NOT EXISTS (
    SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, other)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = own AND a.attname = 'tenant_id'
    JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = other AND b.attname = 'tenant_id'
) ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_include_the_tenant() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    assert_eq!(lines(&owner, FOREIGN_KEYS_WITHOUT_TENANT).await, Vec::<String>::new());
    owner
        .batch_execute(
            "ALTER TABLE regions ADD UNIQUE (id); \
             CREATE TABLE forgetful (tenant_id BIGINT, region_id BIGINT REFERENCES regions (id))",
        )
        .await
        .unwrap();
    let violations = lines(&owner, FOREIGN_KEYS_WITHOUT_TENANT).await;
    assert_eq!(violations, ["forgetful.forgetful_region_id_fkey"], "the rule detects a violation");
}

/// Foreign keys without a supporting index. An index supports a foreign key if its first columns are, in any order, all
/// columns of the key, or at least the tenant and the id of the referenced row (the rest of a composite key like
/// (territory, area) follows from them). A partial index supports it if it excludes only NULLs in a column of the key.
const UNINDEXED_FOREIGN_KEYS: &str = "
SELECT k.conrelid::regclass || '.' || k.conname FROM pg_constraint k
WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = k.conrelid AND i.indisvalid
        AND (i.indkey::int2[])[0 : LEAST(cardinality(k.conkey), 2) - 1] <@ k.conkey
        AND (cardinality(k.conkey) = 1 OR EXISTS (
            SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, other)
            JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = other AND b.attname = 'id'
            WHERE own = ANY ((i.indkey::int2[])[0 : 1])
        ))
        AND (i.indpred IS NULL OR EXISTS (
            SELECT FROM unnest(k.conkey) AS own
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = own
            WHERE pg_get_expr(i.indpred, i.indrelid) = '(' || quote_ident(a.attname) || ' IS NOT NULL)'
        ))
) ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_has_a_supporting_index() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    assert_eq!(lines(&owner, UNINDEXED_FOREIGN_KEYS).await, Vec::<String>::new());
    for (index, key) in [
        ("retailers_territory_idx", "retailers.retailers_tenant_id_territory_id_area_id_fkey"),
        ("retailers_area_idx", "retailers.retailers_tenant_id_area_id_region_id_fkey"),
        (
            "sales_rep_retailers_retailer_idx",
            "sales_rep_retailers.sales_rep_retailers_tenant_id_retailer_id_fkey",
        ),
        ("batches_undone_by_idx", "batches.batches_tenant_id_undone_by_fkey"),
    ] {
        owner.batch_execute(&format!("DROP INDEX {index}")).await.unwrap();
        let unindexed = lines(&owner, UNINDEXED_FOREIGN_KEYS).await;
        assert!(unindexed.iter().any(|line| line == key), "without {index}: {unindexed:?}");
    }
}

/// The tables of each crate.
const SCHEMAS: &[&str] = &[
    include_str!("../../../persistence-core/src/schema.rs"),
    include_str!("../../../persistence-org/src/schema.rs"),
    include_str!("../../src/schema.rs"),
];

/// Parses a `schema.rs`: by table, column → type, including `Nullable<…>`.
fn parsed_schema(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut tables = BTreeMap::new();
    let mut table: Option<(String, BTreeMap<String, String>)> = None;
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ") {
            if let (Some((_, columns)), false) = (&mut table, line.starts_with("diesel::")) {
                columns.insert(column.to_owned(), kind.trim_end_matches(',').to_owned());
            }
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = Some((name.to_owned(), BTreeMap::new()));
        } else if line == "}"
            && let Some((name, columns)) = table.take()
        {
            tables.insert(name, columns);
        }
    }
    tables
}

#[tokio::test(flavor = "multi_thread")]
async fn schema_rs_matches_the_database() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let rows = owner
        .query(
            "SELECT c.relname::text, a.attname::text, t.typname::text, a.attnotnull FROM pg_attribute a \
             JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid \
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 \
                 AND c.relname !~ '^(audit_logs_|__diesel)'",
            &[],
        )
        .await
        .unwrap();
    let mut actual: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in rows {
        let kind: String = row.get(2);
        let (array, base) = kind.strip_prefix('_').map_or((false, kind.as_str()), |base| (true, base));
        let mut base: String = base[..1].to_uppercase() + &base[1..];
        if array {
            base = format!("Array<Nullable<{base}>>");
        }
        if !row.get::<_, bool>(3) {
            base = format!("Nullable<{base}>");
        }
        actual.entry(row.get(0)).or_default().insert(row.get(1), base);
    }
    let mut tables = BTreeSet::new();
    for schema in SCHEMAS {
        for (table, columns) in parsed_schema(schema) {
            assert_eq!(Some(&columns), actual.get(&table), "{table}: run scripts/schema");
            tables.insert(table);
        }
    }
    assert_eq!(tables, actual.into_keys().collect(), "run scripts/schema");
}

#[test]
fn migrations_name_their_context_and_have_up_and_down() {
    let crates = [
        concat!(env!("CARGO_MANIFEST_DIR"), "/src"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/../persistence-core/src"),
        concat!(env!("CARGO_MANIFEST_DIR"), "/../persistence-org/src"),
    ];
    let entries = crates.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap().map(Result::unwrap));
    let mut contexts: BTreeSet<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    // The former name of auth, people and tenancy together.
    contexts.insert("identity".to_owned());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir())
    {
        let name = entry.file_name().into_string().unwrap();
        let description = &name["2026-11-20-000100_".len()..];
        assert!(contexts.contains(description.split('_').next().unwrap()), "{name}");
        assert!(entry.path().join("up.sql").exists() && entry.path().join("down.sql").exists(), "{name}");
    }
}
