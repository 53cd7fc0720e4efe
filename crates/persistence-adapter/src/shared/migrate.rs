use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use haat_domain::shared::{Clock, StorageFailure};
use tokio_postgres::Client;

use super::check::check_text;
use super::connect::reason;
use super::{DatabaseConfig, connect_raw, raw_failure};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// One key for all of Haat: two `haat migrate` at once wait for each other instead of colliding.
const LOCK: i64 = 0x6861_6174;

const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";

/// The log is cut by month; so many months are made ahead.
const AUDIT_MONTHS_AHEAD: i32 = 24;

/// What a migration run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The versions applied now, in order.
    pub applied: Vec<String>,
    /// Monthly partitions of the audit log made now.
    pub audit_partitions: i32,
}

/// Why a migration run stopped. What was applied before stays; the one that failed left nothing.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A migration failed, or the harness could not tell what is applied.
    #[error("migration failed: {0}")]
    Failed(String),
    /// Postgres could not be reached.
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

/// Applies every pending migration as the owner, and makes the audit log's partitions for the next two years.
/// Needs a multi-thread runtime: the harness blocks in place.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(config: &DatabaseConfig, clock: &dyn Clock) -> Result<MigrationReport, MigrateError> {
    // Building an index on a large table takes as long as it takes.
    let config = DatabaseConfig { statement_timeout: std::time::Duration::ZERO, ..config.clone() };
    let guard = connect_raw(&config).await?;
    check_text(&guard).await.map_err(failed)?;
    guard.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(|error| failed(reason(&error)))?;
    // A change of a table waits for whoever uses it, and everybody else waits behind the change. Better to fail and be
    // run again than to stop a server that works.
    guard.batch_execute(LOCK_TIMEOUT).await.map_err(|error| failed(reason(&error)))?;
    let mut harness = harness(&config).await?;
    let applied = harness.run_pending_migrations(MIGRATIONS).map_err(failed)?;
    let applied = applied.iter().map(ToString::to_string).collect();
    let row = guard
        .query_one(
            "SELECT make_audit_partitions($1, $2)",
            &[&clock.now().date_naive(), &(AUDIT_MONTHS_AHEAD + 1)],
        )
        .await
        .map_err(|error| failed(reason(&error)))?;
    Ok(MigrationReport { applied, audit_partitions: row.get(0) })
}

/// The versions that this binary knows and the database does not have. An empty database has none of them.
///
/// # Errors
/// [`StorageFailure`] when Postgres could not say.
pub async fn pending_migrations(config: &DatabaseConfig) -> Result<Vec<String>, StorageFailure> {
    pending(&connect_raw(config).await?).await
}

/// The same on a connection that is there.
pub(crate) async fn pending(client: &Client) -> Result<Vec<String>, StorageFailure> {
    use diesel::migration::MigrationSource as _;
    let known: Vec<Box<dyn diesel::migration::Migration<Pg>>> =
        MIGRATIONS.migrations().map_err(|error| StorageFailure::Broken(error.to_string()))?;
    let table = client
        .query_one("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL", &[])
        .await
        .map_err(raw_failure)?;
    let applied: Vec<String> = if table.get(0) {
        let rows = client
            .query("SELECT version::text FROM __diesel_schema_migrations", &[])
            .await
            .map_err(raw_failure)?;
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        Vec::new()
    };
    let known = known.iter().map(|migration| migration.name().version().to_string());
    Ok(known.filter(|version| !applied.contains(version)).collect())
}

/// Applies the next pending migration, for tests of migrations. `None` when there is none.
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

/// Takes the last migration back.
///
/// # Errors
/// [`MigrateError`].
pub async fn revert_last(config: &DatabaseConfig) -> Result<String, MigrateError> {
    let mut harness = harness(config).await?;
    Ok(harness.revert_last_migration(MIGRATIONS).map_err(failed)?.to_string())
}

/// Takes every migration back, newest first.
///
/// # Errors
/// [`MigrateError`].
pub async fn revert_all(config: &DatabaseConfig) -> Result<(), MigrateError> {
    let mut harness = harness(config).await?;
    harness.revert_all_migrations(MIGRATIONS).map_err(failed)?;
    Ok(())
}
