use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;

/// Prints the OpenAPI document.
pub(crate) fn run() -> anyhow::Result<()> {
    let document = haat_http_adapter::openapi().to_pretty_json().context("cannot write the document")?;
    match writeln!(std::io::stdout(), "{document}") {
        // The reader closed the pipe, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the document"),
    }
}
