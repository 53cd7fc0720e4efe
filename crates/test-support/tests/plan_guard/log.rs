//! The plans in the log of PostgreSQL, as `auto_explain` writes them: a line with the duration, then the plan as JSON, with a tab
//! before each line.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{BufRead, Result};

/// The end of the line before the plan of a statement of the server. `haat` is the application name of the adapters; the tests'
/// own statements have none. `scripts/services` sets the format of the line.
const SERVER: &str = " haat_app@haat LOG:  duration: ";

/// Members that differ between plans of the same shape.
const ESTIMATES: [&str; 4] = ["\"Startup Cost\":", "\"Total Cost\":", "\"Plan Rows\":", "\"Plan Width\":"];

/// The distinct plans of a log.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// Plans as JSON, without those that differ in their estimates only.
    pub(crate) distinct: Vec<String>,
    /// The number of plans before duplicates were removed.
    pub(crate) total: usize,
}

/// Reads the plans of the server's statements. Holds only the distinct ones in memory.
pub(crate) fn plans(mut log: impl BufRead) -> Result<Plans> {
    let mut plans = Plans::default();
    // Most plans are repeated with the same estimates, and comparing shapes takes longer.
    let (mut seen, mut shapes) = (HashSet::new(), HashSet::new());
    let mut line = Vec::new();
    let mut plan: Option<Vec<u8>> = None;
    loop {
        line.clear();
        let is_end = log.read_until(b'\n', &mut line)? == 0;
        if let (Some(open), Some(rest)) = (plan.as_mut(), line.strip_prefix(b"\t")) {
            open.extend_from_slice(rest);
            continue;
        }
        if let Some(done) = plan.take() {
            plans.total += 1;
            if seen.insert(hash(&done)) {
                let json = String::from_utf8_lossy(&done).into_owned();
                if shapes.insert(shape(&json)) {
                    plans.distinct.push(json);
                }
            }
        }
        if is_end {
            return Ok(plans);
        }
        plan = is_plan(&String::from_utf8_lossy(&line)).then(Vec::new);
    }
}

fn is_plan(line: &str) -> bool {
    line.contains(SERVER) && line.trim_end().ends_with(" plan:")
}

fn hash(value: impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Returns a hash of the plan without its estimates.
fn shape(json: &str) -> u64 {
    let is_estimate = |line: &&str| ESTIMATES.iter().any(|estimate| line.trim_start().starts_with(estimate));
    hash(json.lines().filter(|line| !is_estimate(line)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_plans_of_the_server() {
        let log = include_bytes!("recorded.txt");
        let plans = plans(&log[..]).unwrap();
        assert_eq!((plans.total, plans.distinct.len()), (3, 2), "one differs in its estimates only");
        for plan in plans.distinct {
            assert!(serde_json::from_str::<serde_json::Value>(&plan).is_ok(), "{plan}");
        }
    }
}
