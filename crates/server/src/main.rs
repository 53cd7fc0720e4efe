//! The `haat` command; `haat --help` lists its subcommands.

use std::process::ExitCode;

use clap::Parser as _;
use haat_server::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            // The message with its causes on one line, instead of the Debug output.
            eprintln!("haat: {error:#}");
            ExitCode::FAILURE
        }
    }
}
