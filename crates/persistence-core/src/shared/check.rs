use std::time::Duration;

use haat_domain::shared::StorageFailure;
use tokio_postgres::Client;

use super::pending::pending;
use super::{DatabaseConfig, connect_raw, raw_failure};

/// Time limit of the whole check.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reasons why a database cannot be served from, each with its remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The text encoding is not UTF-8.
    #[error(
        "the database's encoding is {0}, so Bangla cannot be stored. Create a new database and load the data into it: \
         CREATE DATABASE haat TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )]
    Encoding(String),
    /// `pg_trgm` treats Bangla letters as blanks under this `LC_CTYPE`.
    #[error(
        "the database's LC_CTYPE is {0}, under which a search finds nothing in Bangla. Create a new database and load \
         the data into it: CREATE DATABASE haat TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )]
    Ctype(String),
    /// The server would have privileges that it must not have.
    #[error(
        "DATABASE_URL connects as a role that owns the tables, so the server could alter them and the audit log; use \
         the role haat_app"
    )]
    Owner,
    /// The schema is older than this binary.
    #[error("the database lacks {} migration(s); run `haat migrate` as its owner", .0.len())]
    Pending(Vec<String>),
    /// The check itself failed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Checks once, at start, that the database can hold and search Bangla and has the schema of this binary.
///
/// # Errors
/// [`CheckError`].
pub async fn check_database(config: &DatabaseConfig) -> Result<(), CheckError> {
    let timed_out = |_elapsed| {
        StorageFailure::Unavailable("the database accepts connections but does not respond".into())
    };
    tokio::time::timeout(TIMEOUT, check(config)).await.map_err(timed_out)?
}

async fn check(config: &DatabaseConfig) -> Result<(), CheckError> {
    let client = connect_raw(config).await?;
    check_text(&client).await?;
    require_migrated(&client).await?;
    let owner = client
        .query_one(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'audit_logs'::regclass",
            &[],
        )
        .await
        .map_err(raw_failure)?;
    if owner.get(0) { Err(CheckError::Owner) } else { Ok(()) }
}

/// Checks that the schema is that of this binary.
///
/// # Errors
/// [`CheckError`].
pub async fn check_migrated(config: &DatabaseConfig) -> Result<(), CheckError> {
    require_migrated(&connect_raw(config).await?).await
}

async fn require_migrated(client: &Client) -> Result<(), CheckError> {
    let pending = pending(client).await?;
    if pending.is_empty() { Ok(()) } else { Err(CheckError::Pending(pending)) }
}

/// Checks that Bangla can be stored and searched.
pub(crate) async fn check_text(client: &Client) -> Result<(), CheckError> {
    let row = client
        .query_one(
            "SELECT pg_encoding_to_char(encoding)::text, datctype::text \
             FROM pg_database WHERE datname = current_database()",
            &[],
        )
        .await
        .map_err(raw_failure)?;
    let encoding: String = row.get(0);
    if encoding != "UTF8" {
        return Err(CheckError::Encoding(encoding));
    }
    // Test the behaviour instead of guessing from the locale's name: pg_trgm treats the same characters as letters as a
    // regular expression does.
    let letter = client.query_one("SELECT 'দ' ~ '^[[:alpha:]]$'", &[]).await.map_err(raw_failure)?;
    if letter.get(0) { Ok(()) } else { Err(CheckError::Ctype(row.get(1))) }
}
