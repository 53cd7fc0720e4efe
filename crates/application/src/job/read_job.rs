use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::job::{FailedRow, Job, JobFilter, JobKind, JobReader, Lane};
use haat_domain::shared::{
    FileReader, FileStore, JobId, Page, PageRequest, StorageFailure, TenantId, UserId,
};

use super::error_file::{ErrorFile, ErrorFileError, FailedRows, FileFormat};
use crate::shared::{Allowed, CursorKey, PermissionType, ReadError};

/// The largest file that does not belong in the lane for bulk work, in bytes: about 2,000 rows.
const SMALL_FILE: i64 = 256 << 10;

/// The argument of a job that names its file in the store.
pub(crate) const FILE: &str = "file";

/// A kind of jobs that process files.
#[derive(Clone, Copy)]
pub(crate) struct FileJobs {
    /// The kind of the jobs.
    pub kind: &'static JobKind,
    /// Chooses the lane by the size of the file in bytes.
    pub lane: fn(i64) -> Lane,
    /// The folder of the files in the store.
    pub folder: &'static str,
    /// The format of the files.
    pub format: FileFormat,
}

/// Returns the lane of a job that processes a file of this many bytes. A short file does not wait for long ones.
pub(crate) const fn lane_of_file(bytes: i64) -> Lane {
    if bytes <= SMALL_FILE { Lane::Standard } else { Lane::Bulk }
}

/// Reads the jobs of one kind, which requires the permission `P`. A caller who does not have it for the whole tenant reads only
/// their own.
pub struct ReadJob<P> {
    jobs: Arc<dyn JobReader>,
    files: Arc<dyn FileStore>,
    kind: FileJobs,
    permission: PhantomData<fn() -> P>,
}

impl<P: PermissionType> ReadJob<P> {
    /// Builds the use case.
    pub(crate) const fn new(jobs: Arc<dyn JobReader>, files: Arc<dyn FileStore>, kind: FileJobs) -> Self {
        Self { jobs, files, kind, permission: PhantomData }
    }

    /// Returns a job.
    pub async fn job(&self, allowed: &Allowed<P>, job: JobId) -> Result<Job, ReadError> {
        let found = self.jobs.find(allowed.tenant, job).await?;
        let requester = requester(allowed);
        let found = found.filter(|job| job.kind == self.kind.kind.name);
        let found = found.filter(|job| requester.is_none() || job.actor == requester);
        found.ok_or(ReadError::NotFound)
    }

    /// Lists jobs, the newest first.
    pub async fn list(
        &self,
        allowed: &Allowed<P>,
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure> {
        let kind = Some(self.kind.kind.name.to_owned());
        let filter = JobFilter { kind, actor: requester(allowed), ..JobFilter::default() };
        self.jobs.list(allowed.tenant, &filter, page).await
    }

    /// Returns the rows with errors of the file that a job processed, as a CSV file to be corrected and sent again.
    ///
    /// # Errors
    /// [`ErrorFileError`].
    pub async fn error_file(&self, allowed: &Allowed<P>, job: JobId) -> Result<ErrorFile, ErrorFileError> {
        let found = self.job(allowed, job).await?;
        let file = found.args.get(FILE).ok_or(ErrorFileError::FileGone)?;
        let original = match self.files.open(file).await? {
            Some(original) => original,
            // The file of a job without errors has been removed.
            None if self.jobs.failed_rows(allowed.tenant, job, 0, 1).await?.is_empty() => Box::new(Empty),
            None => return Err(ErrorFileError::FileGone),
        };
        let errors = JobErrors { jobs: self.jobs.clone(), tenant: allowed.tenant, job };
        Ok(ErrorFile::new(Box::new(errors), self.kind.format, original))
    }
}

/// Returns the caller if they see only their own jobs.
fn requester<P: PermissionType>(allowed: &Allowed<P>) -> Option<UserId> {
    (!allowed.may(P::PERMISSION)).then_some(allowed.user)
}

/// An empty file.
struct Empty;

#[async_trait]
impl FileReader for Empty {
    async fn read(&mut self) -> Result<Option<Vec<u8>>, StorageFailure> {
        Ok(None)
    }
}

/// The recorded errors of a job.
struct JobErrors {
    jobs: Arc<dyn JobReader>,
    tenant: TenantId,
    job: JobId,
}

#[async_trait]
impl FailedRows for JobErrors {
    async fn failed_rows(&self, after: i64, at_most: u16) -> Result<Vec<FailedRow>, StorageFailure> {
        self.jobs.failed_rows(self.tenant, self.job, after, at_most).await
    }
}

impl CursorKey for JobId {
    type Parts = i64;

    fn parts(&self) -> i64 {
        self.get()
    }

    fn of(id: i64) -> Option<Self> {
        Some(Self::new(id))
    }
}
