use std::sync::Arc;

use haat_domain::audit::AuditAction;
use haat_domain::change::{ChangeTx, StoredResponse};
use haat_domain::job::{CANCELLED, FailedRow, Job, JobFilter, JobKind, JobReader, JobState};
use haat_domain::shared::{JobId, Page, PageRequest, StorageFailure, TenantId};

use super::{INTERNAL_ERROR, TIMED_OUT, codes};
use crate::shared::{
    Allowed, Audited, AuditedChange, ChangeError, Changes, CursorKey, ManageJobs, ReadError, ReadJobs,
    Refusal, Refused, Rendered, WriteOptions,
};

/// The key of a list of rows: the number of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowNumber(i64);

impl CursorKey for RowNumber {
    type Parts = i64;

    fn parts(&self) -> i64 {
        self.0
    }

    fn of(row: i64) -> Option<Self> {
        Some(Self(row))
    }
}

/// Shows the jobs of a tenant, cancels them and runs them again.
pub struct Jobs {
    reader: Arc<dyn JobReader>,
    kinds: Vec<&'static JobKind>,
    changes: Changes<dyn ChangeTx>,
}

impl Jobs {
    /// Builds the use case. `kinds` are all kinds that this version has.
    #[must_use]
    pub fn new(
        reader: Arc<dyn JobReader>,
        kinds: Vec<&'static JobKind>,
        changes: Changes<dyn ChangeTx>,
    ) -> Self {
        Self { reader, kinds, changes }
    }

    /// Returns a page of jobs, the newest first.
    pub async fn list(
        &self,
        allowed: &Allowed<ReadJobs>,
        filter: &JobFilter,
        page: &PageRequest<JobId>,
    ) -> Result<Page<Job, JobId>, StorageFailure> {
        let mut page = self.reader.list(allowed.tenant, filter, page).await?;
        page.rows.iter_mut().for_each(|job| self.hide_args(job));
        Ok(page)
    }

    /// Returns a job.
    pub async fn get(&self, allowed: &Allowed<ReadJobs>, id: JobId) -> Result<Job, ReadError> {
        let mut job = self.reader.find(allowed.tenant, id).await?.ok_or(ReadError::NotFound)?;
        self.hide_args(&mut job);
        Ok(job)
    }

    /// Returns a page of the rows of a job's file that have errors, by row number.
    pub async fn errors(
        &self,
        allowed: &Allowed<ReadJobs>,
        id: JobId,
        page: &PageRequest<RowNumber>,
    ) -> Result<Page<FailedRow, RowNumber>, ReadError> {
        self.reader.find(allowed.tenant, id).await?.ok_or(ReadError::NotFound)?;
        let after = page.after.unwrap_or_default();
        let surplus = u16::from(page.limit.get()) + 1;
        let rows = self.reader.failed_rows(allowed.tenant, id, after.0, surplus).await?;
        Ok(Page::from_surplus(rows, page.limit, |row: &FailedRow| RowNumber(row.row)))
    }

    /// Requests to cancel a job, and returns it. A queued job ends within seconds; a running one at its next heartbeat, and its
    /// uncommitted work is lost.
    ///
    /// # Errors
    /// [`ManageJobError`]. Nothing is changed on an error.
    pub async fn cancel(
        &self,
        allowed: &Allowed<ManageJobs>,
        id: JobId,
        options: &WriteOptions,
        render: impl FnOnce(&Job) -> Rendered,
    ) -> Result<StoredResponse, ManageJobError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let job = self.lock(tx, tenant, id).await?;
                if job.state.is_final() {
                    return Err(ManageJobError::State(job.state));
                }
                if job.cancel_requested_at.is_some() {
                    return Ok(Audited::unchanged(job));
                }
                tx.jobs().request_cancel(tenant, id).await?;
                Ok(Audited::new(self.lock(tx, tenant, id).await?, audited(AuditAction::JobCancel, &job)))
            })
            .await
    }

    /// Returns a job that failed for a reason of the server, or was cancelled, to the queue.
    ///
    /// # Errors
    /// [`ManageJobError`]. Nothing is changed on an error.
    pub async fn retry(
        &self,
        allowed: &Allowed<ManageJobs>,
        id: JobId,
        options: &WriteOptions,
        render: impl FnOnce(&Job) -> Rendered,
    ) -> Result<StoredResponse, ManageJobError> {
        let tenant = allowed.tenant;
        self.changes
            .run(allowed, options, render, async |tx, _| {
                let job = self.lock(tx, tenant, id).await?;
                if !self.can_retry(&job) {
                    return Err(ManageJobError::State(job.state));
                }
                if !tx.jobs().requeue(tenant, id).await? {
                    return Err(ManageJobError::Repeated);
                }
                Ok(Audited::new(self.lock(tx, tenant, id).await?, audited(AuditAction::JobRetry, &job)))
            })
            .await
    }

    async fn lock(&self, tx: &mut dyn ChangeTx, tenant: TenantId, id: JobId) -> Result<Job, ChangeError> {
        let mut job = tx.jobs().lock(tenant, id).await?.ok_or(ChangeError::NotFound)?;
        self.hide_args(&mut job);
        Ok(job)
    }

    fn kind(&self, job: &Job) -> Option<&'static JobKind> {
        self.kinds.iter().copied().find(|kind| kind.name == job.kind)
    }

    /// Returns true if the same input may lead to another result. A rejected file would be rejected again, and is removed.
    fn can_retry(&self, job: &Job) -> bool {
        let may_pass = matches!(job.failure.as_deref(), Some(INTERNAL_ERROR | TIMED_OUT | CANCELLED));
        let has_ended = matches!(job.state, JobState::Failed | JobState::Cancelled);
        has_ended && may_pass && self.kind(job).is_some_and(|kind| kind.can_retry)
    }

    /// Removes the arguments that only the server needs.
    fn hide_args(&self, job: &mut Job) {
        let public = self.kind(job).map_or(&[][..], |kind| kind.public_args);
        job.args.retain(|name, _| public.contains(&name.as_str()));
    }
}

/// Reasons why a job was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManageJobError {
    /// The change was not started or not saved.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The operation is not allowed in this state.
    #[error("the job is {}", .0.as_str())]
    State(JobState),
    /// A job of the same kind with the same key is queued or running.
    #[error("an equal job is queued or running")]
    Repeated,
}

impl From<StorageFailure> for ManageJobError {
    fn from(failure: StorageFailure) -> Self {
        Self::Change(failure.into())
    }
}

impl Refusal for ManageJobError {
    fn refuse(&self) -> Refused {
        let state = Refused::new(&codes::JOB_STATE);
        match self {
            Self::Change(error) => error.refuse(),
            Self::State(JobState::Queued | JobState::Running) => state.detail(
                "Only a job that has ended can be retried. Cancel it first.",
                "শুধু শেষ হওয়া কাজ আবার চালানো যায়। আগে এটি বাতিল করুন।",
            ),
            Self::State(JobState::Succeeded) => {
                state.detail("The job has succeeded.", "কাজটি সফলভাবে শেষ হয়েছে।")
            }
            Self::State(JobState::Failed | JobState::Cancelled) => state.detail(
                "The job has ended, and the same input would end in the same way. Send a corrected request.",
                "কাজটি শেষ হয়েছে, এবং একই তথ্য দিয়ে ফল একই হবে। সংশোধিত অনুরোধ পাঠান।",
            ),
            Self::Repeated => {
                state.detail("An equal job is queued or running.", "একই রকম একটি কাজ অপেক্ষায় আছে বা চলছে।")
            }
        }
    }
}

fn audited(action: AuditAction, job: &Job) -> AuditedChange {
    let before = vec![("kind", job.kind.as_str().into()), ("state", job.state.as_str().into())];
    AuditedChange { action, id: job.id.to_string(), before: Some(before), after: None }
}
