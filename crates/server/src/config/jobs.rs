use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::Problems;

#[derive(Debug, clap::Args)]
pub(crate) struct FilesArgs {
    /// Where files are kept that people send: a folder, or `s3://bucket/prefix` with `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` and so on. The same for all processes
    #[arg(long, env = "HAAT_FILES", default_value = "haat-files", value_name = "PLACE")]
    files: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// How many jobs this process works on at once; 0: none, others do
    #[arg(long, env = "HAAT_JOB_WORKERS", default_value = "1", value_name = "N")]
    job_workers: String,
    /// A job that its process has not tended for so long is taken over by another
    #[arg(long, env = "HAAT_JOB_STALE_SECONDS", default_value = "30", value_name = "SECONDS")]
    job_stale_seconds: String,
}

/// Where files are kept.
#[derive(Debug, Clone)]
pub(crate) enum FilesConfig {
    /// In a folder.
    Folder(PathBuf),
    /// In a store that speaks S3.
    S3(Url),
}

/// Long work.
#[derive(Debug, Clone)]
pub(crate) struct JobConfig {
    /// Where its files are.
    pub(crate) files: FilesConfig,
    /// Jobs at once.
    pub(crate) workers: usize,
    /// When one is taken over.
    pub(crate) stale: Duration,
}

impl FilesArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> FilesConfig {
        match Url::parse(&self.files) {
            Ok(url) if url.scheme() == "s3" => FilesConfig::S3(url),
            Ok(url) if url.has_host() => {
                problems.note("HAAT_FILES", "must be a folder or look like s3://bucket/prefix");
                FilesConfig::Folder(PathBuf::new())
            }
            _ => FilesConfig::Folder(PathBuf::from(&self.files)),
        }
    }
}

impl JobArgs {
    pub(crate) fn parse(self, problems: &mut Problems) -> JobConfig {
        let files = self.files.parse(problems);
        let workers = problems.number("HAAT_JOB_WORKERS", &self.job_workers, 0, 64);
        let stale = problems.number("HAAT_JOB_STALE_SECONDS", &self.job_stale_seconds, 1, 3_600);
        JobConfig { files, workers: usize::try_from(workers).unwrap_or(1), stale: Duration::from_secs(stale) }
    }
}
