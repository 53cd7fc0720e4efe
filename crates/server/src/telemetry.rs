use std::io::IsTerminal as _;

use tracing_subscriber::fmt;

use crate::config::{LogConfig, LogFormat};

/// Starts logging to standard error.
pub(crate) fn init(config: LogConfig) {
    let colours = std::io::stderr().is_terminal();
    let log = fmt().with_env_filter(config.filter).with_writer(std::io::stderr).with_ansi(colours);
    // Fails only on a second call in one process, when logging has already started.
    let _ = match config.format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => {
            log.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
        }
    };
}
