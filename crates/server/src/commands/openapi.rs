use std::io::{ErrorKind, Write as _};

use anyhow::Context as _;

use crate::contexts::API;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the table of routes and roles instead (docs/ACCESS.md)
    #[arg(long)]
    access: bool,
}

/// Prints the OpenAPI document, or the table of routes and roles.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let document = if args.access {
        haat_http_core::access_table(API).trim_end().to_owned()
    } else {
        haat_http_core::openapi(API).to_pretty_json().context("cannot write the document")?
    };
    match writeln!(std::io::stdout(), "{document}") {
        // The reader closed the pipe, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write the document"),
    }
}
