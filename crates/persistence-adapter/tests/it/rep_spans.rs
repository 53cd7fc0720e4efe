//! The assignment periods of a sales rep, against all periods in the database.

use chrono::{DateTime, Utc};
use haat_domain::assignment::{AssignmentReader as _, Interval, RepSpan};
use haat_domain::shared::{Limit, PageRequest, Targets, TenantId, UserId};
use haat_persistence_adapter::PgDatabase;
use haat_test_support::{Fixture, TestDatabase};

async fn all(db: &PgDatabase, tenant: i64, rep: i64, interval: Interval) -> Option<Vec<RepSpan>> {
    let (mut spans, mut request) = (Vec::new(), PageRequest::first(Limit::parse(2).unwrap()));
    loop {
        let page = db
            .rep_spans(TenantId::new(tenant), &Targets::everything(), UserId::new(rep), interval, &request)
            .await
            .unwrap()?;
        spans.extend(page.rows);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Some(spans),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn returns_the_periods_of_the_sales_rep_in_the_interval() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let (db, owner) = (database.adapter(), database.owner().await);
    for company in [&ours, &theirs] {
        for (index, from, to) in [
            (0, "2025-01-01", "2025-02-01"),
            (0, "2025-03-01", "2025-04-01"),
            (4, "2025-01-01", "2025-03-15"),
        ] {
            let (from, to): (DateTime<Utc>, DateTime<Utc>) =
                (format!("{from}T00:00:00Z").parse().unwrap(), format!("{to}T00:00:00Z").parse().unwrap());
            owner
                .execute(
                    "INSERT INTO assignment_history (tenant_id, sales_rep_id, retailer_id, valid, end_reason) \
                     VALUES ($1, $2, $3, tstzrange($4, $5), 'moved')",
                    &[&company.tenant, &company.rep.id, &company.retailers[index].id, &from, &to],
                )
                .await
                .unwrap();
        }
    }
    // A deleted retailer is part of the history.
    owner.batch_execute("UPDATE retailers SET deleted_at = now() WHERE uid = 'RTL-0005'").await.unwrap();
    let at = |text: &str| Some(format!("{text}T00:00:00Z").parse().unwrap());
    let found = async |from, to| -> Vec<String> {
        let spans = all(&db, ours.tenant, ours.rep.id, Interval { from, to }).await.unwrap();
        let text = |span: &RepSpan| {
            let until = span.until.map_or("now".to_owned(), |until| until.format("%m-%d").to_string());
            format!("{} {}..{until}", &span.uid[7..], span.from.format("%m-%d"))
        };
        spans.iter().map(text).collect()
    };
    let current = ["4 01-01..now", "3 01-01..now", "2 01-01..now", "1 01-01..now"];
    let history = ["1 03-01..04-01", "5 01-01..03-15", "1 01-01..02-01"];
    assert_eq!(found(None, None).await, [&current[..], &history[..]].concat());
    // The interval contains its start, but not its end; so does a period.
    assert_eq!(found(at("2025-02-01"), at("2025-03-01")).await, [history[1]]);
    assert_eq!(found(at("2025-03-15"), at("2025-03-16")).await, [history[0]]);
    assert_eq!(found(None, at("2025-01-01")).await, [""; 0]);
    assert_eq!(found(at("2026-06-01"), None).await, current);
    assert_eq!(all(&db, ours.tenant, theirs.rep.id, Interval::default()).await, None, "of another tenant");
    assert_eq!(all(&db, ours.tenant, ours.admin.id, Interval::default()).await, None, "not a sales rep");
}
