use tracing_subscriber::EnvFilter;

use super::problems::non_empty;
use super::{Environment, Problems};

/// Excludes actix's messages about its start and about clients that do not speak HTTP.
const DEFAULT: &str = "info,actix_server=warn,actix_http=off";

#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    /// Log filter, as tracing directives: info, or info,haat_http_core=debug
    #[arg(long = "log", env = "HAAT_LOG", default_value = DEFAULT, value_name = "FILTER")]
    filter: String,
    /// `text` or `json`; by default text in development and json in production
    #[arg(long, env = "HAAT_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<String>,
}

/// The format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// The settings of the log.
#[derive(Debug)]
pub(crate) struct LogConfig {
    pub(crate) filter: EnvFilter,
    pub(crate) format: LogFormat,
}

impl LogArgs {
    pub(crate) fn parse(self, environment: Environment, problems: &mut Problems) -> LogConfig {
        let filter = problems.check("HAAT_LOG", EnvFilter::try_new(&self.filter)).unwrap_or_default();
        let format = match (non_empty(self.log_format).as_deref(), environment) {
            (Some("text"), _) | (None, Environment::Development) => LogFormat::Text,
            (Some("json"), _) | (None, Environment::Production) => LogFormat::Json,
            (Some(other), _) => {
                problems.note("HAAT_LOG_FORMAT", format!("must be text or json, not {other:?}"));
                LogFormat::Text
            }
        };
        LogConfig { filter, format }
    }
}
