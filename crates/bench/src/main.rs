//! Benchmarks of Haat against the best that the machine can do for the same bytes, in the same run, so that a
//! slow machine and other load do not change the result. See `scripts/bench --help`.

mod admin;
mod assign;
mod dataset;
mod floor;
mod haat;
mod import;
mod load;
mod login;
mod pgbench;
mod program;
mod replay;
mod report;
mod rows;
mod search;
mod tokens;

use std::error::Error;
use std::process::ExitCode;

/// The result of a benchmark, or the error.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The options of a run.
pub(crate) struct Plan {
    /// True to measure also 10,000,000 retailers, with longer loads.
    full: bool,
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

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let outcome = if arguments.peek().is_some_and(|first| first == "floor-server") {
        floor::serve()
    } else {
        let (mut full, mut only) = (false, Vec::new());
        for argument in arguments {
            if argument == "--full" { full = true } else { only.push(argument) }
        }
        rows::run(&Plan { full, only })
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("haat-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
