use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::job::{Attempt, JobEnd, JobKind, JobNumbers, JobQueue};
use haat_domain::shared::StorageFailure;

use super::{JobFailure, JobHandler};

/// Work on whatever is due, which commits as it goes: a repetition finds less to do.
#[async_trait]
pub trait Sweep: Send + Sync {
    /// Returns the kind of its jobs.
    fn kind(&self) -> &'static JobKind;

    /// Does the work, and returns the result of the job.
    async fn sweep(&self) -> Result<JobNumbers, StorageFailure>;
}

/// The handler of the jobs of a sweep.
pub struct SweepHandler<S> {
    sweep: S,
    queue: Arc<dyn JobQueue>,
}

impl<S: Sweep> SweepHandler<S> {
    /// Builds the handler.
    #[must_use]
    pub fn new(sweep: S, queue: Arc<dyn JobQueue>) -> Self {
        Self { sweep, queue }
    }
}

#[async_trait]
impl<S: Sweep> JobHandler for SweepHandler<S> {
    fn kind(&self) -> &'static JobKind {
        self.sweep.kind()
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let numbers = self.sweep.sweep().await?;
        let finished = self.queue.finish(attempt, &JobEnd::Succeeded(numbers)).await?;
        if finished { Ok(()) } else { Err(JobFailure::ClaimLost) }
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.queue.finish(attempt, &JobEnd::Failed(reason)).await
    }

    async fn ended(&self, _: &Attempt) {}
}
