//! Database permissions of the server's role.

use std::collections::{BTreeMap, BTreeSet};

use haat_test_support::{Fixture, TestDatabase};
use tokio_postgres::error::SqlState;

/// Returns the rights on each table, from the list of tables in docs/DATA-MODEL.md.
fn documented_rights() -> BTreeMap<String, BTreeSet<String>> {
    let page = include_str!("../../../../docs/DATA-MODEL.md");
    let list = page.split_once("\n## Tables\n").unwrap().1;
    let rows = list.lines().skip_while(|line| !line.starts_with("|--")).skip(1);
    let rows = rows.take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let table = cells[0].trim_start_matches("| ").trim_matches('`');
        (table.to_owned(), cells[1].split(", ").map(str::to_owned).collect())
    });
    rows.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn server_role_has_exactly_the_documented_rights() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let rights = "SELECT c.relname::text, x.privilege_type FROM pg_class c, aclexplode(c.relacl) x \
         JOIN pg_roles r ON r.oid = x.grantee \
         WHERE c.relnamespace = 'public'::regnamespace AND r.rolname = 'haat_app'";
    let rows = owner.query(rights, &[]).await.unwrap();
    let mut actual = BTreeMap::<String, BTreeSet<String>>::new();
    for row in rows {
        actual.entry(row.get(0)).or_default().insert(row.get(1));
    }
    let migrations = actual.remove("__diesel_schema_migrations").unwrap();
    assert_eq!(migrations, BTreeSet::from(["SELECT".to_owned()]));
    assert_eq!(actual, documented_rights());
    let column_rights = "SELECT c.relname || '.' || a.attname || ' ' || x.privilege_type FROM pg_attribute a \
         JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) x JOIN pg_roles r ON r.oid = x.grantee \
         WHERE c.relnamespace = 'public'::regnamespace AND r.rolname = 'haat_app' ORDER BY 1";
    let rows = owner.query(column_rights, &[]).await.unwrap();
    let columns: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let of_tenants = [
        "default_capacity UPDATE",
        "mfa_required_for_admins UPDATE",
        "name INSERT",
        "name UPDATE",
        "slug INSERT",
        "state UPDATE",
        "support_access UPDATE",
        "time_zone INSERT",
        "time_zone UPDATE",
        "version UPDATE",
    ];
    let of_tenants = of_tenants.map(|right| format!("tenants.{right}"));
    let expected: Vec<String> =
        std::iter::once("retailer_vocabulary.sound UPDATE".to_owned()).chain(of_tenants).collect();
    assert_eq!(columns, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn server_role_can_only_append_to_the_audit_log() {
    let database = TestDatabase::new().await;
    let (owner, app) = (database.owner().await, database.app().await);
    app.batch_execute(
        "INSERT INTO audit_logs (tenant_id, occurred_at, action, entity) VALUES (1, now(), 'x', 'x')",
    )
    .await
    .unwrap();
    let partitions = owner
        .query(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(partitions.len(), 26, "25 months and the default partition");
    let mut tables: Vec<String> = partitions.iter().map(|row| row.get(0)).collect();
    tables.push("audit_logs".to_owned());
    for table in tables {
        for statement in [
            format!("UPDATE {table} SET action = 'y'"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
        ] {
            let error = app.batch_execute(&statement).await.unwrap_err();
            assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_role_cannot_change_the_schema_or_delete_users_and_retailers() {
    let database = TestDatabase::new().await;
    let app = database.app().await;
    for statement in [
        "CREATE TABLE mine (id INT)",
        "ALTER TABLE users ADD COLUMN mine INT",
        "DROP TABLE users",
        "SELECT make_audit_partitions('2030-01-01', 1)",
        "INSERT INTO tenants (slug, name, kind) VALUES ('mine', 'Mine', 'platform')",
        "UPDATE tenants SET kind = 'platform'",
        "UPDATE tenants SET slug = 'mine'",
        "DELETE FROM tenants",
        "DELETE FROM users",
        "DELETE FROM retailers",
    ] {
        let error = app.batch_execute(statement).await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_cannot_reference_another_tenant() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let app = database.app().await;
    let (tenant, rep, retailer) = (ours.tenant, theirs.rep.id, theirs.retailers[5].id);
    for (sales_rep, retailer) in [(rep, ours.retailers[5].id), (ours.rep.id, retailer)] {
        let error = app
            .execute(
                "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
                 VALUES ($1, $2, $3, 'U', 'N', now())",
                &[&tenant, &sales_rep, &retailer],
            )
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_periods_of_a_pair_never_overlap() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let app = database.app().await;
    let (tenant, rep, retailer) = (ours.tenant, ours.rep.id, ours.retailers[5].id);
    let insert_ended = async |span: &str| {
        let statement = format!(
            "INSERT INTO assignment_history (tenant_id, sales_rep_id, retailer_id, valid) \
             VALUES ({tenant}, {rep}, {retailer}, '{span}')"
        );
        app.batch_execute(&statement).await
    };
    let insert_open = async |from: &str| {
        let statement = format!(
            "INSERT INTO sales_rep_retailers (tenant_id, sales_rep_id, retailer_id, uid, name, assigned_at) \
             VALUES ({tenant}, {rep}, {retailer}, 'U', 'N', '{from}')"
        );
        app.batch_execute(&statement).await
    };
    insert_ended("[2026-01-01,2026-02-01)").await.unwrap();
    insert_ended("[2026-02-01,2026-03-01)").await.unwrap();
    for overlap in ["[2026-01-15,2026-01-16)", "[2025-12-01,2026-01-02)"] {
        assert_eq!(
            insert_ended(overlap).await.unwrap_err().code(),
            Some(&SqlState::EXCLUSION_VIOLATION),
            "{overlap}"
        );
    }
    for invalid in ["[2026-04-01,)", "(,2020-01-01)", "empty", "(2026-04-01,2026-05-01)"] {
        assert_eq!(
            insert_ended(invalid).await.unwrap_err().code(),
            Some(&SqlState::CHECK_VIOLATION),
            "{invalid}"
        );
    }
    assert_eq!(insert_open("2026-02-15").await.unwrap_err().code(), Some(&SqlState::EXCLUSION_VIOLATION));
    insert_open("2026-03-01").await.unwrap();
}
