use std::time::Duration;

use async_trait::async_trait;
use haat_domain::shared::{StorageFailure, TenantId, UserId};
use haat_domain::sync::{ChangeBatch, ChangeFeed, FeedStart, Invalidation, Topic};
use tokio_postgres::{Client, Row, Statement};

use crate::shared::{DatabaseConfig, connect_raw, inconsistent, raw_failure};

/// Selects the start of the feed: after the newest change that is older than any cache entry, or before the newest ten
/// thousand changes if there are more. Scans backwards, so it reads no older rows. Changes of another cluster, restored from
/// its dump, may have ids that this one has not assigned yet; they are not counted.
const FEED_START: &str = "SELECT max(tx_id) FROM (SELECT tx_id, created_at, row_number() OVER (ORDER BY tx_id DESC) AS n \
                          FROM (SELECT tx_id, created_at FROM changes \
                                 WHERE tx_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint \
                                 ORDER BY tx_id DESC LIMIT 10001) AS newest) AS c \
                          WHERE n = 10001 OR created_at < now() - $1::float8 * interval '1 second'";

/// The feed epoch, that of the platform tenant. An operator who restores a backup generates a new one. In case that step is
/// forgotten, every restart of PostgreSQL changes the epoch too. The epochs of other tenants are not part of it: otherwise
/// processes that started before and after a tenant was created would share nothing in Redis.
const EPOCH: &str = "SELECT hashtextextended(concat(pg_postmaster_start_time(), \
                     (SELECT feed_epoch FROM tenants WHERE kind = 'platform')), 0)";

/// Planner settings of the connection. One plan stays in use while the table grows from empty, so it must not be a
/// sequential scan.
const SETTINGS: &str = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";

/// Reads the table `changes` on a dedicated connection.
///
/// A row carries its transaction id, and a snapshot of PostgreSQL states exactly which transactions it sees: all below
/// `xmax` except those still open. Everything that the next snapshot sees in addition was committed in between, in any
/// order and however long it took (PostgreSQL documentation, section 9.26.8).
pub struct PgChangeFeed {
    config: DatabaseConfig,
    timeout: Duration,
    look_back: Duration,
    subscription: Option<Subscription>,
}

struct Subscription {
    client: Client,
    statement: Statement,
    seen: Snapshot,
}

/// The transactions that a statement saw.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Snapshot {
    /// All transactions below have ended.
    xmin: i64,
    /// No transaction from this id on is visible.
    xmax: i64,
    /// The transactions in between that were still open.
    open: Vec<i64>,
}

impl PgChangeFeed {
    /// Creates a feed. The database has `timeout` to respond; after a restart the feed reports the changes of the last
    /// `look_back`. Connects at the first call.
    #[must_use]
    pub fn new(config: DatabaseConfig, timeout: Duration, look_back: Duration) -> Self {
        Self { config, timeout, look_back, subscription: None }
    }

    async fn begin(&self) -> Result<(Subscription, FeedStart), StorageFailure> {
        let client = connect_raw(&self.config).await?;
        client.batch_execute(SETTINGS).await.map_err(raw_failure)?;
        let before = client
            .query_one(FEED_START, &[&self.look_back.as_secs_f64()])
            .await
            .map_err(raw_failure)?
            .get::<_, Option<i64>>(0)
            .unwrap_or_default();
        let epoch: i64 = client.query_one(EPOCH, &[]).await.map_err(raw_failure)?.get(0);
        let statement = client.prepare(include_str!("poll.sql")).await.map_err(raw_failure)?;
        let seen = Snapshot { xmin: before + 1, xmax: before + 1, open: Vec::new() };
        Ok((
            Subscription { client, statement, seen },
            FeedStart { from: number(before + 1), epoch: epoch.cast_unsigned() },
        ))
    }

    async fn query(&mut self) -> Result<ChangeBatch, StorageFailure> {
        let (mut subscription, restarted) = match self.subscription.take() {
            Some(subscription) => (subscription, None),
            None => self.begin().await.map(|(subscription, from)| (subscription, Some(from)))?,
        };
        let Subscription { client, statement, seen } = &mut subscription;
        let rows = client.query(statement, &[&seen.xmax, &seen.open]).await.map_err(raw_failure)?;
        let mut invalidations = Vec::with_capacity(rows.len().saturating_sub(1));
        for row in rows {
            match row.get::<_, Option<&str>>(0) {
                Some(text) => {
                    *seen = Snapshot::parse(text)
                        .ok_or_else(|| inconsistent("changes", "tx_id", "not a snapshot of PostgreSQL"))?;
                }
                None => invalidations.extend(invalidation(&row)?),
            }
        }
        let batch =
            ChangeBatch { restarted, invalidations, settled: number(seen.xmin), next: number(seen.xmax) };
        self.subscription = Some(subscription);
        Ok(batch)
    }
}

#[async_trait]
impl ChangeFeed for PgChangeFeed {
    async fn poll(&mut self) -> Result<ChangeBatch, StorageFailure> {
        let limit = if self.subscription.is_some() { self.timeout } else { self.config.connect_timeout };
        // A call that times out drops the connection, so that its late result cannot be mistaken for a later one.
        tokio::time::timeout(limit, self.query()).await.map_err(|_elapsed| {
            StorageFailure::Unavailable("the change feed did not respond in time".to_owned())
        })?
    }
}

/// Returns the invalidation of a row. `None` for a topic of a later version: this version caches none of its data.
fn invalidation(row: &Row) -> Result<Option<Invalidation>, StorageFailure> {
    let tenant = TenantId::new(row.get(2));
    let user = row.get::<_, Option<i64>>(3).map(UserId::new);
    let invalidation = match (row.get(1), user) {
        ("rep-retailers", Some(rep)) => Invalidation::RepRetailers(tenant, rep),
        ("auth-state", Some(user)) => Invalidation::AuthState(tenant, user),
        ("sales-map", _) => Invalidation::SalesMap(tenant),
        ("tenant", _) => Invalidation::Tenant(tenant),
        ("topic", user) => {
            return Ok(Topic::from_name(row.get(4)).map(|topic| Invalidation::Topic(tenant, topic, user)));
        }
        _ => return Err(inconsistent("changes", "entity", "not a kind of change")),
    };
    Ok(Some(invalidation))
}

impl Snapshot {
    /// Parses `xmin:xmax:open,open…`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (xmin, xmax, open) = (parts.next()?, parts.next()?, parts.next()?);
        let open =
            open.split(',').filter(|id| !id.is_empty()).map(str::parse).collect::<Result<_, _>>().ok()?;
        Some(Self { xmin: xmin.parse().ok()?, xmax: xmax.parse().ok()?, open })
    }
}

fn number(id: i64) -> u64 {
    id.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_the_snapshot_format_of_postgresql() {
        let snapshot = |xmin, xmax, open: &[i64]| Some(Snapshot { xmin, xmax, open: open.to_vec() });
        assert_eq!(Snapshot::parse("746:746:"), snapshot(746, 746, &[]));
        assert_eq!(Snapshot::parse("10:20:10,14,15"), snapshot(10, 20, &[10, 14, 15]));
        for bad in ["", "1", "1:2", "a:b:c", "1:2:x"] {
            assert_eq!(Snapshot::parse(bad), None, "{bad}");
        }
    }
}
