use std::time::Duration;

use haat_persistence_adapter::DatabaseConfig;
use url::Url;

use super::Problems;
use super::problems::non_empty;

#[derive(Debug, clap::Args)]
pub(crate) struct AppDatabaseArgs {
    /// PostgreSQL, as the role haat_app: postgres://haat_app:PASSWORD@HOST:5432/haat; ?sslmode=require turns TLS on
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Maximum number of connections to PostgreSQL for requests
    #[arg(long, env = "HAAT_DATABASE_POOL", default_value = "16", value_name = "N")]
    database_pool: String,
    /// Timeout for a request that waits for a connection, in milliseconds
    #[arg(long, env = "HAAT_DATABASE_CONNECT_TIMEOUT_MS", default_value = "2000", value_name = "MS")]
    database_connect_timeout_ms: String,
    /// Timeout after which PostgreSQL cancels a statement, in milliseconds; 0 means never
    #[arg(long, env = "HAAT_DATABASE_STATEMENT_TIMEOUT_MS", default_value = "10000", value_name = "MS")]
    database_statement_timeout_ms: String,
}

impl AppDatabaseArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> DatabaseConfig {
        let pool = problems.number("HAAT_DATABASE_POOL", &self.database_pool, 1, 1_000);
        let connect =
            problems.number("HAAT_DATABASE_CONNECT_TIMEOUT_MS", &self.database_connect_timeout_ms, 1, 60_000);
        let statement = problems.number(
            "HAAT_DATABASE_STATEMENT_TIMEOUT_MS",
            &self.database_statement_timeout_ms,
            0,
            3_600_000,
        );
        let settings = DatabaseConfig {
            pool_size: usize::try_from(pool).unwrap_or(16),
            connect_timeout: Duration::from_millis(connect),
            statement_timeout: Duration::from_millis(statement),
            ..DatabaseConfig::new("")
        };
        with_url("DATABASE_URL", self.database_url, settings, problems)
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct OwnerDatabaseArgs {
    /// PostgreSQL, as the role that owns the tables: postgres://haat_owner:PASSWORD@HOST:5432/haat
    #[arg(long, env = "HAAT_OWNER_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    owner_database_url: Option<String>,
}

impl OwnerDatabaseArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> DatabaseConfig {
        with_url("HAAT_OWNER_DATABASE_URL", self.owner_database_url, DatabaseConfig::new(""), problems)
    }
}

/// Validates the URL and adds it to the settings. Errors do not repeat the URL, because it contains a password.
fn with_url(
    name: &str,
    text: Option<String>,
    settings: DatabaseConfig,
    problems: &mut Problems,
) -> DatabaseConfig {
    let Some(text) = non_empty(text) else {
        problems.note(name, "is required, for example postgres://user:password@127.0.0.1:5432/haat");
        return settings;
    };
    let settings = DatabaseConfig { url: text, ..settings };
    match Url::parse(&settings.url) {
        Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") && url.has_host() => {
            problems.check(name, settings.check());
        }
        Ok(_) => problems.note(name, "must look like postgres://user:password@host:5432/database"),
        Err(error) => problems.note(
            name,
            format!("is not a URL: {error} (percent-encode reserved characters in the password)"),
        ),
    }
    settings
}
