use std::sync::LazyLock;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use haat_domain::shared::StorageFailure;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How to reach Postgres.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/database`.
    pub url: String,
    /// The most connections one process opens.
    pub pool_size: usize,
    /// How long a request waits for a free connection, and again for a new one to be made.
    pub connect_timeout: Duration,
    /// After this long Postgres itself gives a statement up. Zero: never.
    pub statement_timeout: Duration,
    /// What its statements are planned for.
    pub planning: Planning,
}

/// What statements are planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planning {
    /// Requests, which concern few rows each.
    FewRows,
    /// Jobs, which concern a million.
    ManyRows,
}

impl Planning {
    const fn settings(self) -> &'static str {
        match self {
            // Every statement is reached by keys that are spread evenly, so one plan is right for all values, and
            // planning a join of six tables takes longer than running it. Postgres by itself would plan anew at each
            // LIMIT $n.
            Self::FewRows => "-c plan_cache_mode=force_generic_plan",
            // Of rows that were staged a moment ago Postgres knows nothing and expects few, and would go through all of
            // them once for each: 100,000 rows took longer than anybody waited.
            Self::ManyRows => "-c plan_cache_mode=force_custom_plan -c enable_nestloop=off -c work_mem=64MB",
        }
    }
}

/// How much longer than Postgres we wait for an answer: what a Postgres that works needs to tell that it gave up.
const GRACE: Duration = Duration::from_secs(1);

/// How long sent bytes may stay unacknowledged. Keep-alive does not run meanwhile.
const SILENCE: Duration = Duration::from_secs(10);

impl DatabaseConfig {
    /// The defaults of `haat serve` for a database.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
            planning: Planning::FewRows,
        }
    }

    /// Whether the URL says all that is needed.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it.
    pub fn check(&self) -> Result<(), String> {
        self.parse().map(|_| ()).map_err(|error| reason(&error))
    }

    /// How long to wait for the answer to a statement; none where Postgres may take for ever.
    pub(crate) fn patience(&self) -> Option<Duration> {
        (!self.statement_timeout.is_zero()).then(|| self.statement_timeout + GRACE)
    }

    fn parse(&self) -> Result<tokio_postgres::Config, ConfigError> {
        let mut config: tokio_postgres::Config = self.url.parse()?;
        if config.get_ssl_mode() == SslMode::Require {
            tls()?;
        }
        config.connect_timeout(self.connect_timeout);
        config.tcp_user_timeout(SILENCE);
        // A peer that vanished while nothing was under way is noticed in about half a minute instead of hours.
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

    /// A connection for diesel.
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
        // The library's own `connect_timeout` covers the socket and not what is said on it afterwards.
        tokio::time::timeout(self.connect_timeout, connecting)
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?
    }
}

/// Why a database URL cannot be used.
#[derive(Debug, thiserror::Error)]
enum ConfigError {
    #[error(transparent)]
    Url(#[from] tokio_postgres::Error),
    #[error(
        "there are no certificates to check that of PostgreSQL by ({0}): name a file of them in SSL_CERT_FILE"
    )]
    Certificates(String),
}

/// What is needed for a connection that others cannot listen to. With `sslmode=require` the name and the certificate of the
/// server are always checked, by the system's certificates or those that `SSL_CERT_FILE` names; what is not checked can be
/// listened to as well (PostgreSQL's `verify-full`).
fn tls() -> Result<MakeRustlsConnect, ConfigError> {
    static TLS: LazyLock<Result<MakeRustlsConnect, String>> = LazyLock::new(|| {
        let made = MakeRustlsConnect::with_native_certs().map(|(tls, _unreadable)| tls);
        made.map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    });
    TLS.clone().map_err(ConfigError::Certificates)
}

/// A connection outside the pool, for what diesel has no words for (COPY). It closes when dropped.
pub(crate) async fn connect_raw(config: &DatabaseConfig) -> Result<Client, StorageFailure> {
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

/// Carries what is said on a connection, until it ends.
async fn run(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a database connection ended");
    }
}

/// Says in the domain's words what happened on a connection outside the pool.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub(crate) fn raw_failure(error: tokio_postgres::Error) -> StorageFailure {
    // Classes of SQLSTATE, PostgreSQL documentation, appendix A: connection, resources, intervention; rollback.
    let class = error.code().and_then(|code| code.code().get(..2));
    match class {
        None | Some("08" | "53" | "57") => StorageFailure::Unavailable(reason(&error)),
        Some("40") => StorageFailure::Contended(reason(&error)),
        Some(_) => StorageFailure::Broken(reason(&error)),
    }
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
