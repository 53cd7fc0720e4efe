use std::sync::LazyLock;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use haat_domain::shared::StorageFailure;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A pooled connection.
pub(crate) type Connection = Object<AsyncPgConnection>;

/// Connection settings for PostgreSQL.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: String,
    /// The most connections one process opens.
    pub pool_size: usize,
    /// Limit on the wait for a free connection, and again on opening a new one.
    pub connect_timeout: Duration,
    /// Time after which PostgreSQL cancels a statement. Zero: never.
    pub statement_timeout: Duration,
    /// The workload that statements are planned for.
    pub planning: PlanMode,
}

/// The workload that statements are planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanMode {
    /// Requests: few rows each.
    FewRows,
    /// Jobs: a million rows each.
    ManyRows,
}

impl PlanMode {
    const fn settings(self) -> &'static str {
        match self {
            // Every statement looks up evenly distributed keys, so one plan fits all values, and planning a join of six
            // tables takes longer than running it. By default PostgreSQL would plan each LIMIT $n anew.
            Self::FewRows => "-c plan_cache_mode=force_generic_plan",
            // PostgreSQL has no statistics on rows staged a moment ago, expects few, and would scan all of them for each
            // row: 100,000 rows did not finish in any acceptable time.
            Self::ManyRows => "-c plan_cache_mode=force_custom_plan -c enable_nestloop=off -c work_mem=64MB",
        }
    }
}

/// Time beyond the statement timeout that the client waits: what a healthy server needs to report the cancellation.
const GRACE: Duration = Duration::from_secs(1);

/// Limit on how long sent bytes may stay unacknowledged. Keep-alive does not run meanwhile.
const ACK_TIMEOUT: Duration = Duration::from_secs(10);

impl DatabaseConfig {
    /// Returns the defaults of `haat serve` for a database.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
            planning: PlanMode::FewRows,
        }
    }

    /// Checks that the URL is complete.
    ///
    /// # Errors
    /// The reason, without the URL itself.
    pub fn check(&self) -> Result<(), String> {
        self.parse().map(|_| ()).map_err(|error| reason(&error))
    }

    /// Returns the limit on the wait for a result, or `None` without a statement timeout.
    pub(crate) fn response_timeout(&self) -> Option<Duration> {
        (!self.statement_timeout.is_zero()).then(|| self.statement_timeout + GRACE)
    }

    fn parse(&self) -> Result<tokio_postgres::Config, ConfigError> {
        let mut config: tokio_postgres::Config = self.url.parse()?;
        if config.get_ssl_mode() == SslMode::Require {
            tls()?;
        }
        config.connect_timeout(self.connect_timeout);
        config.tcp_user_timeout(ACK_TIMEOUT);
        // A peer that vanished on an idle connection is noticed in about half a minute instead of hours.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        if config.get_application_name().is_none() {
            config.application_name("haat");
        }
        let options = config.get_options().unwrap_or_default().to_owned();
        let milliseconds = self.statement_timeout.as_millis();
        config.options(format!("{options} -c statement_timeout={milliseconds}"));
        Ok(config)
    }

    /// Opens a connection for diesel.
    pub(crate) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        let mut config =
            self.parse().map_err(|error| ConnectionError::InvalidConnectionUrl(error.to_string()))?;
        let options = config.get_options().unwrap_or_default().to_owned();
        config.options(format!("{options} {}", self.planning.settings()));
        let connecting = async {
            let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(reason(&error));
            if config.get_ssl_mode() == SslMode::Require {
                let tls = tls().map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
                let (client, connection) = config.connect(tls).await.map_err(bad)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            } else {
                let (client, connection) = config.connect(NoTls).await.map_err(bad)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
        };
        // The library's own `connect_timeout` covers the socket and not the handshake on it.
        tokio::time::timeout(self.connect_timeout, connecting)
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?
    }
}

/// Reasons why a database URL cannot be used.
#[derive(Debug, thiserror::Error)]
enum ConfigError {
    #[error(transparent)]
    Url(#[from] tokio_postgres::Error),
    #[error(
        "no root certificates to verify PostgreSQL's certificate ({0}): set SSL_CERT_FILE to a file with them"
    )]
    Certificates(String),
}

/// Returns the TLS connector. With `sslmode=require` the server's name and certificate are always verified against the
/// system's root certificates or those in `SSL_CERT_FILE` (PostgreSQL's `verify-full`): an unverified connection can be
/// intercepted.
fn tls() -> Result<MakeRustlsConnect, ConfigError> {
    static TLS: LazyLock<Result<MakeRustlsConnect, String>> = LazyLock::new(|| {
        let connector = MakeRustlsConnect::with_native_certs().map(|(tls, _unreadable)| tls);
        connector.map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    });
    TLS.clone().map_err(ConfigError::Certificates)
}

/// Opens a connection outside the pool, for what diesel cannot express (COPY). It closes when dropped.
///
/// # Errors
/// [`StorageFailure`]; an invalid URL is [`StorageFailure::Broken`].
pub async fn connect_raw(config: &DatabaseConfig) -> Result<Client, StorageFailure> {
    let parsed = config.parse().map_err(|error| StorageFailure::Broken(reason(&error)))?;
    let connecting = async {
        if parsed.get_ssl_mode() == SslMode::Require {
            let tls = tls().map_err(|error| StorageFailure::Broken(error.to_string()))?;
            let (client, connection) = parsed.connect(tls).await.map_err(raw_failure)?;
            tokio::spawn(run(connection));
            Ok(client)
        } else {
            let (client, connection) = parsed.connect(NoTls).await.map_err(raw_failure)?;
            tokio::spawn(run(connection));
            Ok(client)
        }
    };
    tokio::time::timeout(config.connect_timeout, connecting)
        .await
        .map_err(|error| StorageFailure::Unavailable(error.to_string()))?
}

/// Drives a connection until it ends.
async fn run(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a database connection was closed");
    }
}

/// Converts an error of a connection outside the pool.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "used in `map_err`")]
pub fn raw_failure(error: tokio_postgres::Error) -> StorageFailure {
    // Classes of SQLSTATE, PostgreSQL documentation, appendix A: connection, resources, intervention; rollback.
    let class = error.code().and_then(|code| code.code().get(..2));
    match class {
        None | Some("08" | "53" | "57") => StorageFailure::Unavailable(reason(&error)),
        Some("40") => StorageFailure::Contended(reason(&error)),
        Some(_) => StorageFailure::Broken(reason(&error)),
    }
}

/// Returns the whole chain of causes: tokio-postgres alone reports only "db error" or "error connecting to server".
pub(crate) fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
