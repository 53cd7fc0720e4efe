use std::time::Duration;

use async_trait::async_trait;
use haat_domain::shared::{StorageFailure, TenantId, UserId};
use haat_domain::sync::{Beginning, ChangeFeed, Heard, Touched};
use tokio_postgres::{Client, Row, Statement};

use crate::shared::{DatabaseConfig, connect_raw, inconsistent, raw_failure};

/// Where to begin: after the last change that is older than any cache may remember, or after ten thousand where there
/// were more since. Read backwards, so it meets no others.
const BEGINNING: &str = "SELECT max(tx_id) FROM (SELECT tx_id, created_at, row_number() OVER (ORDER BY tx_id DESC) AS n \
                         FROM (SELECT tx_id, created_at FROM changes ORDER BY tx_id DESC LIMIT 10001) AS newest) AS c \
                         WHERE n = 10001 OR created_at < now() - $1::float8 * interval '1 second'";

/// Whoever restores a copy draws new epochs; should they forget it, a server that has been started anew has another too.
const EPOCH: &str = "SELECT hashtextextended(concat(pg_postmaster_start_time(), string_agg(feed_epoch::text, ',' ORDER BY id)), 0) \
                     FROM tenants";

/// The table grows from nothing while one plan is in use.
const SETTINGS: &str = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";

/// Reads the table `changes` on a connection of its own.
///
/// A row carries its transaction's number, and a snapshot of Postgres says exactly which transactions it sees: all
/// below `xmax` but those still open. What the next snapshot sees beyond that has been committed in between, in
/// whatever order and however long it took (PostgreSQL documentation, section 9.26.8).
pub struct PgChangeFeed {
    config: DatabaseConfig,
    patience: Duration,
    look_back: Duration,
    following: Option<Following>,
}

struct Following {
    client: Client,
    statement: Statement,
    seen: Snapshot,
}

/// What a statement of Postgres saw.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Snapshot {
    /// All below have ended.
    xmin: i64,
    /// None from here on was seen.
    xmax: i64,
    /// Those in between that had not ended.
    open: Vec<i64>,
}

impl PgChangeFeed {
    /// A feed that gives the database `patience` to answer, and when it begins anew tells what happened in the last
    /// `look_back`. Connects at the first call.
    #[must_use]
    pub fn new(config: DatabaseConfig, patience: Duration, look_back: Duration) -> Self {
        Self { config, patience, look_back, following: None }
    }

    async fn begin(&self) -> Result<(Following, Beginning), StorageFailure> {
        let client = connect_raw(&self.config).await?;
        client.batch_execute(SETTINGS).await.map_err(raw_failure)?;
        let before = client
            .query_one(BEGINNING, &[&self.look_back.as_secs_f64()])
            .await
            .map_err(raw_failure)?
            .get::<_, Option<i64>>(0)
            .unwrap_or_default();
        let epoch: i64 = client.query_one(EPOCH, &[]).await.map_err(raw_failure)?.get(0);
        let statement = client.prepare(include_str!("heard.sql")).await.map_err(raw_failure)?;
        let seen = Snapshot { xmin: before + 1, xmax: before + 1, open: Vec::new() };
        Ok((
            Following { client, statement, seen },
            Beginning { from: number(before + 1), epoch: epoch.cast_unsigned() },
        ))
    }

    async fn ask(&mut self) -> Result<Heard, StorageFailure> {
        let (mut following, anew) = match self.following.take() {
            Some(following) => (following, None),
            None => self.begin().await.map(|(following, from)| (following, Some(from)))?,
        };
        let Following { client, statement, seen } = &mut following;
        let rows = client.query(statement, &[&seen.xmax, &seen.open]).await.map_err(raw_failure)?;
        let mut touched = Vec::with_capacity(rows.len().saturating_sub(1));
        for row in rows {
            match row.get::<_, Option<&str>>(0) {
                Some(text) => {
                    *seen = Snapshot::parse(text)
                        .ok_or_else(|| inconsistent("changes", "tx_id", "not a snapshot of Postgres"))?;
                }
                None => touched.push(one_touched(&row)?),
            }
        }
        let heard = Heard { anew, touched, settled: number(seen.xmin), next: number(seen.xmax) };
        self.following = Some(following);
        Ok(heard)
    }
}

#[async_trait]
impl ChangeFeed for PgChangeFeed {
    async fn hear(&mut self) -> Result<Heard, StorageFailure> {
        let patience = if self.following.is_some() { self.patience } else { self.config.connect_timeout };
        // A call that is given up drops the connection: what comes of it later must not be taken for another's answer.
        tokio::time::timeout(patience, self.ask()).await.map_err(|_elapsed| {
            StorageFailure::Unavailable("the change feed has no answer in time".to_owned())
        })?
    }
}

fn one_touched(row: &Row) -> Result<Touched, StorageFailure> {
    let tenant = TenantId::new(row.get(2));
    match row.get(1) {
        "user" => Ok(Touched::User(tenant, UserId::new(row.get(3)))),
        "map" => Ok(Touched::Map(tenant)),
        "tenant" => Ok(Touched::Tenant(tenant)),
        _ => Err(inconsistent("changes", "entity", "not a kind of change")),
    }
}

impl Snapshot {
    /// `xmin:xmax:open,open…`
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
    fn a_snapshot_is_read_as_postgres_writes_it() {
        let snapshot = |xmin, xmax, open: &[i64]| Some(Snapshot { xmin, xmax, open: open.to_vec() });
        assert_eq!(Snapshot::parse("746:746:"), snapshot(746, 746, &[]));
        assert_eq!(Snapshot::parse("10:20:10,14,15"), snapshot(10, 20, &[10, 14, 15]));
        for bad in ["", "1", "1:2", "a:b:c", "1:2:x"] {
            assert_eq!(Snapshot::parse(bad), None, "{bad}");
        }
    }
}
