//! Benchmarks of Haat against the best that the machine can do for the same bytes, in the same run, so that a
//! slow machine and other load do not change the result. See `scripts/bench --help`.

mod admin;
mod assign;
mod compare;
mod dataset;
mod floor;
mod haat;
mod import;
mod load;
mod login;
mod managers;
mod paced;
mod pgbench;
mod program;
mod replay;
mod report;
mod requests;
mod rows;
mod scopes;
mod search;
mod tokens;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// The result of a benchmark, or the error.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The options of a run.
pub(crate) struct Plan {
    /// True to measure also 10,000,000 retailers, with longer loads.
    full: bool,
    /// The number of retailers of the larger dataset.
    retailers: u64,
    /// Another build to compare this one with, instead of floors.
    compare: Option<PathBuf>,
    /// The rows to measure; all if empty.
    only: Vec<String>,
}

impl Plan {
    fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row)
    }

    /// Returns the duration of one load, in seconds.
    const fn seconds(&self) -> u32 {
        if self.full { 20 } else { 6 }
    }
}

impl Plan {
    /// Parses the arguments of the program.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Self { full: false, retailers: 1_000_000, compare: None, only: Vec::new() };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or("a value is missing");
            match argument.as_str() {
                "--full" => plan.full = true,
                "--retailers" => plan.retailers = value()?.parse()?,
                "--compare" => plan.compare = Some(value()?.into()),
                _ => plan.only.push(argument),
            }
        }
        Ok(plan)
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let outcome = if arguments.peek().is_some_and(|first| first == "floor-server") {
        floor::serve()
    } else {
        Plan::parse(arguments).and_then(|plan| rows::run(&plan))
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("haat-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
