use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;

/// Prints the OpenAPI document.
pub(crate) fn run() -> anyhow::Result<()> {
    let document = haat_http_adapter::openapi().to_pretty_json().context("the document cannot be written")?;
    match writeln!(std::io::stdout(), "{document}") {
        // Whoever reads has read enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("the document cannot be written"),
    }
}
