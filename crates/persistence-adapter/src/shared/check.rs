use std::time::Duration;

use haat_domain::shared::StorageFailure;
use tokio_postgres::Client;

use super::migrate::pending;
use super::{DatabaseConfig, connect_raw, raw_failure};

/// How long the whole check may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What makes a database unfit to serve from, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The text encoding is not UTF-8.
    #[error(
        "the database's encoding is {0}, so Bangla cannot be stored. Make a new one and load the data into it: \
         CREATE DATABASE haat TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )]
    Encoding(String),
    /// `pg_trgm` takes Bangla letters for blanks under this `LC_CTYPE`.
    #[error(
        "the database's LC_CTYPE is {0}, under which a search finds nothing in Bangla. Make a new one and load the \
         data into it: CREATE DATABASE haat TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )]
    Ctype(String),
    /// The server would have rights that it must not have.
    #[error(
        "DATABASE_URL connects as a role that owns the tables, so the server could alter them and the audit log; use \
         the role haat_app"
    )]
    Owner,
    /// The schema is older than this binary.
    #[error("the database lacks {} migration(s); run `haat migrate` as its owner", .0.len())]
    Pending(Vec<String>),
    /// Postgres could not say.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Checks once, at start, that the database can hold and search Bangla and has the schema of this binary.
///
/// # Errors
/// [`CheckError`].
pub async fn check_database(config: &DatabaseConfig) -> Result<(), CheckError> {
    let silent =
        |_elapsed| StorageFailure::Unavailable("the database accepts connections and says nothing".into());
    tokio::time::timeout(PATIENCE, check(config)).await.map_err(silent)?
}

async fn check(config: &DatabaseConfig) -> Result<(), CheckError> {
    let client = connect_raw(config).await?;
    check_text(&client).await?;
    nothing_pending(&client).await?;
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
    nothing_pending(&connect_raw(config).await?).await
}

async fn nothing_pending(client: &Client) -> Result<(), CheckError> {
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
    // Ask for what matters instead of guessing from the locale's name: pg_trgm takes for a letter what a regular
    // expression does.
    let letter = client.query_one("SELECT 'দ' ~ '^[[:alpha:]]$'", &[]).await.map_err(raw_failure)?;
    if letter.get(0) { Ok(()) } else { Err(CheckError::Ctype(row.get(1))) }
}
