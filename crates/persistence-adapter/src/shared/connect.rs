use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use haat_domain::shared::StorageFailure;
use tokio_postgres::{Client, NoTls};

/// How to reach Postgres.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: String,
    /// The most connections one process opens.
    pub pool_size: usize,
    /// How long a request waits for a free connection, and for a new one to be made.
    pub connect_timeout: Duration,
    /// After this long Postgres itself gives a statement up. Zero: never.
    pub statement_timeout: Duration,
}

impl DatabaseConfig {
    /// The defaults of `haat serve` for a database.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
        }
    }

    fn parse(&self) -> Result<tokio_postgres::Config, tokio_postgres::Error> {
        let mut config: tokio_postgres::Config = self.url.parse()?;
        config.connect_timeout(self.connect_timeout);
        // A peer that vanished without a word is noticed in about half a minute instead of hours.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        if config.get_application_name().is_none() {
            config.application_name("haat");
        }
        let options = config.get_options().unwrap_or_default().to_owned();
        config.options(format!(
            "{options} -c statement_timeout={}",
            self.statement_timeout.as_millis()
        ));
        Ok(config)
    }

    /// A connection for diesel.
    pub(crate) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        let config = self
            .parse()
            .map_err(|error| ConnectionError::InvalidConnectionUrl(error.to_string()))?;
        let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(reason(&error));
        let (client, connection) = config.connect(NoTls).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
}

/// A connection outside the pool, for what diesel has no words for (COPY). It closes when dropped.
pub(crate) async fn connect_raw(config: &DatabaseConfig) -> Result<Client, StorageFailure> {
    let unavailable = |error: tokio_postgres::Error| StorageFailure::Unavailable(reason(&error));
    let parsed = config.parse().map_err(unavailable)?;
    let (client, connection) = parsed.connect(NoTls).await.map_err(unavailable)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a database connection ended");
        }
    });
    Ok(client)
}

/// The whole chain of causes: tokio-postgres says only "db error" or "error connecting to server" by itself.
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
