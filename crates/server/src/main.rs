//! See `haat --help`.

use std::process::ExitCode;

use clap::Parser as _;
use haat_server::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            // One sentence with its causes, not a Debug dump.
            eprintln!("haat: {error:#}");
            ExitCode::FAILURE
        }
    }
}
