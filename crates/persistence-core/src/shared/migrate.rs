use std::time::Duration;

use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection as _};
use diesel_migrations::MigrationHarness;
use haat_domain::shared::{Clock, StorageFailure};
use tokio_postgres::Client;

use super::check::check_text;
use super::connect::reason;
use super::pending::MIGRATIONS;
use super::{DatabaseConfig, connect_raw};

/// Advisory lock key of `haat migrate`: concurrent runs wait for each other instead of colliding.
const LOCK: i64 = 0x6861_6174;

/// Interval between attempts to take the lock.
const LOCK_INTERVAL: Duration = Duration::from_millis(200);

const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";
const NO_LOCK_TIMEOUT: &str = "SET lock_timeout = 0";

/// Months ahead for which partitions of the audit log are created.
const AUDIT_MONTHS_AHEAD: i32 = 24;

/// Result of a migration run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The versions applied by this run, in order.
    pub applied: Vec<String>,
    /// The number of monthly audit log partitions created by this run.
    pub audit_partitions: i32,
}

/// Reasons why a migration run stopped. Migrations applied before stay; the failed one is rolled back, and the next run repeats it.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A migration failed, or the applied migrations could not be determined.
    #[error("migration failed: {0}")]
    Failed(String),
    /// PostgreSQL is unavailable.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

fn failed(error: impl std::fmt::Display) -> MigrateError {
    MigrateError::Failed(error.to_string())
}

async fn harness(config: &DatabaseConfig) -> Result<AsyncMigrationHarness<AsyncPgConnection>, MigrateError> {
    let mut connection =
        config.connect().await.map_err(|error| StorageFailure::Unavailable(error.to_string()))?;
    connection.batch_execute(LOCK_TIMEOUT).await.map_err(failed)?;
    Ok(AsyncMigrationHarness::new(connection))
}

/// Returns of each pending migration, in order, whether it runs in a transaction.
fn pending_in_transaction(
    harness: &mut AsyncMigrationHarness<AsyncPgConnection>,
) -> Result<Vec<bool>, MigrateError> {
    let pending = harness.pending_migrations(MIGRATIONS).map_err(failed)?;
    Ok(pending.iter().map(|migration| migration.metadata().run_in_transaction()).collect())
}

async fn with_lock_timeout(
    harness: AsyncMigrationHarness<AsyncPgConnection>,
    timeout: &str,
) -> Result<AsyncMigrationHarness<AsyncPgConnection>, MigrateError> {
    let mut connection = harness.into_inner();
    connection.batch_execute(timeout).await.map_err(failed)?;
    Ok(AsyncMigrationHarness::new(connection))
}

/// Applies every pending migration as the owner, and creates the audit log's partitions for the next two years.
/// Needs a multi-thread runtime: the harness blocks in place.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(config: &DatabaseConfig, clock: &dyn Clock) -> Result<MigrationReport, MigrateError> {
    // No statement timeout: building an index on a large table can take long.
    let config = DatabaseConfig { statement_timeout: Duration::ZERO, ..config.clone() };
    let guard = connect_raw(&config).await?;
    check_text(&guard).await.map_err(failed)?;
    lock(&guard).await.map_err(|error| failed(reason(&error)))?;
    // ALTER TABLE waits for transactions that use the table, and later transactions queue behind it. It is better to fail
    // and be run again than to block a running server.
    guard.batch_execute(LOCK_TIMEOUT).await.map_err(|error| failed(reason(&error)))?;
    let mut harness = harness(&config).await?;
    let mut applied = Vec::new();
    for in_transaction in pending_in_transaction(&mut harness)? {
        let timeout = if in_transaction {
            LOCK_TIMEOUT
        } else {
            drop_invalid_indexes(&guard).await.map_err(|error| failed(reason(&error)))?;
            // CREATE INDEX CONCURRENTLY waits for transactions, but blocks none.
            NO_LOCK_TIMEOUT
        };
        harness = with_lock_timeout(harness, timeout).await?;
        applied.push(harness.run_next_migration(MIGRATIONS).map_err(failed)?.to_string());
    }
    let row = guard
        .query_one(
            "SELECT make_audit_partitions($1, $2)",
            &[&clock.now().date_naive(), &(AUDIT_MONTHS_AHEAD + 1)],
        )
        .await
        .map_err(|error| failed(reason(&error)))?;
    // A new version may declare other times for a schedule.
    let wake = "UPDATE schedules SET wake_at = haat_now()";
    guard.batch_execute(wake).await.map_err(|error| failed(reason(&error)))?;
    Ok(MigrationReport { applied, audit_partitions: row.get(0) })
}

/// Waits until no other run holds the lock. Not in one statement: CREATE INDEX CONCURRENTLY of the other run would wait for it,
/// and it for that run.
async fn lock(guard: &Client) -> Result<(), tokio_postgres::Error> {
    loop {
        let locked: bool = guard.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?.get(0);
        if locked {
            return Ok(());
        }
        tokio::time::sleep(LOCK_INTERVAL).await;
    }
}

/// Drops indexes whose CREATE INDEX CONCURRENTLY failed: PostgreSQL leaves them, invalid, under their names, and the migration runs
/// again. (The index of a partitioned table is invalid until each partition has one.)
async fn drop_invalid_indexes(guard: &Client) -> Result<(), tokio_postgres::Error> {
    let invalid = "SELECT format('DROP INDEX %s', i.indexrelid::regclass) FROM pg_index AS i \
                   JOIN pg_class AS c ON c.oid = i.indexrelid \
                   WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = current_schema::regnamespace";
    for row in guard.query(invalid, &[]).await? {
        guard.batch_execute(row.get(0)).await?;
    }
    Ok(())
}

/// Applies the next pending migration, for tests of migrations. Returns `None` if there is none.
///
/// # Errors
/// [`MigrateError`].
pub async fn run_next(config: &DatabaseConfig) -> Result<Option<String>, MigrateError> {
    let mut harness = harness(config).await?;
    if !harness.has_pending_migration(MIGRATIONS).map_err(failed)? {
        return Ok(None);
    }
    Ok(Some(harness.run_next_migration(MIGRATIONS).map_err(failed)?.to_string()))
}

/// Reverts the last migration.
///
/// # Errors
/// [`MigrateError`].
pub async fn revert_last(config: &DatabaseConfig) -> Result<String, MigrateError> {
    let mut harness = harness(config).await?;
    Ok(harness.revert_last_migration(MIGRATIONS).map_err(failed)?.to_string())
}

/// Reverts every migration, newest first.
///
/// # Errors
/// [`MigrateError`].
pub async fn revert_all(config: &DatabaseConfig) -> Result<(), MigrateError> {
    let mut harness = harness(config).await?;
    harness.revert_all_migrations(MIGRATIONS).map_err(failed)?;
    Ok(())
}
