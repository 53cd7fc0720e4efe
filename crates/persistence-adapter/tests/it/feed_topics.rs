//! Entries of the change feed with an audience: topics.

use std::collections::HashSet;

use haat_domain::shared::{TenantId, UserId};
use haat_domain::sync::{ChangeFeed as _, Invalidation, Topic};
use haat_test_support::{Fixture, TestDatabase};
use tokio_postgres::Client;

use crate::feed::feed;

/// The statement of the previous version, which may run on the same database during an upgrade.
const PREVIOUS_POLL: &str = include_str!("fixtures/previous_poll.sql");

/// Inserts an entry of a topic.
async fn topic(client: &Client, tenant: i64, audience: &str, name: &str, owner: i64) {
    client
        .execute(
            "INSERT INTO changes (tenant_id, audience, entity, entity_id, kind) VALUES ($1, $2, $3, $4, 'changed')",
            &[&tenant, &audience, &name, &owner],
        )
        .await
        .unwrap();
}

/// Returns the invalidations that the previous version sees in the whole feed: kind, tenant, user.
async fn as_seen_before(client: &Client) -> HashSet<(String, i64, Option<i64>)> {
    let rows = client.query(PREVIOUS_POLL, &[&0_i64, &Vec::<i64>::new()]).await.unwrap();
    let entries = rows.iter().filter(|row| row.get::<_, Option<&str>>(0).is_none());
    entries.map(|row| (row.get(1), row.get(2), row.get(3))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_with_an_audience_invalidates_its_topic_only() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let app = database.app().await;
    let mut feed = feed(&database.app_url(), &database);
    feed.poll().await.unwrap();
    let (tenant, rep, other) = (ours.tenant, ours.rep.id, ours.other_rep.id);
    let retailer = |number: usize| ours.retailers[number - 1].id;
    let of =
        |topic, user: Option<i64>| Invalidation::Topic(TenantId::new(tenant), topic, user.map(UserId::new));
    for (audience, name, owner, expected) in [
        ("user", "visits", rep, vec![of(Topic::Visits, Some(rep))]),
        ("user", "conflicts", other, vec![of(Topic::Conflicts, Some(other))]),
        ("retailer", "orders", retailer(1), vec![of(Topic::Orders, Some(rep))]),
        (
            "retailer",
            "orders",
            retailer(4),
            vec![of(Topic::Orders, Some(rep)), of(Topic::Orders, Some(other))],
        ),
        ("retailer", "orders", retailer(6), vec![]),
        ("retailer", "orders", theirs.retailers[0].id, vec![]),
        ("tenant", "team", tenant, vec![of(Topic::Team, None)]),
        ("tenant", "catalogue", tenant, vec![of(Topic::Catalogue, None)]),
        // A topic of a later version.
        ("user", "weather", rep, vec![]),
        ("retailer", "weather", retailer(1), vec![]),
        ("tenant", "weather", tenant, vec![]),
        // The audience decides, not the name.
        ("user", "retailer", retailer(1), vec![]),
        ("user", "user", rep, vec![]),
        ("tenant", "territory", tenant, vec![]),
        ("tenant", "tenant", tenant, vec![]),
    ] {
        topic(&app, tenant, audience, name, owner).await;
        let invalidations: HashSet<_> = feed.poll().await.unwrap().invalidations.into_iter().collect();
        assert_eq!(invalidations, expected.into_iter().collect(), "{audience} {name} {owner}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_topics_that_the_previous_version_would_misread() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let app = database.app().await;
    let batch = "(SELECT max(id) FROM batches)";
    app.execute(
        "INSERT INTO batches (tenant_id, kind, state, applied_at) VALUES ($1, 'assign', 'applied', now())",
        &[&ours.tenant],
    )
    .await
    .unwrap();
    for (values, constraint) in [
        (format!("'tenant', NULL, NULL, {batch}"), "changes_topic_check"),
        (format!("'user', 1, {}, NULL", ours.rep.id), "changes_topic_check"),
        ("'world', 1, NULL, NULL".to_owned(), "changes_audience_check"),
    ] {
        let statement = format!(
            "INSERT INTO changes (tenant_id, kind, entity, audience, entity_id, sales_rep_id, batch_id) \
             VALUES ({}, 'changed', 'visits', {values})",
            ours.tenant
        );
        let error = app.batch_execute(&statement).await.unwrap_err();
        assert_eq!(error.as_db_error().unwrap().constraint(), Some(constraint), "{values}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_previous_version_ignores_topics() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let app = database.app().await;
    let before = as_seen_before(&app).await;
    for name in Topic::ALL.iter().map(|topic| topic.name()) {
        topic(&app, ours.tenant, "user", name, ours.rep.id).await;
        topic(&app, ours.tenant, "retailer", name, ours.retailers[0].id).await;
        topic(&app, ours.tenant, "tenant", name, ours.tenant).await;
    }
    assert_eq!(as_seen_before(&app).await, before);
    // The statement does report what it knows.
    app.execute(
        "INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES ($1, 'user', $2, 'changed')",
        &[&ours.tenant, &ours.other_rep.id],
    )
    .await
    .unwrap();
    let user = ("user".to_owned(), ours.tenant, Some(ours.other_rep.id));
    assert_eq!(as_seen_before(&app).await.difference(&before).collect::<Vec<_>>(), [&user]);
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_and_orders_leave_retailers_and_auth_states_valid() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let app = database.app().await;
    let mut feed = feed(&database.app_url(), &database);
    feed.poll().await.unwrap();
    let (tenant, rep, other) = (ours.tenant, ours.rep.id, ours.other_rep.id);
    for _ in 0..500 {
        topic(&app, tenant, "user", "visits", rep).await;
        topic(&app, tenant, "retailer", "orders", ours.retailers[3].id).await;
    }
    let of = |topic, user| Invalidation::Topic(TenantId::new(tenant), topic, Some(UserId::new(user)));
    let expected = HashSet::from([of(Topic::Visits, rep), of(Topic::Orders, rep), of(Topic::Orders, other)]);
    let invalidations = feed.poll().await.unwrap().invalidations;
    assert_eq!(invalidations.len(), expected.len(), "each subject is reported once");
    assert_eq!(HashSet::from_iter(invalidations), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_names_a_sales_rep_invalidates_only_the_data_of_its_entity() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let app = database.app().await;
    let mut feed = feed(&database.app_url(), &database);
    feed.poll().await.unwrap();
    let (tenant, rep) = (ours.tenant, ours.rep.id);
    let list = Invalidation::RepRetailers(TenantId::new(tenant), UserId::new(rep));
    for (entity, expected) in [("visits", vec![]), ("retailer", vec![list])] {
        app.batch_execute("DELETE FROM changes").await.unwrap();
        app.execute(
            "INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id) VALUES ($1, $2, 1, 'changed', $3)",
            &[&tenant, &entity, &rep],
        )
        .await
        .unwrap();
        assert_eq!(feed.poll().await.unwrap().invalidations, expected, "{entity}");
        let user = ("user".to_owned(), tenant, Some(rep));
        assert_eq!(
            as_seen_before(&app).await,
            HashSet::from([user]),
            "the previous version invalidated the list and the auth state"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_reads_new_entries_by_index() {
    let database = TestDatabase::new().await;
    let Fixture { ours, .. } = Fixture::new(&database).await;
    let app = database.app().await;
    app.execute(
        "INSERT INTO changes (tenant_id, entity, entity_id, kind) \
         SELECT $1, 'retailer', n, 'updated' FROM generate_series(1, 20000) AS n",
        &[&ours.tenant],
    )
    .await
    .unwrap();
    let poll = include_str!("../../../persistence-core/src/sync/poll.sql");
    // The settings of the feed's connection.
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    app.batch_execute(&format!("{settings}; PREPARE poll (bigint, bigint[]) AS {poll}")).await.unwrap();
    let rows = app.query("EXPLAIN EXECUTE poll (0, '{}')", &[]).await.unwrap();
    let plan = rows.iter().map(|row| row.get(0)).collect::<Vec<&str>>().join("\n");
    assert!(plan.contains("Index Cond: ((tx_id >= $1) AND (tx_id < "), "{plan}");
    assert!(plan.contains("Index Cond: (tx_id = ANY ($2))"), "{plan}");
    assert!(!plan.contains("Seq Scan"), "{plan}");
}
