use std::time::Duration;

use haat_domain::shared::StorageFailure;

use super::{DatabaseConfig, connect_raw, pending_migrations, raw_failure};

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
    let failure = |error: tokio_postgres::Error| raw_failure(&error);
    let row = client
        .query_one(
            "SELECT pg_encoding_to_char(encoding)::text, datctype::text \
             FROM pg_database WHERE datname = current_database()",
            &[],
        )
        .await
        .map_err(failure)?;
    let encoding: String = row.get(0);
    if encoding != "UTF8" {
        return Err(CheckError::Encoding(encoding));
    }
    let pending = pending_migrations(config).await?;
    if !pending.is_empty() {
        return Err(CheckError::Pending(pending));
    }
    // Ask for what matters instead of guessing from the locale's name.
    let trigrams =
        client.query_one("SELECT cardinality(show_trgm('দোকান')) > 0", &[]).await.map_err(failure)?;
    if !trigrams.get::<_, bool>(0) {
        return Err(CheckError::Ctype(row.get(1)));
    }
    Ok(())
}
