//! Load tests with wrk, which ends by itself.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use crate::Outcome;

/// A request of a load test: method, path and token. `PATCH` sends new points each time.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) token: String,
}

/// The result of a load test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoadResult {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) failed: u64,
}

/// The script for wrk. It prepares requests before the load starts, except for bodies that must differ.
const SCRIPT: &str = r#"
local ready, lines = {}, {}
function init(args)
  math.randomseed(os.time() + math.floor(os.clock() * 1e6))
  for line in io.lines(args[1]) do
    local method, path, token = line:match("([^\t]*)\t([^\t]*)\t([^\t]*)")
    local headers = { Authorization = "Bearer " .. token }
    if method == "PATCH" then
      headers["Content-Type"] = "application/json"
      table.insert(lines, { path = path, headers = headers })
    else
      table.insert(ready, wrk.format(method, path, headers))
    end
  end
end
function request()
  if #ready > 0 then return ready[math.random(#ready)] end
  local line = lines[math.random(#lines)]
  return wrk.format("PATCH", line.path, line.headers, '{"points":' .. math.random(1, 1000000) .. '}')
end
"#;

/// Sends the requests in random order.
pub(crate) fn run(url: &str, requests: &[Request], connections: u32, seconds: u32) -> Outcome<LoadResult> {
    let folder = std::env::temp_dir();
    let (script, list) = (folder.join("haat-bench.lua"), folder.join("haat-bench.requests"));
    let mut lines = String::new();
    for request in requests {
        writeln!(lines, "{}\t{}\t{}", request.method, request.path, request.token)?;
    }
    std::fs::write(&script, SCRIPT)?;
    std::fs::write(&list, lines)?;
    let threads = connections.min(2).to_string();
    let output = Command::new("wrk")
        .args(["-t", &threads, "-c", &connections.to_string(), "-d", &format!("{seconds}s"), "--latency"])
        .args(["--timeout", "10s", "-s"])
        .arg(&script)
        .arg(url)
        .arg("--")
        .arg(&list)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let result = parse(&text).ok_or_else(|| {
        format!("the output of wrk cannot be parsed:\n{text}\n{}", String::from_utf8_lossy(&output.stderr))
    })?;
    if result.failed > 0 {
        return Err(format!("{} requests failed:\n{text}", result.failed).into());
    }
    Ok(result)
}

fn parse(text: &str) -> Option<LoadResult> {
    let after = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    let count = |label: &str| {
        text.split(label).nth(1).map_or(0, |rest| {
            rest.split(|c: char| !c.is_ascii_digit()).find_map(|word| word.parse::<u64>().ok()).unwrap_or(0)
        })
    };
    let socket = text.lines().find(|line| line.contains("Socket errors")).map_or(0, |line| {
        line.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse::<u64>().ok()).sum()
    });
    Some(LoadResult {
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50: duration(after("50%")?)?,
        p99: duration(after("99%")?)?,
        failed: count("Non-2xx or 3xx responses:") + socket,
    })
}

/// Parses a duration as printed by wrk: `123.45us`, `1.20ms`, `3.00s`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    Some(Duration::from_secs_f64(number.parse::<f64>().ok()? * seconds))
}
