use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use haat_domain::activity::{
    ActivityFilter, ActivityGroup, ActivityKey, ActivityReader, ActivityScope, ActivitySum, ActivityWriter,
    DayRange, Grouping, Tally,
};
use haat_domain::shared::{Limit, PageRequest, Role, TenantId, UserId};
use haat_persistence_org::OrgDatabase;
use haat_test_support::{Fixture, TestDatabase, seeded};

use crate::org;

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
}

fn days(first: u32, last: u32) -> DayRange {
    DayRange::new(Some(day(first)), Some(day(last))).unwrap().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn tally(tenant: i64, user: i64, at: DateTime<Utc>, (requests, changes, logins): (i64, i64, i64)) -> Tally {
    let (tenant, user) = (TenantId::new(tenant), UserId::new(user));
    Tally { tenant, user, requests, changes, logins, first_at: at - TimeDelta::seconds(5), last_at: at }
}

/// All pages of a list of sums, of this many rows each.
async fn sums(
    db: &OrgDatabase,
    tenant: i64,
    scope: &ActivityScope,
    filter: &ActivityFilter,
) -> Vec<ActivitySum> {
    let mut rows = Vec::new();
    let mut page = PageRequest { limit: Limit::parse(2).unwrap(), after: None };
    loop {
        let found = db.sums(TenantId::new(tenant), scope, filter, &page).await.unwrap();
        rows.extend(found.rows);
        match found.next {
            Some(next) => page.after = Some(next),
            None => return rows,
        }
    }
}

/// The keys and the sums of requests, changes and logins.
fn numbers(sums: &[ActivitySum]) -> Vec<(i64, (i64, i64, i64))> {
    let of = |sum: &ActivitySum| (sum.key.0, (sum.totals.requests, sum.totals.changes, sum.totals.logins));
    sums.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tallies_are_added_to_the_day_of_the_tenant() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let owner = database.owner().await;
    let zone = "UPDATE tenants SET time_zone = 'America/New_York' WHERE id = $1";
    owner.execute(zone, &[&theirs.tenant]).await.unwrap();
    let db = org(&database);
    // 23:59 and 00:01 in Dhaka, the same evening in New York.
    let (late, early) = (at("2026-11-20T17:59:00Z"), at("2026-11-20T18:01:00Z"));
    let mut tallies = Vec::new();
    for company in [&ours, &theirs] {
        tallies.push(tally(company.tenant, company.rep.id, late, (3, 1, 1)));
        tallies.push(tally(company.tenant, company.rep.id, early, (2, 0, 0)));
    }
    db.add(&tallies).await.unwrap();
    db.add(&tallies[..1]).await.unwrap();
    let of = async |company: &haat_test_support::Company| {
        let user = UserId::new(company.rep.id);
        let found = db.of_user(TenantId::new(company.tenant), user, days(1, 30)).await.unwrap().unwrap();
        let count =
            |(day, totals): &(NaiveDate, haat_domain::activity::ActivityTotals)| (*day, totals.requests);
        (found.days.iter().map(count).collect::<Vec<_>>(), found.sum.totals)
    };
    let (found, totals) = of(&ours).await;
    assert_eq!(found, [(day(20), 6), (day(21), 2)]);
    assert_eq!((totals.requests, totals.changes, totals.logins), (8, 2, 2));
    let first_at = late - TimeDelta::seconds(5);
    assert_eq!((totals.first_at, totals.last_at), (Some(first_at), Some(early)));
    assert_eq!(of(&theirs).await.0, [(day(20), 5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writers_lose_nothing() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let noon = at("2026-11-20T06:00:00Z");
    let tallies: Vec<_> = [&ours, &theirs]
        .iter()
        .flat_map(|company| {
            [&company.admin, &company.rep, &company.other_rep].map(|user| (company.tenant, user.id))
        })
        .map(|(tenant, user)| tally(tenant, user, noon, (1, 1, 1)))
        .collect();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (db, mut tallies) = (org(&database), tallies.clone());
            // The statement sorts, whatever the order of the tallies.
            tallies.rotate_left(writer);
            tokio::spawn(async move {
                for _ in 0..50 {
                    db.add(&tallies).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let filter = ActivityFilter { days: days(20, 20), grouping: Grouping::User };
    let sums = sums(&org(&database), ours.tenant, &ActivityScope::All, &filter).await;
    assert_eq!(sums.len(), 3);
    assert!(numbers(&sums).iter().all(|(_, counts)| *counts == (200, 200, 200)), "{sums:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_equal_those_of_the_rows_in_scope() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let owner = database.owner().await;
    let team = "INSERT INTO teams (tenant_id, name, name_key) VALUES ($1, 'Bazar', 'bazar') RETURNING id";
    let team: i64 = owner.query_one(team, &[&ours.tenant]).await.unwrap().get(0);
    let member =
        "INSERT INTO team_members (tenant_id, user_id, team_id, joined_at) VALUES ($1, $2, $3, now())";
    owner.execute(member, &[&ours.tenant, &ours.rep.id, &team]).await.unwrap();
    let (admin, rep, other) = (ours.admin.id, ours.rep.id, ours.other_rep.id);
    let db = org(&database);
    let mut tallies = Vec::new();
    for (user, number, counts) in [
        (admin, 19, (1, 1, 1)),
        (admin, 20, (10, 1, 0)),
        (rep, 20, (100, 1, 0)),
        (rep, 21, (1_000, 1, 0)),
        (other, 21, (10_000, 1, 1)),
        (other, 23, (7, 7, 7)),
    ] {
        tallies.push(tally(ours.tenant, user, at(&format!("2026-11-{number}T06:00:00Z")), counts));
    }
    tallies.push(tally(theirs.tenant, theirs.rep.id, at("2026-11-20T06:00:00Z"), (5, 5, 5)));
    db.add(&tallies).await.unwrap();

    let sums = async |scope: ActivityScope, grouping: Grouping| {
        let filter = ActivityFilter { days: days(20, 21), grouping };
        sums(&db, ours.tenant, &scope, &filter).await
    };
    let epoch = |number| (day(number) - NaiveDate::default()).num_days();
    let (admin_role, rep_role) = (1 + Role::Admin as i64, 1 + Role::SalesRep as i64);
    let mut by_user = BTreeMap::from([(admin, (10, 1, 0)), (rep, (1_100, 2, 0)), (other, (10_000, 1, 1))]);
    for (grouping, expected) in [
        (Grouping::User, by_user.clone().into_iter().collect()),
        (Grouping::Day, vec![(epoch(20), (110, 2, 0)), (epoch(21), (11_000, 2, 1))]),
        (Grouping::Role, vec![(admin_role, (10, 1, 0)), (rep_role, (11_100, 3, 1))]),
        (Grouping::Team, vec![(0, (10_010, 2, 1)), (team, (1_100, 2, 0))]),
    ] {
        assert_eq!(numbers(&sums(ActivityScope::All, grouping).await), expected, "{grouping:?}");
    }
    let some =
        || ActivityScope::Users(vec![UserId::new(rep), UserId::new(admin), UserId::new(theirs.rep.id)]);
    by_user.remove(&other);
    for (grouping, expected) in [
        (Grouping::User, by_user.into_iter().collect()),
        (Grouping::Day, vec![(epoch(20), (110, 2, 0)), (epoch(21), (1_000, 1, 0))]),
        (Grouping::Role, vec![(admin_role, (10, 1, 0)), (rep_role, (1_100, 2, 0))]),
        (Grouping::Team, vec![(0, (10, 1, 0)), (team, (1_100, 2, 0))]),
    ] {
        assert_eq!(numbers(&sums(some(), grouping).await), expected, "{grouping:?}");
        assert!(sums(ActivityScope::Users(Vec::new()), grouping).await.is_empty());
    }
    // By team follows the current team, also for days before the user joined it.
    owner.execute("UPDATE team_members SET user_id = $1", &[&other]).await.unwrap();
    let moved = sums(ActivityScope::All, Grouping::Team).await;
    assert_eq!(numbers(&moved), [(0, (1_110, 3, 0)), (team, (10_000, 1, 1))]);
    assert_eq!(moved[1].group, ActivityGroup::Team(haat_domain::shared::TeamId::new(team), "Bazar".into()));
    assert_eq!((moved[0].users, moved[1].users), (2, 1));
    let unknown = db.of_user(TenantId::new(ours.tenant), UserId::new(theirs.rep.id), days(1, 30)).await;
    assert_eq!(unknown.unwrap(), None, "a user of another tenant");
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_read_the_days_or_the_users_by_index() {
    let (database, rep) = seeded().await;
    let owner = database.owner().await;
    owner
        .batch_execute(
            "INSERT INTO user_activity (tenant_id, day, user_id, requests, changes, logins, first_at, last_at) \
             SELECT u.tenant_id, DATE '2026-01-01' + n, u.id, 9, 1, 1, now(), now() \
               FROM users AS u, generate_series(250, 339) AS n; \
             ANALYZE user_activity",
        )
        .await
        .unwrap();
    let db = org(&database);
    let tenant = TenantId::new(1);
    for (scope, index) in
        [(ActivityScope::All, "user_activity_"), (ActivityScope::Users(vec![rep]), "user_activity_user_idx")]
    {
        for grouping in Grouping::WORDS.iter().filter_map(|word| Grouping::from_name(word)) {
            let filter = ActivityFilter { days: days(1, 30), grouping };
            for after in [None, Some(ActivityKey(1))] {
                let page = PageRequest { after, ..PageRequest::default() };
                let plan = db.explain_activity(tenant, &scope, &filter, &page).await.unwrap();
                assert!(
                    plan.contains(index) && !plan.contains("Seq Scan on user_activity"),
                    "{grouping:?}\n{plan}"
                );
                assert!(!plan.contains("Seq Scan on sessions"), "{grouping:?}\n{plan}");
            }
        }
    }
}
