//! Retention of rows that need nothing but a statement to end.

use std::time::Duration;

use async_trait::async_trait;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Double, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use haat_domain::job::{DueRows, PartitionWriter, RetentionPolicy, RetentionRule, days};
use haat_domain::shared::StorageFailure;

use crate::PgDatabase;

/// The pause after a batch, for other work.
const PAUSE: Duration = Duration::from_millis(20);

/// Rows of one table that end at an age.
#[derive(Debug, Clone, Copy)]
pub struct RetainedRows {
    /// The rule.
    pub rule: RetentionRule,
    /// The table. Its alias in the other members is `t`.
    pub table: &'static str,
    /// The time from which the age of a row counts. An index should have this order.
    pub since: &'static str,
    /// The rows, by a further condition.
    pub only: &'static str,
    /// Their end.
    pub end: RowEnd,
    /// True if the server's role may change rows of the table. Locked rows are then skipped; rows that are never changed are not
    /// locked by anyone.
    pub can_lock: bool,
    /// The name of the file that belongs to a row.
    pub file: Option<&'static str>,
    /// Further parts of the statement, from a comma on, for rows of other tables: `ended` has the tenants and ids of the rows.
    pub also: &'static str,
    /// The number of rows of one transaction.
    pub batch: u16,
}

impl RetainedRows {
    /// Returns rows that are deleted, 5,000 in one transaction.
    #[must_use]
    pub const fn new(rule: RetentionRule, table: &'static str, since: &'static str) -> Self {
        let (only, end, also) = ("true", RowEnd::Delete, "");
        Self { rule, table, since, only, end, can_lock: true, file: None, also, batch: 5_000 }
    }
}

/// The end of rows that are too old.
#[derive(Debug, Clone, Copy)]
pub enum RowEnd {
    /// They are deleted.
    Delete,
    /// They are changed by these assignments, after which they no longer match.
    Set(&'static str),
}

/// The rows of the contexts of this crate.
pub static RETAINED: [RetainedRows; 5] = [
    RetainedRows {
        // The index of the transaction has the order of time, nearly. Without this limit each look would read the whole table.
        only: "t.tx_id <= (SELECT max(first.tx_id) FROM \
               (SELECT tx_id, created_at FROM changes ORDER BY tx_id LIMIT 5000) AS first \
                WHERE first.created_at < haat_now() - $1 * interval '1 second')",
        can_lock: false,
        // Caches look back ten minutes.
        ..RetainedRows::new(
            RetentionRule::new("changes", days(1), Duration::from_hours(1)),
            "changes",
            "t.created_at",
        )
    },
    RetainedRows {
        can_lock: false,
        // The API promises a day.
        ..RetainedRows::new(
            RetentionRule::new("idempotency-keys", days(1), days(1)),
            "idempotency_keys",
            "t.created_at",
        )
    },
    RetainedRows {
        only: "t.state = 'succeeded' AND NOT t.payload ? 'file'",
        ..RetainedRows::new(RetentionRule::new("jobs", days(7), days(1)), "jobs", "t.finished_at")
    },
    RetainedRows {
        only: "t.state = 'succeeded' AND t.payload ? 'file'",
        file: Some(FILE),
        ..RetainedRows::new(RetentionRule::new("file-jobs", days(90), days(7)), "jobs", "t.finished_at")
    },
    RetainedRows {
        only: "t.state IN ('failed', 'cancelled')",
        file: Some(FILE),
        ..RetainedRows::new(RetentionRule::new("failed-jobs", days(90), days(7)), "jobs", "t.finished_at")
    },
];

/// The name of the file of a job.
const FILE: &str = "t.payload ->> 'file'";

/// Builds a statement from the parts of a policy. Parameters: $1 the time that rows are kept, in seconds, $2 the largest number of rows.
struct Retain {
    rows: &'static RetainedRows,
    work: Work,
    keep: f64,
    limit: i64,
}

#[derive(Clone, Copy)]
enum Work {
    /// Selects the number of old rows, and the age of the oldest in seconds.
    Measure,
    /// Selects the files of the rows that end next.
    Files,
    /// Ends rows and selects their number.
    End,
}

impl QueryId for Retain {
    type QueryId = ();
    // The text differs between policies.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Retain {
    type SqlType = (BigInt, Nullable<Double>, Nullable<Text>);
}

impl<C> diesel::RunQueryDsl<C> for Retain {}

impl QueryFragment<Pg> for Retain {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let RetainedRows { table, since, only, end, can_lock, file, also, .. } = self.rows;
        out.push_sql("WITH params AS (SELECT ");
        out.push_bind_param::<Double, _>(&self.keep)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql("), old AS (SELECT t.ctid, ");
        out.push_sql(since);
        out.push_sql(" AS since, ");
        out.push_sql(file.unwrap_or("NULL"));
        for part in [" AS file FROM ", table, " AS t WHERE ", since] {
            out.push_sql(part);
        }
        for part in [" < haat_now() - $1 * interval '1 second' AND ", only] {
            out.push_sql(part);
        }
        if !matches!(self.work, Work::Measure) {
            for part in [" ORDER BY ", since, " LIMIT $2"] {
                out.push_sql(part);
            }
        }
        if matches!(self.work, Work::End) && *can_lock {
            out.push_sql(" FOR UPDATE OF t SKIP LOCKED");
        }
        match self.work {
            Work::Measure => {
                out.push_sql(
                    ") SELECT count(*), extract(epoch FROM haat_now() - min(since))::float8, NULL::text FROM old",
                );
            }
            Work::Files => {
                out.push_sql(") SELECT 0::bigint, NULL::float8, file FROM old WHERE file IS NOT NULL");
            }
            Work::End => {
                let (verb, set) = match end {
                    RowEnd::Delete => ("DELETE FROM ", ""),
                    RowEnd::Set(assignments) => ("UPDATE ", *assignments),
                };
                for part in ["), ended AS (", verb, table, " AS t"] {
                    out.push_sql(part);
                }
                if !set.is_empty() {
                    out.push_sql(" SET ");
                    out.push_sql(set);
                }
                out.push_sql(" WHERE t.ctid = ANY (ARRAY(SELECT ctid FROM old)) RETURNING ");
                out.push_sql(if also.is_empty() { "1" } else { "t.tenant_id, t.id" });
                for part in [")", also, " SELECT count(*), NULL::float8, NULL::text FROM ended"] {
                    out.push_sql(part);
                }
            }
        }
        Ok(())
    }
}

/// The policy of one kind of rows.
pub struct RowRetention {
    db: PgDatabase,
    rows: &'static RetainedRows,
}

impl RowRetention {
    /// Builds a policy.
    #[must_use]
    pub const fn new(db: PgDatabase, rows: &'static RetainedRows) -> Self {
        Self { db, rows }
    }

    async fn run(&self, work: Work, keep: Duration) -> Result<Vec<RetainRow>, StorageFailure> {
        let limit = self.rows.batch.into();
        let retain = Retain { rows: self.rows, work, keep: keep.as_secs_f64(), limit };
        self.db.query(async |connection| retain.load(connection).await).await
    }
}

/// A row of [`Retain`].
type RetainRow = (i64, Option<f64>, Option<String>);

#[async_trait]
impl RetentionPolicy for RowRetention {
    fn rule(&self) -> &'static RetentionRule {
        &self.rows.rule
    }

    async fn due(&self, keep: Duration) -> Result<DueRows, StorageFailure> {
        let rows = self.run(Work::Measure, keep).await?;
        let (count, seconds, _) = rows.into_iter().next().unwrap_or_default();
        let oldest = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Ok(DueRows { rows: u64::try_from(count).unwrap_or_default(), oldest })
    }

    async fn files(&self, keep: Duration) -> Result<Vec<String>, StorageFailure> {
        if self.rows.file.is_none() {
            return Ok(Vec::new());
        }
        let rows = self.run(Work::Files, keep).await?;
        Ok(rows.into_iter().filter_map(|(_, _, file)| file).collect())
    }

    async fn prune(&self, keep: Duration) -> Result<u64, StorageFailure> {
        let rows = self.run(Work::End, keep).await?;
        let ended =
            rows.into_iter().next().map_or(0, |(count, _, _)| u64::try_from(count).unwrap_or_default());
        if ended > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(ended)
    }
}

#[async_trait]
impl PartitionWriter for PgDatabase {
    async fn add_partitions(&self) -> Result<u32, StorageFailure> {
        let add = diesel::select(diesel::dsl::sql::<Integer>("add_audit_partitions()"));
        let added: i32 = self.query(async |connection| add.get_result(connection).await).await?;
        Ok(u32::try_from(added).unwrap_or_default())
    }
}
