//! The statements of lists and searches, recorded from PostgreSQL's log and run again by pgbench.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use url::Url;

use crate::dataset::Dataset;
use crate::haat::{COLD, Server};
use crate::load::{LoadResult, Request, run as load};
use crate::{Outcome, Plan};

/// The most scripts that pgbench accepts.
pub(crate) const MOST_SCRIPTS: usize = 128;

/// Parts of the statements of a list. Others in the log belong to the feed and to authentication.
const OF_LISTS: [&str; 4] = ["retailers", "retailer_vocabulary", "team_members", "plan_cache_mode"];

/// Measures requests with 8 clients, and their statements in pgbench: twice, alternating, and the better one of each, because
/// other load on the machine makes the highest latencies many times as high.
pub(crate) fn against_floor(
    plan: &Plan,
    dataset: &Dataset,
    server: &Server,
    requests: &[Request],
) -> Outcome<(LoadResult, Duration)> {
    let recorded = record(dataset, requests)?;
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        floors.push(run(dataset, &recorded, plan.seconds())?);
        ours.push(load(&server.url, requests, 8, plan.seconds())?);
    }
    let best = ours.into_iter().min_by_key(|result| result.p99).ok_or("no load")?;
    Ok((best, floors.into_iter().min().ok_or("no floor")?))
}

/// Sends each request once, to a server without a cache for retailers, and returns its statements, with their values.
fn record(dataset: &Dataset, requests: &[Request]) -> Outcome<Vec<Vec<String>>> {
    let log = std::env::var("HAAT_BENCH_LOG").map_err(|_unset| "run scripts/bench")?;
    let mut url = Url::parse(&dataset.app_url)?;
    url.set_query(Some("options=-c%20log_min_duration_statement%3D0"));
    let server = Server::haat(dataset, &[("DATABASE_URL", url.as_str()), COLD])?;
    let mut log = File::open(log)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut recorded = Vec::new();
        for request in requests {
            log.seek(SeekFrom::End(0))?;
            let url = format!("{}{}", server.url, request.path);
            let response = client.get(url).bearer_auth(&request.token).send().await?;
            response.error_for_status()?.bytes().await?;
            let mut lines = Vec::new();
            log.read_to_end(&mut lines)?;
            let statements = statements(&String::from_utf8_lossy(&lines));
            recorded.push(
                statements
                    .into_iter()
                    .filter(|statement| OF_LISTS.iter().any(|part| statement.contains(part)))
                    .collect(),
            );
        }
        Ok(recorded)
    })
}

/// Returns the executed statements in a part of the log, each with its values in place of the parameters.
fn statements(log: &str) -> Vec<String> {
    // A line of the log that continues the one before begins with a tab.
    let log = log.replace("\n\t", "\u{1}");
    let mut statements: Vec<String> = Vec::new();
    for line in log.lines() {
        let text = |label: &str| line.split_once(label).map(|(_, text)| text.replace('\u{1}', "\n"));
        if let Some(parameters) = text("DETAIL:  parameters: ") {
            if let Some(last) = statements.last_mut() {
                *last = with_values(last, &values(&parameters));
            }
        } else if let Some(executed) = text(" ms  execute ").or_else(|| text(" ms  statement: ")) {
            let name_and_text = executed.split_once(": ").filter(|_| line.contains(" ms  execute "));
            statements.push(name_and_text.map_or(executed.clone(), |(_, text)| text.to_owned()));
        }
    }
    statements
}

/// Parses `$1 = '7', $2 = NULL`.
fn values(parameters: &str) -> BTreeMap<usize, String> {
    let mut values = BTreeMap::new();
    let mut rest = parameters;
    while let Some((name, after)) = rest.split_once(" = ") {
        let quoted = after.starts_with('\'');
        let mut end = after.find(", ").unwrap_or(after.len());
        if quoted {
            let mut marks = after.match_indices('\'').skip(1).peekable();
            while let Some((at, _)) = marks.next() {
                // Two quotes are one in the value.
                if marks.next_if(|(next, _)| *next == at + 1).is_none() {
                    end = at + 1;
                    break;
                }
            }
        }
        let number = name.trim_start_matches([',', ' ', '$']).parse();
        if let (Ok(number), Some(value)) = (number, after.get(..end)) {
            values.insert(number, value.to_owned());
        }
        rest = after.get(end..).unwrap_or_default();
    }
    values
}

fn with_values(statement: &str, values: &BTreeMap<usize, String>) -> String {
    // Comments name parameters too, and a value may have several lines.
    let code = statement.lines().map(|line| line.split("--").next().unwrap_or_default());
    let mut statement = code.collect::<Vec<_>>().join("\n");
    // $12 before $1.
    for (number, value) in values.iter().rev() {
        // Not the value of a higher parameter, which could contain this one's name.
        statement = statement.replace(&format!("${number}"), &value.replace('$', "\u{2}"));
    }
    statement.replace('\u{2}', "$")
}

/// Runs each recorded request as a script, with 8 clients and the role of the server, and returns the 99th percentile.
fn run(dataset: &Dataset, recorded: &[Vec<String>], seconds: u32) -> Outcome<Duration> {
    let folder: PathBuf = std::env::temp_dir().join(format!("haat-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new("pgbench");
    command.current_dir(&folder).args(["-n", "-M", "prepared", "-c", "8", "-j", "2", "-l"]);
    command.args(["-T", &seconds.to_string()]);
    for (number, statements) in recorded.iter().enumerate() {
        let script = folder.join(format!("{number}.sql"));
        let text = statements.join(";\n") + ";\n";
        std::fs::write(&script, text)?;
        command.arg("-f").arg(script);
    }
    let output = command.arg(&dataset.app_url).output()?;
    let mut latencies: Vec<u64> = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pgbench_log")) {
            let log = std::fs::read_to_string(path)?;
            // Client, transaction, microseconds, …
            latencies.extend(log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()));
        }
    }
    std::fs::remove_dir_all(&folder)?;
    latencies.sort_unstable();
    let p99 = latencies.get(latencies.len() * 99 / 100);
    let failed = || format!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    Ok(Duration::from_micros(*p99.filter(|_| output.status.success()).ok_or_else(failed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_the_log_have_their_values() {
        let log = "2026-11-29 UTC [7] LOG:  duration: 0.1 ms  parse s1: SELECT $1\n\
                   2026-11-29 UTC [7] LOG:  duration: 0.1 ms  execute s1: SELECT $1, -- $1\n\t  $2 AS \"b: c\", $10\n\
                   2026-11-29 UTC [7] DETAIL:  parameters: $1 = '7', $2 = NULL, $10 = 'a''s, $1'\n\
                   2026-11-29 UTC [7] LOG:  duration: 0.1 ms  statement: SET plan_cache_mode = x\n";
        assert_eq!(
            statements(log),
            ["SELECT '7', \n  NULL AS \"b: c\", 'a''s, $1'", "SET plan_cache_mode = x"]
        );
    }
}
