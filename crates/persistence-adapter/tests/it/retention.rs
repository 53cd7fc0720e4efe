//! Retention over many days: rows of each age, two processes that end them, and a clock that is moved.

use std::time::Duration;

use haat_domain::job::RetentionPolicy as _;
use haat_persistence_adapter::{RetainedRows, RowRetention, retained};
use haat_persistence_core::{DatabaseConfig, PgDatabase};
use haat_test_support::{Dice, Fixture, TestDatabase, ahead};

/// The number of rows of each kind that are added each day.
const ROWS: i64 = 40;

/// Adds rows of a virtual day, at random times of it: `$1` is the day, in days from now; `$2` a seed.
const DAY: &str = "
WITH times AS (
    SELECT n, now() + interval '1 day' * ($1::float8 + (hashint8(n * 7919 + $2::bigint) & 1023) / 1024.0) AS at FROM generate_series(1, $3::bigint) AS n
), changes AS (
    INSERT INTO changes (tenant_id, entity, entity_id, kind, created_at)
    SELECT 1, 'retailer', 1, 'updated', at FROM times ORDER BY at
), keys AS (
    INSERT INTO idempotency_keys (tenant_id, user_id, key, route, body_hash, status, created_at)
    SELECT 1, $4, $1::float8 || '-' || n, 'POST /x', '', 200, at FROM times
), sessions AS (
    INSERT INTO sessions (tenant_id, id, user_id, token_version, created_at, last_used_at, family_hash, current_hash, seed)
    SELECT 1, gen_random_uuid(), $4::bigint, 1, at, at, sha256(''), sha256(''), sha256('') FROM times
)
INSERT INTO jobs (tenant_id, kind, state, payload, finished_at)
SELECT 1, 'x', (ARRAY['succeeded', 'failed', 'cancelled'])[1 + n % 3],
       CASE WHEN n % 2 = 0 THEN '{\"file\": \"none\"}'::jsonb ELSE '{}' END, at FROM times";

async fn days_pass(days: i32) {
    let database = TestDatabase::new().await;
    let fixture = Fixture::new(&database).await;
    let owner = database.owner().await;
    owner.batch_execute("DELETE FROM changes").await.unwrap();
    let mut dice = Dice::new(u64::from(days.unsigned_abs()));
    // As many days as the longest rule keeps rows, and the days after that.
    for day in (0..days).step_by(4) {
        for part in day..day + 4 {
            let seed = dice.between(0, 1_000_000);
            owner.execute(DAY, &[&f64::from(part), &seed, &ROWS, &fixture.ours.admin.id]).await.unwrap();
        }
        let offset = i64::from(day + 4) * 86_400;
        let url = ahead(&database.app_url(), offset);
        let db = PgDatabase::new(&DatabaseConfig::new(url)).unwrap();
        for rows in retained() {
            let policy =
                RowRetention::new(db.clone(), Box::leak(Box::new(RetainedRows { batch: 25, ..*rows })));
            let keep = rows.rule.keep;
            // Two processes at once, in small batches.
            let both = async || {
                let mut ended = 0;
                loop {
                    let rows = policy.prune(keep).await.unwrap();
                    ended += rows;
                    if rows == 0 {
                        return ended;
                    }
                }
            };
            let due = policy.due(keep).await.unwrap().rows;
            let (first, second) = tokio::join!(both(), both());
            assert_eq!(first + second, due, "{} on day {day}", rows.rule.name);
            let left = policy.due(Duration::ZERO).await.unwrap();
            if let Some(oldest) = left.oldest {
                assert!(
                    oldest <= keep + Duration::from_mins(5),
                    "{} on day {day}: {oldest:?}",
                    rows.rule.name
                );
            }
            // Nothing younger has gone: each day had as many rows.
            if ["idempotency-keys", "sessions"].contains(&rows.rule.name) {
                let kept = i64::from(day + 4).min(i64::try_from(keep.as_secs() / 86_400).unwrap());
                let least = u64::try_from((kept - 1).max(0) * ROWS).unwrap();
                assert!(left.rows >= least, "{} on day {day}: {} of {least}", rows.rule.name, left.rows);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_end_at_their_age_and_not_before() {
    days_pass(120).await;
}

#[ignore = "a minute"]
#[tokio::test(flavor = "multi_thread")]
async fn rows_end_at_their_age_and_not_before_for_many_days() {
    days_pass(400).await;
}
