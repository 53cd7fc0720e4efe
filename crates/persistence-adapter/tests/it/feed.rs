//! The change feed against what was really committed.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use haat_domain::shared::{TenantId, UserId};
use haat_domain::sync::{ChangeFeed, Touched};
use haat_persistence_adapter::PgChangeFeed;
use haat_test_support::{Fixture, Proxy, TestDatabase};
use tokio_postgres::Client;

fn feed(url: &str, database: &TestDatabase) -> PgChangeFeed {
    let config = haat_persistence_adapter::DatabaseConfig { url: url.to_owned(), ..database.app_config() };
    PgChangeFeed::new(config, Duration::from_millis(500), Duration::from_mins(10))
}

fn user(tenant: i64, id: i64) -> Touched {
    Touched::User(TenantId::new(tenant), UserId::new(id))
}

/// Writes a change of a user of this number, who need not exist.
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
async fn each_kind_of_change_says_whose_view_it_alters() {
    let database = TestDatabase::new().await;
    let Fixture { ours, theirs } = Fixture::new(&database).await;
    let app = database.app().await;
    let mut feed = feed(&database.app_url(), &database);
    let first = feed.hear().await.unwrap();
    assert!(first.anew.is_some() && first.touched.is_empty());
    assert!(feed.hear().await.unwrap().anew.is_none());
    let (tenant, rep, other) = (ours.tenant, ours.rep.id, ours.other_rep.id);
    let shop = |number: usize| ours.shops[number - 1].id;
    for (values, expected) in [
        (format!("'retailer', {}, 'updated', NULL", shop(1)), vec![user(tenant, rep)]),
        (format!("'retailer', {}, 'updated', NULL", shop(4)), vec![user(tenant, rep), user(tenant, other)]),
        (format!("'retailer', {}, 'updated', NULL", shop(6)), vec![]),
        (format!("'retailer', {}, 'assigned', {other}", shop(6)), vec![user(tenant, other)]),
        (format!("'user', {rep}, 'disabled', NULL"), vec![user(tenant, rep)]),
        ("'territory', 1, 'renamed', NULL".into(), vec![Touched::Map(TenantId::new(tenant))]),
    ] {
        app.batch_execute(&format!(
            "INSERT INTO changes (tenant_id, entity, entity_id, kind, sales_rep_id) VALUES ({tenant}, {values})"
        ))
        .await
        .unwrap();
        let mut touched = feed.hear().await.unwrap().touched;
        touched.sort_by_key(|touched| format!("{touched:?}"));
        assert_eq!(touched, expected, "{values}");
    }
    // The database itself tells of permissions, whoever changes them; and of nothing that is none.
    let owner = database.owner().await;
    for (statement, expected) in [
        (format!("UPDATE users SET state = 'disabled' WHERE id = {rep}"), vec![user(tenant, rep)]),
        (format!("UPDATE users SET token_version = 9 WHERE id = {rep}"), vec![user(tenant, rep)]),
        (format!("UPDATE users SET role = 'admin' WHERE id = {rep}"), vec![user(tenant, rep)]),
        (format!("UPDATE users SET name = 'N', role = role WHERE id = {rep}"), vec![]),
        (
            format!("UPDATE tenants SET state = 'closed' WHERE id = {tenant}"),
            vec![Touched::Tenant(TenantId::new(tenant))],
        ),
    ] {
        owner.batch_execute(&statement).await.unwrap();
        assert_eq!(feed.hear().await.unwrap().touched, expected, "{statement}");
    }
    // A bulk change: whom it concerns it says by name, or it concerns everybody.
    let batch = "WITH batch AS (INSERT INTO batches (tenant_id, kind, state, applied_at) VALUES ($1, 'assign', 'applied', now()) RETURNING id) \
                 INSERT INTO changes (tenant_id, entity, kind, sales_rep_id, batch_id) \
                 SELECT $1, 'retailer', 'assigned', $2, id FROM batch";
    app.execute(batch, &[&theirs.tenant, &Some(theirs.rep.id)]).await.unwrap();
    app.execute(batch, &[&theirs.tenant, &None::<i64>]).await.unwrap();
    let touched: HashSet<_> = feed.hear().await.unwrap().touched.into_iter().collect();
    let theirs = [user(theirs.tenant, theirs.rep.id), Touched::Tenant(TenantId::new(theirs.tenant))];
    assert_eq!(touched, theirs.into());
    assert_eq!(feed.hear().await.unwrap().touched, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_stays_open_delays_nobody_and_is_not_missed() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let (slow, fast) = (database.app().await, database.app().await);
    let mut feed = feed(&database.app_url(), &database);
    feed.hear().await.unwrap();
    slow.batch_execute("BEGIN").await.unwrap();
    change(&slow, 1, 100).await;
    for id in 0..50 {
        change(&fast, 1, id).await;
        let heard = feed.hear().await.unwrap();
        assert_eq!(heard.touched, [user(1, id)], "it does not wait for the slow one");
        assert!(heard.settled < heard.next, "the slow one is open");
    }
    slow.batch_execute("COMMIT").await.unwrap();
    assert_eq!(feed.hear().await.unwrap().touched, [user(1, 100)]);
    slow.batch_execute("BEGIN").await.unwrap();
    change(&slow, 1, 101).await;
    feed.hear().await.unwrap();
    slow.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(feed.hear().await.unwrap().touched, [], "what was rolled back never was");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_acknowledged_before_the_question_is_in_the_answer_once() {
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
                let keep = !chance.is_multiple_of(5);
                client.batch_execute(if keep { "COMMIT" } else { "ROLLBACK" }).await.unwrap();
                if keep {
                    acknowledged.lock().unwrap().insert(id);
                }
            }
            running.fetch_sub(1, Ordering::SeqCst);
        });
    }
    let mut feed = feed(&database.app_url(), &database);
    let mut heard: BTreeMap<i64, usize> = BTreeMap::new();
    loop {
        let done = running.load(Ordering::SeqCst) == 0;
        let before: Vec<i64> = acknowledged.lock().unwrap().iter().copied().collect();
        for touched in feed.hear().await.unwrap().touched {
            let Touched::User(_, id) = touched else { panic!("{touched:?}") };
            *heard.entry(id.get()).or_default() += 1;
        }
        for id in before {
            assert!(heard.contains_key(&id), "{id} was acknowledged and not told");
        }
        if done {
            break;
        }
    }
    let acknowledged: Vec<i64> = acknowledged.lock().unwrap().iter().copied().collect();
    assert_eq!(heard.len(), acknowledged.len(), "nothing that was rolled back");
    assert!(heard.values().all(|times| *times == 1), "none twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_lost_its_connection_begins_anew_and_looks_back() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let proxy = Proxy::new(&database.app_url()).await;
    let app = database.app().await;
    let mut feed = feed(&proxy.through(&database.app_url()), &database);
    let beginning = feed.hear().await.unwrap().anew.unwrap();
    proxy.take_down();
    change(&app, 1, 7).await;
    assert!(feed.hear().await.unwrap_err().is_retryable());
    proxy.bring_up();
    let heard = feed.hear().await.unwrap();
    assert_eq!(heard.touched, [user(1, 7)]);
    assert_eq!(heard.anew, Some(beginning), "nothing is old enough to be forgotten");
    assert!(heard.next > beginning.from);
    // Nobody waits for a database that has fallen silent.
    proxy.hang();
    let silence = tokio::time::timeout(Duration::from_millis(2_500), feed.hear()).await;
    assert!(silence.unwrap().unwrap_err().is_retryable());
    // A restored copy has another epoch.
    proxy.bring_up();
    database.owner().await.batch_execute("UPDATE tenants SET feed_epoch = gen_random_uuid()").await.unwrap();
    assert_ne!(feed.hear().await.unwrap().anew.unwrap().epoch, beginning.epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_looks_back_no_further_than_it_must() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let app = database.app().await;
    change(&app, 1, 1).await;
    let owner = database.owner().await;
    owner.batch_execute("UPDATE changes SET created_at = now() - interval '1 hour'").await.unwrap();
    change(&app, 1, 2).await;
    let heard = feed(&database.app_url(), &database).hear().await.unwrap();
    assert_eq!(heard.touched, [user(1, 2)]);
    let old: i64 = owner.query_one("SELECT min(tx_id) FROM changes", &[]).await.unwrap().get(0);
    assert_eq!(heard.anew.unwrap().from, u64::try_from(old).unwrap() + 1);
}
