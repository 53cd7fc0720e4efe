use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use haat_domain::job::{Attempt, JobEnd, JobQueue, LATEST};
use haat_domain::shared::StorageFailure;

use crate::shared::CsvError;

/// The number of attempts without progress after which a job fails.
const ATTEMPTS: i64 = 8;

/// Reasons why an attempt did not complete a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFailure {
    /// The job cannot be completed, for this reason: a stable code.
    #[error("{0}")]
    Refused(&'static str),
    /// Another attempt has taken the job over.
    #[error("another attempt has taken the job over")]
    Lost,
    /// The storage failed. A retry may succeed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

impl From<CsvError> for JobFailure {
    fn from(error: CsvError) -> Self {
        match error {
            CsvError::NotText(_) | CsvError::TooLong | CsvError::OpenQuote => Self::Refused("not-csv"),
            CsvError::Storage(failure) => failure.into(),
        }
    }
}

/// Handles the jobs of one kind.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Returns the kind.
    fn kind(&self) -> &'static str;

    /// Runs the job to its end. The handler records the end itself, in the transaction of its last change. It
    /// may be called again after a crash and must not repeat changes that are committed.
    ///
    /// # Errors
    /// [`JobFailure`].
    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure>;

    /// Records that the job has failed for this reason, and applies the consequences. Returns `false` if
    /// another attempt has taken the job over.
    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure>;

    /// Cleans up after the job has ended, successfully or not.
    async fn ended(&self, attempt: &Attempt);
}

/// The handlers of all kinds of jobs.
pub type JobHandlers = Vec<Arc<dyn JobHandler>>;

/// Takes jobs from the queue, one after the other, and runs each to its end.
pub struct RunJobs {
    queue: Arc<dyn JobQueue>,
    handlers: JobHandlers,
    stale: Duration,
}

impl RunJobs {
    /// Builds the worker. A job without a heartbeat for `stale` is taken over from its previous attempt.
    #[must_use]
    pub fn new(queue: Arc<dyn JobQueue>, handlers: JobHandlers, stale: Duration) -> Self {
        Self { queue, handlers, stale }
    }

    /// Returns the interval at which the worker of a job must send a [`heartbeat`](Self::heartbeat).
    #[must_use]
    pub fn heartbeat_interval(&self) -> Duration {
        self.stale / 4
    }

    /// Takes the next job, if one is due.
    pub async fn take(&self) -> Result<Option<Attempt>, StorageFailure> {
        let kinds: Vec<_> = self.handlers.iter().map(|handler| handler.kind()).collect();
        self.queue.take(&kinds, self.stale).await
    }

    /// Records that the job is still running. Returns `false` if another attempt has taken the job over.
    pub async fn heartbeat(&self, attempt: &Attempt) -> Result<bool, StorageFailure> {
        self.queue.heartbeat(attempt, None).await
    }

    /// Requeues a job without delay, because this process is about to end.
    pub async fn release(&self, attempt: &Attempt) -> Result<(), StorageFailure> {
        self.queue.requeue(attempt, Duration::ZERO).await
    }

    /// Runs a job. A job that could not be completed is requeued with a delay that grows with each attempt.
    ///
    /// # Errors
    /// [`StorageFailure`] if the result could not be recorded. The job then becomes stale and is taken over.
    pub async fn work(&self, attempt: &Attempt) -> Result<(), StorageFailure> {
        let Some(handler) = self.handlers.iter().find(|handler| handler.kind() == attempt.kind) else {
            self.queue.end(attempt, &JobEnd::Failed("unknown-kind")).await?;
            return Ok(());
        };
        // A job that crashes the process in every attempt fails after `ATTEMPTS` attempts. A job that makes
        // progress in each attempt may be interrupted any number of times.
        let tries = i64::from(attempt.number) - attempt.progress.get(LATEST).copied().unwrap_or_default();
        let outcome = if tries > ATTEMPTS {
            Err(JobFailure::Refused("internal-error"))
        } else {
            let run = AssertUnwindSafe(handler.run(attempt)).catch_unwind();
            run.await.unwrap_or_else(|_panic| {
                Err(StorageFailure::Broken("the handler panicked".to_owned()).into())
            })
        };
        let failed = match outcome {
            Ok(()) => {
                handler.ended(attempt).await;
                return Ok(());
            }
            Err(JobFailure::Lost) => return Ok(()),
            Err(JobFailure::Refused(reason)) => reason,
            Err(JobFailure::Storage(failure)) if tries >= ATTEMPTS || !failure.is_retryable() => {
                tracing::error!(job = %attempt.job, %failure, "a job has failed");
                "internal-error"
            }
            Err(JobFailure::Storage(failure)) => {
                tracing::warn!(job = %attempt.job, %failure, "a job will be tried again");
                let wait = Duration::from_secs(1 << tries.clamp(0, 8));
                return self.queue.requeue(attempt, wait).await;
            }
        };
        if handler.fail(attempt, failed).await? {
            handler.ended(attempt).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use haat_domain::job::MockJobQueue;
    use haat_domain::shared::{JobId, TenantId};

    use super::*;

    struct StubHandler(Result<(), JobFailure>, Arc<AtomicBool>, Arc<Mutex<Option<&'static str>>>);

    #[async_trait]
    impl JobHandler for StubHandler {
        fn kind(&self) -> &'static str {
            "test"
        }

        async fn run(&self, _: &Attempt) -> Result<(), JobFailure> {
            assert_ne!(self.0, Err(JobFailure::Refused("panic")), "the stub panics on request");
            self.0.clone()
        }

        async fn fail(&self, _: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
            *self.2.lock().unwrap() = Some(reason);
            Ok(reason != "lost")
        }

        async fn ended(&self, _: &Attempt) {
            self.1.store(true, Ordering::SeqCst);
        }
    }

    fn attempt(number: i32) -> Attempt {
        Attempt {
            tenant: TenantId::new(1),
            job: JobId::new(2),
            kind: "test".into(),
            actor: None,
            facts: [].into(),
            progress: [].into(),
            number,
        }
    }

    /// Runs the attempt. Returns `true` if the handler was notified of the end, and the reason if it failed.
    async fn work(
        outcome: Result<(), JobFailure>,
        attempt: Attempt,
        queue: MockJobQueue,
    ) -> (bool, Option<&'static str>) {
        let (ended, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(None)));
        let handlers: JobHandlers = vec![Arc::new(StubHandler(outcome, ended.clone(), failed.clone()))];
        RunJobs::new(Arc::new(queue), handlers, Duration::from_secs(8)).work(&attempt).await.unwrap();
        let failed = *failed.lock().unwrap();
        (ended.load(Ordering::SeqCst), failed)
    }

    #[tokio::test]
    async fn completed_and_lost_jobs_are_not_changed() {
        assert_eq!(work(Ok(()), attempt(1), MockJobQueue::new()).await, (true, None));
        assert_eq!(work(Err(JobFailure::Lost), attempt(1), MockJobQueue::new()).await, (false, None));
    }

    #[tokio::test]
    async fn permanent_errors_fail_the_job() {
        let down = || JobFailure::Storage(StorageFailure::Unavailable("down".into()));
        let broken = || JobFailure::Storage(StorageFailure::Broken("broken".into()));
        for (outcome, attempt, reason) in [
            (Err(JobFailure::Refused("no-header")), attempt(1), "no-header"),
            (Err(JobFailure::Refused("panic")), attempt(1), "internal-error"),
            (Err(broken()), attempt(1), "internal-error"),
            (Err(down()), attempt(8), "internal-error"),
            (Ok(()), attempt(9), "internal-error"),
            // Another attempt has taken the job over.
            (Err(JobFailure::Refused("lost")), attempt(1), "lost"),
        ] {
            assert_eq!(work(outcome, attempt, MockJobQueue::new()).await, (reason != "lost", Some(reason)));
        }
        let mut queue = MockJobQueue::new();
        queue
            .expect_end()
            .times(1)
            .withf(|_, end| *end == JobEnd::Failed("unknown-kind"))
            .returning(|_, _| Ok(true));
        let unknown = Attempt { kind: "other".into(), ..attempt(1) };
        assert_eq!(work(Ok(()), unknown, queue).await, (false, None));
    }

    #[tokio::test]
    async fn a_job_with_progress_has_no_limit_of_attempts() {
        let progress = [(LATEST.to_owned(), 19)].into();
        assert!(work(Ok(()), Attempt { progress, ..attempt(20) }, MockJobQueue::new()).await.0);
    }

    #[tokio::test]
    async fn retryable_errors_requeue_with_growing_delay() {
        for (number, wait) in [(1, 2), (2, 4), (7, 128)] {
            let mut queue = MockJobQueue::new();
            queue
                .expect_requeue()
                .times(1)
                .withf(move |_, delay| *delay == Duration::from_secs(wait))
                .returning(|_, _| Ok(()));
            let down = JobFailure::Storage(StorageFailure::Unavailable("down".into()));
            assert!(!work(Err(down), attempt(number), queue).await.0);
        }
    }
}
