use tracing_subscriber::EnvFilter;

use super::problems::given;
use super::{Environment, Problems};

/// Without what actix says of its own start, and of clients that speak no HTTP.
const DEFAULT: &str = "info,actix_server=warn,actix_http=off";

#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    /// What is logged, as tracing directives: info, or info,haat_http_adapter=debug
    #[arg(long = "log", env = "HAAT_LOG", default_value = DEFAULT, value_name = "FILTER")]
    filter: String,
    /// `text` for people or `json` for machines; text in development and json elsewhere unless given
    #[arg(long, env = "HAAT_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<String>,
}

/// How a line of log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// What is logged, and how.
#[derive(Debug)]
pub(crate) struct LogConfig {
    pub(crate) filter: EnvFilter,
    pub(crate) format: LogFormat,
}

impl LogArgs {
    pub(crate) fn parse(self, environment: Environment, problems: &mut Problems) -> LogConfig {
        let filter = problems.check("HAAT_LOG", EnvFilter::try_new(&self.filter)).unwrap_or_default();
        let format = match (given(self.log_format).as_deref(), environment) {
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
