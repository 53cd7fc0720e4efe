//! Two builds measured in turn, to see what a change costs.

use std::path::Path;

use crate::dataset::Dataset;
use crate::haat::Server;
use crate::load::{Request, run as load};
use crate::report::Line;
use crate::requests::{details, lists, send_each};
use crate::{Outcome, Plan};

/// The loads of each build, which alternate.
const RUNS: usize = 10;

/// The least share of the speed of the other build.
const TARGET: f64 = 0.95;

/// Measures warm lists and details of this build and of another one, each with a database of its own.
pub(crate) fn run(plan: &Plan, other: &Path) -> Outcome<()> {
    let dataset = Dataset::of(plan.retailers)?;
    let before = Dataset::of_other(other, plan.retailers)?;
    let outcome = measure(plan, &dataset, &before);
    before.drop_database()?;
    outcome
}

fn measure(plan: &Plan, dataset: &Dataset, before: &Dataset) -> Outcome<()> {
    let (ours, others) = (dataset.reps(1_000)?, before.reps(1_000)?);
    let (server, other) = (Server::haat(dataset, &[])?, Server::haat(before, &[])?);
    for (row, name, requests, of_other) in [
        ("list-warm", "GET /retailers, warm", lists(&ours, ""), lists(&others, "")),
        ("detail-warm", "GET /retailers/{uid}, warm", details("GET", &ours, ""), details("GET", &others, "")),
    ] {
        if !plan.wants(row) {
            continue;
        }
        let once = |server: &Server, requests: &[Request]| -> Outcome<f64> {
            Ok(load(&server.url, requests, 32, plan.seconds())?.per_second)
        };
        send_each(&server.url, &requests)?;
        send_each(&other.url, &of_other)?;
        let (mut after, mut floor) = (Vec::new(), Vec::new());
        for run in 0..RUNS {
            // Not always in the same order, because the second one finds the machine warmer.
            if run % 2 == 0 {
                floor.push(once(&other, &of_other)?);
                after.push(once(&server, &requests)?);
            } else {
                after.push(once(&server, &requests)?);
                floor.push(once(&other, &of_other)?);
            }
        }
        let (after, before) = (Spread::of(after)?, Spread::of(floor)?);
        let more = format!(
            ", {:.0} to {:.0}, the other build {:.0} to {:.0}",
            after.least, after.most, before.least, before.most
        );
        let what = format!("{name}, median of {RUNS}; the floor is the other build");
        Line::ratio(&what, after.median, &more, before.median, TARGET).print();
    }
    Ok(())
}

/// The median and the ends of some figures.
#[derive(Debug, PartialEq)]
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(mut figures: Vec<f64>) -> Outcome<Self> {
        figures.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().ok_or("no figures");
        let (half, last) = (figures.len() / 2, figures.len().saturating_sub(1));
        Ok(Self { least: at(0)?, median: f64::midpoint(at(last / 2)?, at(half)?), most: at(last)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        let of = |figures: &[f64]| Spread::of(figures.to_vec()).unwrap();
        assert_eq!(of(&[4.0, 1.0, 10.0, 2.0]), Spread { least: 1.0, median: 3.0, most: 10.0 });
        assert_eq!(of(&[3.0, 1.0, 2.0]), Spread { least: 1.0, median: 2.0, most: 3.0 });
    }
}
