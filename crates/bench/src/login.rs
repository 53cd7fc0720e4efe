//! Measures whether the duration of a rejected login reveals that a username exists.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::Outcome;
use crate::dataset::Dataset;
use crate::haat::Server;
use crate::report::Line;

/// The number of rejected logins of each kind.
const EACH: usize = 400;

/// The largest distance between two samples of [`EACH`] values of one distribution, in 99 of 100 cases
/// (Kolmogorov-Smirnov): 1.63 √(2/n).
const DISTANCE: f64 = 0.115;

/// Measures on a copy of the dataset, which is dropped afterwards.
pub(crate) fn run(dataset: &Dataset) -> Outcome<()> {
    let copy = dataset.copy("login")?;
    let outcome = measure(&copy);
    copy.drop_database()?;
    outcome
}

fn measure(dataset: &Dataset) -> Outcome<()> {
    let server = Server::haat(dataset, &[("HAAT_LOGIN_FAILURES", "1000000")])?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut known, mut unknown) = runtime.block_on(async {
        let client = reqwest::Client::new();
        let time_rejected_login = async |name: String| -> Outcome<Duration> {
            let body = json!({"username": name, "password": "not the password"});
            let started = Instant::now();
            let response = client.post(format!("{}/auth/login", server.url)).json(&body).send().await?;
            let status = response.status().as_u16();
            response.bytes().await?;
            if status == 401 { Ok(started.elapsed()) } else { Err(format!("{status}").into()) }
        };
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        // Alternate, so that other load on the machine affects both.
        for number in 0..EACH {
            known.push(time_rejected_login(format!("sr{:05}", number % 100 + 1)).await?);
            unknown.push(time_rejected_login(format!("unknown{number}")).await?);
        }
        Outcome::Ok((known, unknown))
    })?;
    known.sort_unstable();
    unknown.sort_unstable();
    let median = |times: &[Duration]| times.get(EACH / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let more = format!(
        ", medians {:.2} ms for known and {:.2} ms for unknown names",
        median(&known),
        median(&unknown)
    );
    let what = "rejected login: distance between known and unknown names";
    Line::at_most(what, distance(&known, &unknown), DISTANCE, "of 1", &more).print();
    Ok(())
}

/// Returns the largest difference between two distributions of sorted samples: 0 if they are the same, 1 if a
/// single time distinguishes them.
fn distance(one: &[Duration], other: &[Duration]) -> f64 {
    let share = |times: &[Duration], at: Duration| {
        let before = u32::try_from(times.partition_point(|time| *time <= at)).unwrap_or(u32::MAX);
        f64::from(before) / f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX))
    };
    let at = one.iter().chain(other).copied();
    at.map(|at| (share(one, at) - share(other, at)).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computes_the_distance_between_two_distributions() {
        let times = |range: std::ops::Range<u64>| range.map(Duration::from_millis).collect::<Vec<_>>();
        assert!(distance(&times(0..100), &times(0..100)) < 0.001);
        assert!((distance(&times(0..100), &times(50..150)) - 0.5).abs() < 0.011);
        assert!(distance(&times(0..100), &times(200..300)) > 0.999);
    }
}
