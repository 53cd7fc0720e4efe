//! Measures Haat beside what the machine can do at best for the same bytes, in the same run, so that a slow machine and
//! a noisy hour decide nothing. See `scripts/bench --help`.

mod assign;
mod floor;
mod haat;
mod import;
mod load;
mod login;
mod office;
mod pgbench;
mod report;
mod rows;
mod tokens;
mod world;

use std::error::Error;
use std::process::ExitCode;

/// What a benchmark gives, or why there is none.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What was asked for.
pub(crate) struct Plan {
    /// Also 10,000,000 retailers, and longer loads.
    full: bool,
    /// Only these rows; all where empty.
    only: Vec<String>,
}

impl Plan {
    fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row)
    }

    /// Seconds of one load.
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
