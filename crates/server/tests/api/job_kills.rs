//! Processes that are killed or frozen while jobs are requested, claimed, run and ended: each job has its effect once.

use std::time::{Duration, Instant};

use haat_test_support::{Dice, Fixture, TestDatabase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::jobs::{BULK, LONG_CONNECT_TIMEOUT, ended, large_file, send};
use crate::support::{Server, becomes};

/// Sends a file with a key to one server after the other until one accepts it, and returns the id of the job.
async fn accepted(servers: &[Server], token: &str, file: &str, key: &str) -> i64 {
    let started = Instant::now();
    for server in servers.iter().cycle() {
        let request =
            server.request(Method::POST, BULK).bearer_auth(token).header("content-type", "text/csv");
        let sent = request.header("idempotency-key", key).body(file.to_owned()).send().await;
        if let Ok(response) = sent
            && response.status() == 202
            && let Ok(body) = response.json::<Value>().await
        {
            return body["id"].as_i64().unwrap();
        }
        assert!(started.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!("the iterator has no end")
}

/// Kills one of two processes this many times, at random points of jobs.
async fn kill(kills: u64) {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let owner = database.owner().await;
    owner
        .batch_execute(
            "UPDATE sales_reps SET capacity = 1000; \
             INSERT INTO retailers (tenant_id, uid, name, region_id, area_id, territory_id, search_key) \
             SELECT 1, 'K-' || n, 'Shop', r.region_id, r.area_id, r.territory_id, 'shop' \
               FROM generate_series(1, 1000) AS n, (SELECT * FROM retailers WHERE tenant_id = 1 LIMIT 1) AS r",
        )
        .await
        .unwrap();
    let start = || Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    let mut servers = [start(), start()];
    let token = servers[0].token("default", "admin").await;
    let mut dice = Dice::new(kills);
    let mut jobs = Vec::new();
    for round in 0..kills {
        // Several jobs, so that each process has one in some phase.
        let files = 3;
        for part in 0..files {
            let file = format!("uid,sales_rep\nK-{},sr00002\n", round * files + part + 1);
            let key = format!("{round}-{part}");
            jobs.push(accepted(&servers, &token, &file, &key).await);
        }
        tokio::time::sleep(Duration::from_millis(dice.between(0, 120).unsigned_abs())).await;
        let victim = &mut servers[usize::try_from(round).unwrap() % 2];
        victim.signal("KILL");
        victim.wait();
        *victim = start();
    }
    let count = i64::try_from(jobs.len()).unwrap();
    jobs.sort_unstable();
    jobs.dedup();
    assert_eq!(i64::try_from(jobs.len()).unwrap(), count, "each file has a job of its own");
    for (statement, expected) in [
        ("SELECT count(*) FROM jobs WHERE state <> 'succeeded' AND schedule IS NULL", 0),
        ("SELECT count(*) FROM jobs WHERE schedule IS NULL", count),
        ("SELECT count(*) FROM sales_rep_retailers WHERE uid LIKE 'K-%'", count),
        ("SELECT count(*) FROM batches", count),
        ("SELECT count(*) FROM audit_logs WHERE action = 'assignment.assign'", count),
        ("SELECT count(*) FROM assignment_rows", 0),
    ] {
        becomes(&database, statement, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_killed_processes_have_their_effect_once() {
    kill(10).await;
}

#[ignore = "a minute"]
#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_often_killed_processes_have_their_effect_once() {
    kill(60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_process_writes_nothing_when_it_continues() {
    let database = TestDatabase::new().await;
    Fixture::new(&database).await;
    let file = large_file(&database).await;
    let mut frozen = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    let accepted: Value = send(&frozen, BULK, file, None).await.json().await.unwrap();
    becomes(&database, "SELECT count(*) FROM jobs WHERE state = 'running' AND schedule IS NULL", 1).await;
    frozen.signal("STOP");
    let other = Server::start(&database.app_url(), &[LONG_CONNECT_TIMEOUT]);
    becomes(&database, "SELECT count(*) FROM jobs WHERE attempts = 2 AND schedule IS NULL", 1).await;
    let job = ended(&other, &accepted["id"]).await;
    assert_eq!(job["state"], "SUCCEEDED");
    frozen.signal("CONT");
    // Two periods after which a job is stale.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let again = ended(&frozen, &accepted["id"]).await;
    assert_eq!((&again["counts"]["assigned"], &again["finishedAt"]), (&json!(40_000), &job["finishedAt"]));
    assert_eq!(database.number("SELECT count(*) FROM batches").await, 1);
    assert_eq!(
        database.number("SELECT count(*) FROM sales_rep_retailers WHERE uid LIKE 'N-%'").await,
        40_000
    );
    frozen.signal("KILL");
    frozen.wait();
}
