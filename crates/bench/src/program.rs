use std::path::PathBuf;

use crate::Outcome;

/// Returns the path of the program under test, a release build.
pub(crate) fn program() -> Outcome<PathBuf> {
    Ok(std::env::var_os("HAAT_BENCH_PROGRAM").ok_or("run scripts/bench")?.into())
}
