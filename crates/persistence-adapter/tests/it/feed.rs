//! The change feed compared with the committed transactions.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use haat_domain::shared::{TenantId, UserId};
use haat_domain::sync::{ChangeFeed, Invalidation};
use haat_persistence_adapter::PgChangeFeed;
use haat_test_support::{Fixture, Proxy, TestDatabase};
use tokio_postgres::Client;

pub(crate) fn feed(url: &str, database: &TestDatabase) -> PgChangeFeed {
    let config = haat_persistence_adapter::DatabaseConfig { url: url.to_owned(), ..database.app_config() };
    PgChangeFeed::new(config, Duration::from_millis(500), Duration::from_mins(10))
}

fn auth_state(tenant: i64, id: i64) -> Invalidation {
    Invalidation::AuthState(TenantId::new(tenant), UserId::new(id))
}

fn retailers(tenant: i64, rep: i64) -> Invalidation {
    Invalidation::RepRetailers(TenantId::new(tenant), UserId::new(rep))
}

/// Inserts a change of the user with this id; the user need not exist.
async fn change(client: &Client, tenant: i64, id: i64) {
    client
        .execute(
            "INSERT INTO changes (tenant_id, entity, entity_id, kind) VALUES ($1, 'user', $2, 'changed')",
            &[&tenant, &id],
        )
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_change_invalidates_the_affected_views() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let app = database.app().await;
    let mut feed = feed(&database.app_url(), &database);
    let first = feed.poll().await.unwrap();
    assert!(first.restarted.is_some() && first.invalidations.is_empty());
    assert!(feed.poll().await.unwrap().restarted.is_none());
    let (tenant, rep, other) = (ours.tenant, ours.rep.id, ours.other_rep.id);
    let retailer = |number: usize| ours.retailers[number - 1].id;
    let sales_map = Invalidation::SalesMap(TenantId::new(tenant));
    for (values, expected) in [
        (format!("'retailer', {}, 'updated', NULL", retailer(1)), vec![retailers(tenant, rep)]),
        (
            format!("'retailer', {}, 'updated', NULL", retailer(4)),
            vec![retailers(tenant, rep), retailers(tenant, other)],
        ),
        (format!("'retailer', {}, 'updated', NULL", retailer(6)), vec![]),
        (format!("'retailer', {}, 'assigned', {other}", retailer(6)), vec![retailers(tenant, other)]),
        (format!("'user', {rep}, 'disabled', NULL"), vec![auth_state(tenant, rep)]),
        ("'territory', 1, 'renamed', NULL".into(), vec![sales_map]),
        (format!("'territory', 1, 'moved', {rep}"), vec![retailers(tenant, rep), sales_map]),
        // Data that this version does not know.
        ("'weather', 1, 'changed', NULL".into(), vec![]),
        (format!("'weather', 1, 'changed', {rep}"), vec![]),
    ] {
        app.batch_execute(&format!(
            "INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id) VALUES ({tenant}, {values})"
        ))
        .await
        .unwrap();
        let mut invalidations = feed.poll().await.unwrap().invalidations;
        invalidations.sort_by_key(|invalidation| format!("{invalidation:?}"));
        assert_eq!(invalidations, expected, "{values}");
    }
    // A trigger reports permission changes by any client, and no other changes of users.
    let owner = database.owner().await;
    for (statement, expected) in [
        (format!("UPDATE users SET state = 'disabled' WHERE id = {rep}"), vec![auth_state(tenant, rep)]),
        (format!("UPDATE users SET token_version = 9 WHERE id = {rep}"), vec![auth_state(tenant, rep)]),
        (
            format!("INSERT INTO user_roles (tenant_id, user_id, role) VALUES ({tenant}, {rep}, 'admin')"),
            vec![auth_state(tenant, rep)],
        ),
        (format!("DELETE FROM user_roles WHERE user_id = {rep}"), vec![auth_state(tenant, rep)]),
        (format!("UPDATE users SET name = 'N', role = role WHERE id = {rep}"), vec![]),
        (
            format!("UPDATE tenants SET feed_epoch = gen_random_uuid() WHERE id = {tenant}"),
            vec![Invalidation::Tenant(TenantId::new(tenant))],
        ),
        (
            format!("UPDATE tenants SET state = 'closed' WHERE id = {tenant}"),
            vec![Invalidation::Tenant(TenantId::new(tenant))],
        ),
    ] {
        owner.batch_execute(&statement).await.unwrap();
        assert_eq!(feed.poll().await.unwrap().invalidations, expected, "{statement}");
    }
    // A bulk change names the affected sales rep, or affects the whole tenant.
    let batch = "WITH batch AS (INSERT INTO batches (tenant_id, kind, state, applied_at) VALUES ($1, 'assign', 'applied', now()) RETURNING id) \
                 INSERT INTO changes (tenant_id, entity, kind, sales_rep_id, batch_id) \
                 SELECT $1, 'retailer', 'assigned', $2, id FROM batch";
    app.execute(batch, &[&theirs.tenant, &Some(theirs.rep.id)]).await.unwrap();
    app.execute(batch, &[&theirs.tenant, &None::<i64>]).await.unwrap();
    let invalidations: HashSet<_> = feed.poll().await.unwrap().invalidations.into_iter().collect();
    let theirs =
        [retailers(theirs.tenant, theirs.rep.id), Invalidation::Tenant(TenantId::new(theirs.tenant))];
    assert_eq!(invalidations, theirs.into());
    assert_eq!(feed.poll().await.unwrap().invalidations, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_transaction_delays_no_other_and_is_not_missed() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let (slow, fast) = (database.app().await, database.app().await);
    let mut feed = feed(&database.app_url(), &database);
    feed.poll().await.unwrap();
    slow.batch_execute("BEGIN").await.unwrap();
    change(&slow, 1, 100).await;
    for id in 0..50 {
        change(&fast, 1, id).await;
        let batch = feed.poll().await.unwrap();
        assert_eq!(
            batch.invalidations,
            [auth_state(1, id)],
            "the feed does not wait for the open transaction"
        );
        assert!(batch.settled < batch.next, "the slow transaction is open");
    }
    slow.batch_execute("COMMIT").await.unwrap();
    assert_eq!(feed.poll().await.unwrap().invalidations, [auth_state(1, 100)]);
    slow.batch_execute("BEGIN").await.unwrap();
    change(&slow, 1, 101).await;
    feed.poll().await.unwrap();
    slow.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(feed.poll().await.unwrap().invalidations, [], "a rolled-back change is not reported");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_returns_every_change_acknowledged_before_it_exactly_once() {
    const WRITERS: i64 = 6;
    const EACH: i64 = 120;
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let running = Arc::new(AtomicUsize::new(usize::try_from(WRITERS).unwrap()));
    for writer in 0..WRITERS {
        let (client, acknowledged, running) = (database.app().await, acknowledged.clone(), running.clone());
        tokio::spawn(async move {
            let mut chance = u64::try_from(writer).unwrap() + 1;
            for number in 0..EACH {
                chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let id = writer * EACH + number;
                client.batch_execute("BEGIN").await.unwrap();
                change(&client, 1, id).await;
                tokio::time::sleep(Duration::from_micros((chance >> 33) % 4_000)).await;
                let commit = !chance.is_multiple_of(5);
                client.batch_execute(if commit { "COMMIT" } else { "ROLLBACK" }).await.unwrap();
                if commit {
                    acknowledged.lock().unwrap().insert(id);
                }
            }
            running.fetch_sub(1, Ordering::SeqCst);
        });
    }
    let mut feed = feed(&database.app_url(), &database);
    let mut reported: BTreeMap<i64, usize> = BTreeMap::new();
    loop {
        let done = running.load(Ordering::SeqCst) == 0;
        let before: Vec<i64> = acknowledged.lock().unwrap().iter().copied().collect();
        for invalidation in feed.poll().await.unwrap().invalidations {
            let Invalidation::AuthState(_, id) = invalidation else { panic!("{invalidation:?}") };
            *reported.entry(id.get()).or_default() += 1;
        }
        for id in before {
            assert!(reported.contains_key(&id), "{id} was acknowledged but not reported");
        }
        if done {
            break;
        }
    }
    let acknowledged: Vec<i64> = acknowledged.lock().unwrap().iter().copied().collect();
    assert_eq!(reported.len(), acknowledged.len(), "no rolled-back change is reported");
    assert!(reported.values().all(|times| *times == 1), "each change is reported once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_restarts_after_a_lost_connection_and_reports_missed_changes() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    let app = database.app().await;
    let mut feed = feed(&proxy.through(&database.app_url()), &database);
    let start = feed.poll().await.unwrap().restarted.unwrap();
    proxy.take_down();
    change(&app, 1, 7).await;
    assert!(feed.poll().await.unwrap_err().is_retryable());
    proxy.bring_up();
    let batch = feed.poll().await.unwrap();
    assert_eq!(batch.invalidations, [auth_state(1, 7)]);
    assert_eq!(batch.restarted, Some(start), "no change is older than the look-back");
    assert!(batch.next > start.from);
    // A poll of a hanging database times out.
    proxy.hang();
    let result = tokio::time::timeout(Duration::from_millis(2_500), feed.poll()).await;
    assert!(result.unwrap().unwrap_err().is_retryable());
    proxy.bring_up();
    assert_eq!(feed.poll().await.unwrap().restarted.unwrap().epoch, start.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_feed_starts_at_the_look_back() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let app = database.app().await;
    change(&app, 1, 1).await;
    let owner = database.owner().await;
    owner.batch_execute("UPDATE changes SET created_at = now() - interval '1 hour'").await.unwrap();
    change(&app, 1, 2).await;
    let batch = feed(&database.app_url(), &database).poll().await.unwrap();
    assert_eq!(batch.invalidations, [auth_state(1, 2)]);
    let old: i64 = owner.query_one("SELECT min(tx_id) FROM changes", &[]).await.unwrap().get(0);
    assert_eq!(batch.restarted.unwrap().from, u64::try_from(old).unwrap() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_epoch_is_that_of_the_platform_tenant() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let owner = database.owner().await;
    // Each feed starts like that of a new process.
    let epoch = async || {
        let batch = feed(&database.app_url(), &database).poll().await.unwrap();
        batch.restarted.unwrap().epoch
    };
    let before = epoch().await;
    for statement in [
        "INSERT INTO tenants (slug, name) VALUES ('new', 'New')",
        "UPDATE tenants SET feed_epoch = gen_random_uuid() WHERE kind <> 'platform'",
    ] {
        owner.batch_execute(statement).await.unwrap();
        assert_eq!(epoch().await, before, "{statement}");
    }
    let new_epoch = "UPDATE tenants SET feed_epoch = gen_random_uuid() WHERE kind = 'platform'";
    assert_eq!(owner.execute(new_epoch, &[]).await.unwrap(), 1);
    assert_ne!(epoch().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_another_cluster_are_not_reported_until_their_ids_are_assigned() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let app = database.app().await;
    let next: i64 = app
        .query_one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint", &[])
        .await
        .unwrap()
        .get(0);
    // A restored feed: entries of a year and of the last minutes, with ids far ahead of this cluster.
    app.execute(
        "INSERT INTO changes (tenant_id, tx_id, entity, entity_id, kind, created_at) \
         SELECT 1, $1::bigint + 1000000 + n, 'user', n, 'changed', now() - n * n * interval '1 minute' \
           FROM generate_series(0, 700) AS n",
        &[&next],
    )
    .await
    .unwrap();
    let mut feed = feed(&database.app_url(), &database);
    let first = feed.poll().await.unwrap();
    assert_eq!(first.invalidations, []);
    let from = first.restarted.unwrap().from;
    assert!(from <= first.settled, "entries in Redis stay usable: {from} {}", first.settled);
    for id in 0..5 {
        assert_eq!(feed.poll().await.unwrap().invalidations, []);
        change(&app, 1, id).await;
        assert_eq!(feed.poll().await.unwrap().invalidations, [auth_state(1, id)]);
    }
    // The counter overtakes an entry: it is reported, and not for ever.
    let batch = feed.poll().await.unwrap();
    app.execute(
        "INSERT INTO changes (tenant_id, tx_id, entity, entity_id, kind) VALUES (1, $1, 'user', 9, 'changed')",
        &[&(i64::try_from(batch.next).unwrap() + 3)],
    )
    .await
    .unwrap();
    let mut reported = false;
    tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            app.batch_execute("SELECT pg_current_xact_id()").await.unwrap();
            match feed.poll().await.unwrap().invalidations.as_slice() {
                [] if reported => break,
                [] => {}
                // Twice if a transaction with this id, of another test, is open.
                [one] => reported = *one == auth_state(1, 9),
                more => panic!("{more:?}"),
            }
        }
    })
    .await
    .unwrap();
}
