use std::path::PathBuf;
use std::time::Duration;

use haat_domain::job::{Retention, RetentionRule};
use haat_storage_adapter::FilesConfig;
use secrecy::SecretString;
use url::Url;

use super::Problems;
use crate::background::LaneWorkers;

#[derive(Debug, clap::Args)]
pub(crate) struct FilesArgs {
    /// Location of uploaded files: a folder, or `s3://bucket/prefix` with `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` and so on. The same in all processes
    #[arg(long, env = "HAAT_FILES", default_value = "haat-files", value_name = "LOCATION")]
    files: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// Number of jobs this process runs at once, by lane; a bare number is that of `bulk`, and 0 leaves all background work to
    /// other processes
    #[arg(
        long,
        env = "HAAT_JOB_WORKERS",
        default_value = "prompt:4,standard:2,bulk:1",
        value_name = "WORKERS"
    )]
    job_workers: String,
    /// Seconds without a heartbeat after which another process takes over a job
    #[arg(long, env = "HAAT_JOB_STALE_SECONDS", default_value = "30", value_name = "SECONDS")]
    job_stale_seconds: String,
    #[command(flatten)]
    keep: KeepArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeepArgs {
    /// Times for which old rows are kept, by kind, in hours or days, as in jobs:7d,changes:36h; kinds that are not named have their default
    #[arg(long, env = "HAAT_KEEP", default_value = "", value_name = "TIMES", hide_default_value = true)]
    keep: String,
}

impl KeepArgs {
    pub(crate) fn parse(&self, rules: &[&'static RetentionRule], problems: &mut Problems) -> Retention {
        problems.check("HAAT_KEEP", Retention::parse(rules, &self.keep)).unwrap_or_default()
    }
}

/// The settings of jobs.
#[derive(Debug, Clone)]
pub(crate) struct JobConfig {
    /// The location of the files of jobs.
    pub(crate) files: FilesConfig,
    /// The number of jobs run at once.
    pub(crate) workers: LaneWorkers,
    /// The time without a heartbeat after which a job is taken over.
    pub(crate) stale: Duration,
    /// The times for which old rows are kept.
    pub(crate) retention: Retention,
}

impl FilesArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> FilesConfig {
        match Url::parse(&self.files) {
            Ok(url) if url.scheme() == "s3" => FilesConfig::S3 { url, variables: aws_variables() },
            Ok(url) if url.has_host() => {
                problems.note("HAAT_FILES", "must be a folder or a URL such as s3://bucket/prefix");
                FilesConfig::Folder(PathBuf::new())
            }
            _ => FilesConfig::Folder(PathBuf::from(&self.files)),
        }
    }
}

/// Returns the environment variables of AWS, from which the file store takes its keys, region and address.
fn aws_variables() -> Vec<(String, SecretString)> {
    // Not `vars`, which panics at a variable that is not UTF-8.
    let text = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    text.filter(|(name, _)| name.starts_with("AWS_")).map(|(name, value)| (name, value.into())).collect()
}

impl JobArgs {
    pub(crate) fn parse(self, rules: &[&'static RetentionRule], problems: &mut Problems) -> JobConfig {
        let files = self.files.parse(problems);
        let workers = problems.check("HAAT_JOB_WORKERS", LaneWorkers::parse(&self.job_workers));
        let stale = problems.number("HAAT_JOB_STALE_SECONDS", &self.job_stale_seconds, 1, 3_600);
        let retention = self.keep.parse(rules, problems);
        let workers = workers.unwrap_or(LaneWorkers::NONE);
        JobConfig { files, workers, stale: Duration::from_secs(stale), retention }
    }
}
