use diesel::pg::Pg;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use haat_domain::shared::StorageFailure;
use tokio_postgres::Client;

use super::{DatabaseConfig, connect_raw, raw_failure};

/// The migrations of this binary.
pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Returns the versions that this binary has and the database lacks: all of them for an empty database.
///
/// # Errors
/// [`StorageFailure`] if they cannot be read.
pub async fn pending_migrations(config: &DatabaseConfig) -> Result<Vec<String>, StorageFailure> {
    pending(&connect_raw(config).await?).await
}

/// The same on an open connection.
pub(super) async fn pending(client: &Client) -> Result<Vec<String>, StorageFailure> {
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
