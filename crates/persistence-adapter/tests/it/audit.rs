//! Reading the audit log.

use chrono::{DateTime, Utc};
use haat_domain::assignment::BatchKind;
use haat_domain::audit::{AuditAction, AuditEntity, AuditFilter, AuditKey, AuditReader};
use haat_domain::shared::{BatchId, Limit, PageRequest, TenantId, UserId};
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Fixture, TestDatabase};

/// Inserts entries over three months and into the default partition, several of them with the same time.
async fn insert_entries(database: &TestDatabase, tenant: i64, rep: i64, rows: i64) {
    let owner = database.owner().await;
    owner
        .execute(
            "INSERT INTO audit_logs (tenant_id, occurred_at, actor_id, actor_role, action, entity, entity_id, after, \
                 request_id, batch_id) \
             SELECT $1, CASE WHEN n % 50 = 0 THEN '2020-01-01T00:00:00Z'::timestamptz \
                    ELSE '2026-11-20T00:00:00Z'::timestamptz + interval '1 minute' * (n / 3 * 100 % 100000) END, \
                 CASE WHEN n % 3 = 0 THEN NULL ELSE $2::bigint END, 'admin', \
                 CASE WHEN n % 100 = 1 THEN 'user.create' ELSE 'retailer.update' END, 'retailer', \
                 'RTL-' || n % 500, jsonb_build_object('n', n), 'request-' || n, \
                 CASE WHEN n % 7 = 0 THEN n % 9 END \
             FROM generate_series(1, $3::bigint) AS n",
            &[&tenant, &rep, &rows],
        )
        .await
        .unwrap();
    owner.batch_execute("ANALYZE audit_logs").await.unwrap();
}

async fn list_all(db: &PgDatabase, tenant: i64, filter: &AuditFilter) -> Vec<(DateTime<Utc>, i64)> {
    let mut page = PageRequest::first(Limit::parse(70).unwrap());
    let mut all = Vec::new();
    loop {
        let part = db.list(TenantId::new(tenant), filter, &page).await.unwrap();
        all.extend(part.rows.iter().map(|entry| (entry.key.at, entry.key.id)));
        match part.next {
            Some(next) => page.after = Some(next),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_return_matching_entries_newest_first() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    for company in [&ours, &theirs] {
        insert_entries(&database, company.tenant, company.rep.id, 1_000).await;
    }
    let (db, owner) = (database.adapter(), database.owner().await);
    let none = AuditFilter::default;
    let moment = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
    for (filter, condition) in [
        (none(), "TRUE".to_owned()),
        (AuditFilter { entity: Some(AuditEntity::Retailer), ..none() }, "entity = 'retailer'".into()),
        (AuditFilter { entity: Some(AuditEntity::User), ..none() }, "FALSE".into()),
        (
            AuditFilter { entity: Some(AuditEntity::Retailer), entity_id: Some("RTL-7".into()), ..none() },
            "entity_id = 'RTL-7'".into(),
        ),
        (
            AuditFilter { actor: Some(UserId::new(ours.rep.id)), ..none() },
            format!("actor_id = {}", ours.rep.id),
        ),
        (AuditFilter { action: Some(AuditAction::UserCreate), ..none() }, "action = 'user.create'".into()),
        (
            AuditFilter {
                from: moment("2026-12-01T00:00:00Z"),
                to: moment("2026-12-03T00:00:00Z"),
                ..none()
            },
            "occurred_at >= '2026-12-01T00:00:00Z' AND occurred_at < '2026-12-03T00:00:00Z'".into(),
        ),
        (
            AuditFilter { to: moment("2026-11-20T00:00:00Z"), ..none() },
            "occurred_at < '2026-11-20T00:00:00Z'".into(),
        ),
        (AuditFilter { batch: Some(BatchId::new(3)), ..none() }, "batch_id = 3".into()),
        (AuditFilter { request_id: Some("request-9".into()), ..none() }, "request_id = 'request-9'".into()),
    ] {
        let statement = format!(
            "SELECT occurred_at, id FROM audit_logs WHERE tenant_id = $1 AND {condition} \
             ORDER BY occurred_at DESC, id DESC"
        );
        let rows = owner.query(&statement, &[&ours.tenant]).await.unwrap();
        let expected: Vec<(DateTime<Utc>, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(list_all(&db, ours.tenant, &filter).await, expected, "{filter:?}");
    }
    assert_eq!(list_all(&db, ours.tenant, &none()).await.len(), 1_000, "no entry of another tenant");
    let theirs_actor = AuditFilter { actor: Some(UserId::new(theirs.rep.id)), ..none() };
    assert_eq!(list_all(&db, ours.tenant, &theirs_actor).await, []);
    let filter = AuditFilter { request_id: Some("request-8".into()), ..none() };
    let page = db.list(TenantId::new(ours.tenant), &filter, &PageRequest::default()).await.unwrap();
    let entry = &page.rows[0];
    let actor = entry.actor.as_ref().unwrap();
    assert_eq!((actor.id.get(), actor.username.as_str()), (ours.rep.id, "sr00001"));
    assert_eq!((entry.after.as_ref().unwrap().0.as_str(), &entry.before), (r#"{"n":8}"#, &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_queries_use_indexes() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    insert_entries(&database, ours.tenant, ours.rep.id, 60_000).await;
    let db = database.adapter();
    let none = AuditFilter::default;
    let key = AuditKey { at: "2026-12-15T00:00:00Z".parse().unwrap(), id: 7 };
    let filters = [
        none(),
        AuditFilter { entity: Some(AuditEntity::Retailer), entity_id: Some("RTL-7".into()), ..none() },
        AuditFilter { actor: Some(UserId::new(ours.rep.id)), ..none() },
        AuditFilter { action: Some(AuditAction::UserCreate), ..none() },
        AuditFilter { batch: Some(BatchId::new(3)), ..none() },
        AuditFilter { request_id: Some("request-9".into()), ..none() },
    ];
    let has_seq_scan = |plan: &str| {
        // Sequential scans of months without entries do not matter.
        ["audit_logs_2026_11", "audit_logs_2026_12", "audit_logs_2027_01", "audit_logs_default"]
            .iter()
            .any(|month| plan.contains(&format!("Seq Scan on {month}")))
    };
    for filter in &filters {
        for after in [None, Some(key)] {
            let page = PageRequest { after, ..PageRequest::default() };
            let plan = db.explain_audit(TenantId::new(ours.tenant), filter, &page).await.unwrap();
            assert!(!has_seq_scan(&plan), "{filter:?}\n{plan}");
            if after.is_some() {
                assert!(!plan.contains("audit_logs_2027_03"), "future months are not scanned:\n{plan}");
            }
        }
    }
    database.owner().await.batch_execute("DROP INDEX audit_logs_request_idx").await.unwrap();
    let plan =
        db.explain_audit(TenantId::new(ours.tenant), &filters[5], &PageRequest::default()).await.unwrap();
    let entity =
        db.explain_audit(TenantId::new(ours.tenant), &filters[1], &PageRequest::default()).await.unwrap();
    assert!(
        has_seq_scan(&plan) || plan.contains("Filter: (request_id"),
        "the missing index is detected:\n{plan}"
    );
    assert!(entity.contains("entity_id"), "{entity}");
}

/// Returns the quoted texts of a statement that look like actions, such as 'retailer.update'.
fn actions(statement: &str) -> impl Iterator<Item = &str> {
    statement.split('\'').skip(1).step_by(2).filter(|text| {
        text.split_once('.').is_some_and(|(entity, verb)| {
            let is_word =
                |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            is_word(entity) && is_word(verb)
        })
    })
}

#[test]
fn statements_write_known_actions_only() {
    let mut found = 0;
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                let statement = std::fs::read_to_string(&path).unwrap();
                // Comments may have apostrophes.
                let lines = statement.lines().filter(|line| !line.trim_start().starts_with("--"));
                for action in actions(&lines.collect::<Vec<_>>().join("\n")) {
                    assert!(AuditAction::from_name(action).is_some(), "{} writes {action}", path.display());
                    found += 1;
                }
            }
        }
    }
    assert!(found >= 10, "{found}");
    // apply.sql writes the kind of the batch behind `assignment.`.
    for kind in BatchKind::ALL {
        let action = format!("assignment.{}", kind.as_str());
        assert!(AuditAction::from_name(&action).is_some_and(|action| action.entity() == AuditEntity::Batch));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_have_the_names_of_what_they_mention() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let owner = database.owner().await;
    owner
        .execute(
            "INSERT INTO audit_logs (tenant_id, occurred_at, action, entity, entity_id, before, after) \
             SELECT $1, '2026-11-20T00:00:00Z'::timestamptz + interval '1 second' * row_number() OVER (), \
                    'retailer.update', 'retailer', uid, jsonb_build_object('territory', territory_id), \
                    jsonb_build_object('territory', (SELECT max(id) FROM territories WHERE tenant_id = $2), 'area', area_id) \
               FROM retailers WHERE tenant_id = $1",
            &[&ours.tenant, &theirs.tenant],
        )
        .await
        .unwrap();
    let page = database
        .adapter()
        .list(TenantId::new(ours.tenant), &AuditFilter::default(), &PageRequest::default())
        .await
        .unwrap();
    assert!(!page.rows.is_empty());
    for entry in &page.rows {
        let uid = entry.entity_id.as_deref().unwrap();
        let expected = owner
            .query_one(
                "SELECT r.name, jsonb_build_object('territory', r.territory_id, 'territoryName', t.name)::text, \
                        jsonb_build_object('territory', (SELECT max(id) FROM territories WHERE tenant_id = $3), \
                            'territoryName', NULL, 'area', r.area_id, 'areaName', a.name)::text \
                   FROM retailers AS r JOIN territories AS t ON t.tenant_id = $1 AND t.id = r.territory_id \
                   JOIN areas AS a ON a.tenant_id = $1 AND a.id = r.area_id \
                  WHERE r.tenant_id = $1 AND r.uid = $2",
                &[&ours.tenant, &uid, &theirs.tenant],
            )
            .await
            .unwrap();
        let json = |text: &str| text.parse::<serde_json::Value>().unwrap();
        assert_eq!(entry.entity_name, Some(expected.get(0)));
        assert_eq!(json(&entry.before.as_ref().unwrap().0), json(expected.get(1)));
        assert_eq!(
            json(&entry.after.as_ref().unwrap().0),
            json(expected.get(2)),
            "no name of another tenant"
        );
    }
}
