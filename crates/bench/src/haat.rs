use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::Outcome;
use crate::dataset::Dataset;
use crate::tokens::SECRET;

/// The settings of production, but without a cache for retailers. Auth states and the names of places stay
/// cached.
pub(crate) const COLD: (&str, &str) = ("HAAT_CACHE_MIB", "0");

/// A server process, which is killed when this value is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts `haat serve` as in production but with high rate limits; `overrides` take precedence.
    pub(crate) fn haat(dataset: &Dataset, overrides: &[(&str, &str)]) -> Outcome<Self> {
        let mut command = Command::new(&dataset.program);
        command.arg("serve").envs([
            ("HAAT_ENV", "production"),
            ("HAAT_BIND", "127.0.0.1:0"),
            ("HAAT_JWT_SECRET", SECRET),
            ("HAAT_LOG_FORMAT", "json"),
            ("HAAT_RATE_PER_SECOND", "1000000"),
            ("HAAT_RATE_BURST", "1000000"),
            ("DATABASE_URL", &dataset.app_url),
            ("REDIS_URL", &std::env::var("HAAT_BENCH_REDIS_URL")?),
        ]);
        Self::start(command.envs(overrides.iter().copied()))
    }

    /// Starts this program's own server for the floor.
    pub(crate) fn floor(dataset: &Dataset, list: &str, detail: &str) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor-server").envs([
            ("HAAT_FLOOR_DATABASE", dataset.app_url.as_str()),
            ("HAAT_FLOOR_LIST", list),
            ("HAAT_FLOOR_DETAIL", detail),
        ]);
        Self::start(&mut command)
    }

    fn start(command: &mut Command) -> Outcome<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let url = line.trim().rsplit(' ').next().filter(|url| url.starts_with("http")).map(str::to_owned);
        let mut server = Self { child, url: String::new() };
        server.url = url.ok_or("the server did not start")?;
        Ok(server)
    }

    /// Returns the peak memory use, in MiB.
    pub(crate) fn peak_mib(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        let kib: u64 = line.split_whitespace().next().ok_or("no VmHWM")?.parse()?;
        Ok(kib / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
