use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use haat_domain::job::{
    Attempt, CANCELLED, ClaimState, ClaimedJob, JobKind, JobQueue, Lane, PROGRESS_ATTEMPT,
};
use haat_domain::shared::StorageFailure;

/// The reason of a job that failed for a reason that its requester cannot remove.
pub const INTERNAL_ERROR: &str = "internal-error";

/// The reason of a job whose attempts took longer than its lane allows.
pub const TIMED_OUT: &str = "timed-out";

/// Reasons why an attempt did not complete a job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobFailure {
    /// The job cannot be completed, for this reason: a stable code.
    #[error("{0}")]
    Rejected(&'static str),
    /// Another attempt has taken the job over, or a user has requested to cancel it.
    #[error("the claim is lost")]
    ClaimLost,
    /// A retry may succeed. After the last attempt the job fails for this reason: a stable code.
    #[error("{0}")]
    Retry(&'static str),
    /// The job cannot run for this long. This is not an attempt.
    #[error("postponed")]
    Postponed(Duration),
    /// The storage failed. A retry may succeed.
    #[error(transparent)]
    Storage(#[from] StorageFailure),
}

/// Handles the jobs of one kind.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Returns the kind.
    fn kind(&self) -> &'static JobKind;

    /// Runs the job to its end. The handler records the end itself, in the transaction of its last change. It
    /// may be called again after a crash and must not repeat changes that are committed.
    ///
    /// # Errors
    /// [`JobFailure`].
    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure>;

    /// Records that the job has failed or was cancelled for this reason, and applies the consequences. Returns `false` if
    /// another attempt has taken the job over.
    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure>;

    /// Cleans up after the job has ended in a way that rules out a retry.
    async fn ended(&self, attempt: &Attempt);
}

/// The handlers of all kinds of jobs.
pub type JobHandlers = Vec<Arc<dyn JobHandler>>;

/// Claims jobs from the queue and runs each to its end.
pub struct RunJobs {
    queue: Arc<dyn JobQueue>,
    handlers: JobHandlers,
    kinds: Vec<&'static JobKind>,
    stale: Duration,
}

impl RunJobs {
    /// Builds the worker. A job without a heartbeat for `stale` returns to the queue.
    #[must_use]
    pub fn new(queue: Arc<dyn JobQueue>, handlers: JobHandlers, stale: Duration) -> Self {
        let kinds = handlers.iter().map(|handler| handler.kind()).collect();
        Self { queue, handlers, kinds, stale }
    }

    /// Returns the interval at which the worker of a job must send a [`heartbeat`](Self::heartbeat).
    #[must_use]
    pub fn heartbeat_interval(&self) -> Duration {
        self.stale / 4
    }

    /// Returns the time without a heartbeat after which a job returns to the queue.
    #[must_use]
    pub const fn stale(&self) -> Duration {
        self.stale
    }

    /// Claims the next job of a lane, if one is due.
    pub async fn claim(&self, lane: Lane) -> Result<Option<ClaimedJob>, StorageFailure> {
        self.queue.claim(lane, &self.kinds).await
    }

    /// Returns the jobs of stopped processes to the queue, and returns their kinds.
    pub async fn recover(&self) -> Result<Vec<String>, StorageFailure> {
        self.queue.recover(self.stale).await
    }

    /// Cancels the queued jobs that a user wants to cancel or that have expired. Returns their kinds.
    pub async fn cancel_unwanted(&self) -> Result<Vec<String>, StorageFailure> {
        let mut kinds = Vec::new();
        while let Some((attempt, reason)) = self.queue.claim_unwanted(&self.kinds).await? {
            if let Some(handler) = self.handler(&attempt) {
                handler.fail(&attempt, reason).await?;
            }
            kinds.push(attempt.kind);
        }
        Ok(kinds)
    }

    /// Records that the job is still running.
    pub async fn heartbeat(&self, attempt: &Attempt) -> Result<ClaimState, StorageFailure> {
        self.queue.heartbeat(attempt, None).await
    }

    /// Returns a job to the queue without delay, because this process is about to end.
    pub async fn release(&self, attempt: &Attempt) -> Result<(), StorageFailure> {
        self.queue.reschedule(attempt, Duration::ZERO).await
    }

    /// Runs an attempt. Its result has to be recorded with [`settle`](Self::settle).
    ///
    /// # Errors
    /// [`JobFailure`].
    pub async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        // A kind that this binary does not know is not claimed.
        let handler = self.handler(attempt).ok_or(JobFailure::ClaimLost)?;
        // A job that crashes the process in every attempt fails after its attempts. A job that makes progress in each attempt may
        // be interrupted any number of times.
        if tries(attempt) > handler.kind().retry.attempts.into() {
            return Err(JobFailure::Rejected(INTERNAL_ERROR));
        }
        let run = AssertUnwindSafe(handler.run(attempt)).catch_unwind();
        run.await
            .unwrap_or_else(|_panic| Err(StorageFailure::Broken("the handler panicked".to_owned()).into()))
    }

    /// Records the result of an attempt. A job that could not be completed is rescheduled with a delay that grows with each attempt.
    ///
    /// # Errors
    /// [`StorageFailure`] if the result could not be recorded. The job then becomes stale and is taken over.
    pub async fn settle(
        &self,
        attempt: &Attempt,
        result: Result<(), JobFailure>,
    ) -> Result<Outcome, StorageFailure> {
        let Some(handler) = self.handler(attempt) else { return Ok(Outcome::Lost) };
        let job = attempt.job.get();
        let (reason, can_retry) = match result {
            Ok(()) => {
                handler.ended(attempt).await;
                return Ok(Outcome::Succeeded);
            }
            Err(JobFailure::ClaimLost) => match self.heartbeat(attempt).await? {
                ClaimState::CancelRequested => (CANCELLED, true),
                ClaimState::Held | ClaimState::Lost => return Ok(Outcome::Lost),
            },
            Err(JobFailure::Postponed(wait)) => {
                self.queue.postpone(attempt, wait).await?;
                return Ok(Outcome::Postponed);
            }
            Err(JobFailure::Rejected(reason)) => (reason, reason == INTERNAL_ERROR),
            Err(JobFailure::Storage(failure)) if !failure.is_retryable() => {
                tracing::error!(job, kind = attempt.kind, %failure, "a job has failed");
                (INTERNAL_ERROR, true)
            }
            Err(failure @ (JobFailure::Storage(_) | JobFailure::Retry(_))) => {
                let (retry, tries) = (handler.kind().retry, tries(attempt));
                if tries < retry.attempts.into() {
                    tracing::warn!(job, kind = attempt.kind, %failure, "a job will be tried again");
                    let spread = attempt.job.get().unsigned_abs().wrapping_add(tries.unsigned_abs());
                    self.queue.reschedule(attempt, retry.pause(tries, spread)).await?;
                    return Ok(Outcome::Rescheduled);
                }
                tracing::error!(job, kind = attempt.kind, %failure, "a job has failed");
                (if let JobFailure::Retry(reason) = failure { reason } else { INTERNAL_ERROR }, true)
            }
        };
        if !handler.fail(attempt, reason).await? {
            return Ok(Outcome::Lost);
        }
        if !can_retry {
            handler.ended(attempt).await;
        }
        Ok(if reason == CANCELLED { Outcome::Cancelled } else { Outcome::Failed })
    }

    fn handler(&self, attempt: &Attempt) -> Option<&Arc<dyn JobHandler>> {
        self.handlers.iter().find(|handler| handler.kind().name == attempt.kind)
    }
}

/// The number of attempts without progress, with this one.
fn tries(attempt: &Attempt) -> i64 {
    i64::from(attempt.number) - attempt.progress.get(PROGRESS_ATTEMPT).copied().unwrap_or_default()
}

/// The outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The job is completed.
    Succeeded,
    /// The job has failed.
    Failed,
    /// The job is cancelled.
    Cancelled,
    /// The job is tried again later.
    Rescheduled,
    /// The job could not run, which is not an attempt.
    Postponed,
    /// The attempt had lost the job.
    Lost,
}

impl Outcome {
    /// Returns the word in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Rescheduled => "rescheduled",
            Self::Postponed => "postponed",
            Self::Lost => "lost",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use haat_domain::job::{EXPIRED, MockJobQueue};
    use haat_domain::shared::{JobId, TenantId};

    use super::*;

    static TEST: JobKind = JobKind::new("test", Lane::Prompt);

    struct StubHandler(Result<(), JobFailure>, Arc<AtomicBool>, Arc<Mutex<Option<&'static str>>>);

    #[async_trait]
    impl JobHandler for StubHandler {
        fn kind(&self) -> &'static JobKind {
            &TEST
        }

        async fn run(&self, _: &Attempt) -> Result<(), JobFailure> {
            assert_ne!(self.0, Err(JobFailure::Rejected("panic")), "the stub panics on request");
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
            kind: TEST.name.into(),
            actor: None,
            args: [].into(),
            progress: [].into(),
            number,
            scheduled: None,
        }
    }

    fn down() -> JobFailure {
        JobFailure::Storage(StorageFailure::Unavailable("down".into()))
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Settled {
        outcome: Outcome,
        ended: bool,
        reason: Option<&'static str>,
    }

    /// Runs the attempt with a handler that returns `result`.
    async fn work(result: Result<(), JobFailure>, attempt: Attempt, queue: MockJobQueue) -> Settled {
        let (ended, failed) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(None)));
        let handlers: JobHandlers = vec![Arc::new(StubHandler(result, ended.clone(), failed.clone()))];
        let jobs = RunJobs::new(Arc::new(queue), handlers, Duration::from_secs(8));
        let result = jobs.run(&attempt).await;
        let outcome = jobs.settle(&attempt, result).await.unwrap();
        let reason = *failed.lock().unwrap();
        Settled { outcome, ended: ended.load(Ordering::SeqCst), reason }
    }

    #[tokio::test]
    async fn completed_jobs_are_cleaned_up() {
        let settled = work(Ok(()), attempt(1), MockJobQueue::new()).await;
        assert_eq!(settled, Settled { outcome: Outcome::Succeeded, ended: true, reason: None });
    }

    #[tokio::test]
    async fn lost_claims_change_nothing_unless_a_user_cancels() {
        for (state, outcome, reason) in [
            (ClaimState::Lost, Outcome::Lost, None),
            (ClaimState::Held, Outcome::Lost, None),
            (ClaimState::CancelRequested, Outcome::Cancelled, Some(CANCELLED)),
        ] {
            let mut queue = MockJobQueue::new();
            queue.expect_heartbeat().times(1).returning(move |_, _| Ok(state));
            let settled = work(Err(JobFailure::ClaimLost), attempt(1), queue).await;
            assert_eq!(settled, Settled { outcome, ended: false, reason });
        }
    }

    #[tokio::test]
    async fn permanent_errors_fail_the_job() {
        let broken = || JobFailure::Storage(StorageFailure::Broken("broken".into()));
        for (result, attempt, reason) in [
            (Err(JobFailure::Rejected("no-header")), attempt(1), "no-header"),
            (Err(JobFailure::Rejected("panic")), attempt(1), INTERNAL_ERROR),
            (Err(broken()), attempt(1), INTERNAL_ERROR),
            (Err(down()), attempt(8), INTERNAL_ERROR),
            (Err(JobFailure::Retry(TIMED_OUT)), attempt(8), TIMED_OUT),
            (Ok(()), attempt(9), INTERNAL_ERROR),
        ] {
            // A job that can be retried keeps its file.
            let ended = reason == "no-header";
            let expected = Settled { outcome: Outcome::Failed, ended, reason: Some(reason) };
            assert_eq!(work(result, attempt, MockJobQueue::new()).await, expected);
        }
        let lost = work(Err(JobFailure::Rejected("lost")), attempt(1), MockJobQueue::new()).await;
        assert_eq!(lost.outcome, Outcome::Lost, "another attempt has taken the job over");
    }

    #[tokio::test]
    async fn a_job_with_progress_has_no_limit_of_attempts() {
        let progress = [(PROGRESS_ATTEMPT.to_owned(), 19)].into();
        let settled = work(Ok(()), Attempt { progress, ..attempt(20) }, MockJobQueue::new()).await;
        assert_eq!(settled.outcome, Outcome::Succeeded);
    }

    #[tokio::test]
    async fn retryable_errors_reschedule_with_growing_delay() {
        for (number, seconds, failure) in
            [(1, 2.0, down()), (2, 4.0, JobFailure::Retry(TIMED_OUT)), (7, 128.0, down())]
        {
            let mut queue = MockJobQueue::new();
            queue
                .expect_reschedule()
                .times(1)
                .withf(move |_, wait| (0.8..=1.2).contains(&(wait.as_secs_f64() / seconds)))
                .returning(|_, _| Ok(()));
            assert_eq!(work(Err(failure), attempt(number), queue).await.outcome, Outcome::Rescheduled);
        }
    }

    #[tokio::test]
    async fn a_postponed_job_is_not_an_attempt() {
        let mut queue = MockJobQueue::new();
        queue
            .expect_postpone()
            .times(1)
            .withf(|_, wait| *wait == Duration::from_mins(10))
            .returning(|_, _| Ok(()));
        let postponed = Err(JobFailure::Postponed(Duration::from_mins(10)));
        assert_eq!(work(postponed, attempt(8), queue).await.outcome, Outcome::Postponed);
    }

    #[tokio::test]
    async fn unwanted_jobs_fail_with_their_reason() {
        let mut queue = MockJobQueue::new();
        let mut unwanted = [Some((attempt(1), EXPIRED)), None].into_iter();
        queue.expect_claim_unwanted().times(2).returning(move |_| Ok(unwanted.next().flatten()));
        let reason = Arc::new(Mutex::new(None));
        let handlers: JobHandlers = vec![Arc::new(StubHandler(Ok(()), Arc::default(), reason.clone()))];
        let jobs = RunJobs::new(Arc::new(queue), handlers, Duration::from_secs(8));
        assert_eq!(jobs.cancel_unwanted().await, Ok(vec!["test".to_owned()]));
        assert_eq!(*reason.lock().unwrap(), Some(EXPIRED));
    }
}
