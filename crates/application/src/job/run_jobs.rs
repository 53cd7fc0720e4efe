use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use haat_domain::job::{Attempt, JobEnd, JobQueue, LATEST};
use haat_domain::shared::StorageFailure;

/// A job is tried so often without coming further; then it has failed.
const ATTEMPTS: i64 = 8;

/// Why an attempt did not bring a job to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFailure {
    /// It cannot be done, for this reason: a stable word.
    #[error("{0}")]
    Refused(&'static str),
    /// Another attempt has taken it over.
    #[error("another attempt has taken the job over")]
    Lost,
    /// The storage could not answer; trying again may help.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Does one kind of work.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// The kind.
    fn kind(&self) -> &'static str;

    /// Works until the job has ended, which the handler notes itself, in the transaction of its last change. It may be
    /// called again after any crash, and then must not do twice what it has committed.
    ///
    /// # Errors
    /// [`JobFailure`].
    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure>;

    /// Notes that the job has failed, for this reason, and what follows from that; `false` where another attempt has it.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    async fn fail(&self, attempt: &Attempt, why: &'static str) -> Result<bool, StorageFailure>;

    /// Is told that the job has ended, well or not, to clear up after it.
    async fn ended(&self, attempt: &Attempt);
}

/// All that work on jobs.
pub type JobHandlers = Vec<Arc<dyn JobHandler>>;

/// Takes one job after the other and brings it to its end.
pub struct RunJobs {
    queue: Arc<dyn JobQueue>,
    handlers: JobHandlers,
    stale: Duration,
}

impl RunJobs {
    /// Builds the worker. A job that has not been tended for `stale` is taken over from whoever had it.
    #[must_use]
    pub fn new(queue: Arc<dyn JobQueue>, handlers: JobHandlers, stale: Duration) -> Self {
        Self { queue, handlers, stale }
    }

    /// How often whoever works on a job must [`tend`](Self::tend) it.
    #[must_use]
    pub fn pace(&self) -> Duration {
        self.stale / 4
    }

    /// The next job, if one is due.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    pub async fn take(&self) -> Result<Option<Attempt>, StorageFailure> {
        let kinds: Vec<_> = self.handlers.iter().map(|handler| handler.kind()).collect();
        self.queue.take(&kinds, self.stale).await
    }

    /// Says that the job is still worked on; `false` where another attempt has taken it over.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    pub async fn tend(&self, attempt: &Attempt) -> Result<bool, StorageFailure> {
        self.queue.tend(attempt, None).await
    }

    /// Puts a job back at once, as this process is about to end.
    ///
    /// # Errors
    /// [`StorageFailure`] when the storage could not answer.
    pub async fn give_back(&self, attempt: &Attempt) -> Result<(), StorageFailure> {
        self.queue.put_back(attempt, Duration::ZERO).await
    }

    /// Works on a job. What could not be finished is put back, to be tried a little later each time.
    ///
    /// # Errors
    /// [`StorageFailure`] when not even that could be noted: it becomes stale then, and is taken again.
    pub async fn work(&self, attempt: &Attempt) -> Result<(), StorageFailure> {
        let Some(handler) = self.handlers.iter().find(|handler| handler.kind() == attempt.kind) else {
            self.queue.end(attempt, &JobEnd::Failed("unknown-kind")).await?;
            return Ok(());
        };
        // A job that ends its process each time ends none any more. One that comes further each time may be ended often.
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
            Err(JobFailure::Refused(why)) => why,
            Err(JobFailure::Storage(failure)) if tries >= ATTEMPTS || !failure.is_retryable() => {
                tracing::error!(job = %attempt.job, %failure, "a job has failed");
                "internal-error"
            }
            Err(JobFailure::Storage(failure)) => {
                tracing::warn!(job = %attempt.job, %failure, "a job will be tried again");
                let wait = Duration::from_secs(1 << tries.clamp(0, 8));
                return self.queue.put_back(attempt, wait).await;
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

    struct Answers(Result<(), JobFailure>, Arc<AtomicBool>, Arc<Mutex<Option<&'static str>>>);

    #[async_trait]
    impl JobHandler for Answers {
        fn kind(&self) -> &'static str {
            "test"
        }

        async fn run(&self, _: &Attempt) -> Result<(), JobFailure> {
            assert_ne!(self.0, Err(JobFailure::Refused("panic")), "as it was told");
            self.0.clone()
        }

        async fn fail(&self, _: &Attempt, why: &'static str) -> Result<bool, StorageFailure> {
            *self.2.lock().unwrap() = Some(why);
            Ok(why != "lost")
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

    /// Works on it, and tells whether the handler was told that it has ended, and why it has failed.
    async fn work(
        outcome: Result<(), JobFailure>,
        attempt: Attempt,
        queue: MockJobQueue,
    ) -> (bool, Option<&'static str>) {
        let (ended, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(None)));
        let handlers: JobHandlers = vec![Arc::new(Answers(outcome, ended.clone(), failed.clone()))];
        RunJobs::new(Arc::new(queue), handlers, Duration::from_secs(8)).work(&attempt).await.unwrap();
        let failed = *failed.lock().unwrap();
        (ended.load(Ordering::SeqCst), failed)
    }

    #[tokio::test]
    async fn what_is_done_or_lost_is_left_alone() {
        assert_eq!(work(Ok(()), attempt(1), MockJobQueue::new()).await, (true, None));
        assert_eq!(work(Err(JobFailure::Lost), attempt(1), MockJobQueue::new()).await, (false, None));
    }

    #[tokio::test]
    async fn what_cannot_be_done_has_failed() {
        let away = || JobFailure::Storage(StorageFailure::Unavailable("away".into()));
        let broken = || JobFailure::Storage(StorageFailure::Broken("broken".into()));
        for (outcome, attempt, word) in [
            (Err(JobFailure::Refused("no-header")), attempt(1), "no-header"),
            (Err(JobFailure::Refused("panic")), attempt(1), "internal-error"),
            (Err(broken()), attempt(1), "internal-error"),
            (Err(away()), attempt(8), "internal-error"),
            (Ok(()), attempt(9), "internal-error"),
            // Another attempt has it by now, and is not disturbed.
            (Err(JobFailure::Refused("lost")), attempt(1), "lost"),
        ] {
            assert_eq!(work(outcome, attempt, MockJobQueue::new()).await, (word != "lost", Some(word)));
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
    async fn a_job_that_comes_further_each_time_may_end_its_process_often() {
        let progress = [(LATEST.to_owned(), 19)].into();
        assert!(work(Ok(()), Attempt { progress, ..attempt(20) }, MockJobQueue::new()).await.0);
    }

    #[tokio::test]
    async fn what_may_succeed_later_is_put_back_for_longer_each_time() {
        for (number, wait) in [(1, 2), (2, 4), (7, 128)] {
            let mut queue = MockJobQueue::new();
            queue
                .expect_put_back()
                .times(1)
                .withf(move |_, waits| *waits == Duration::from_secs(wait))
                .returning(|_, _| Ok(()));
            let away = JobFailure::Storage(StorageFailure::Unavailable("away".into()));
            assert!(!work(Err(away), attempt(number), queue).await.0);
        }
    }
}
