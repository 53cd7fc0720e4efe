//! The job worker of a process: takes jobs, runs them and sends their heartbeats.

use std::sync::Arc;
use std::time::Duration;

use haat_application::job::RunJobs;
use haat_domain::job::Attempt;
use tokio::sync::watch;

/// The pause of an idle worker between polls of the queue.
const IDLE_PAUSE: Duration = Duration::from_millis(250);

/// The pause after the database could not be reached.
const OUTAGE_PAUSE: Duration = Duration::from_secs(2);

/// Runs jobs until `stop` is set; the job in progress then returns to the queue.
pub(crate) async fn work(jobs: Arc<RunJobs>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        let pause = match jobs.take().await {
            Ok(Some(attempt)) => {
                run_attempt(&jobs, &attempt, &mut stop).await;
                continue;
            }
            Ok(None) => IDLE_PAUSE,
            Err(failure) => {
                tracing::debug!(%failure, "cannot take a job");
                OUTAGE_PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Runs one attempt of a job and sends heartbeats meanwhile. If another attempt takes the job over, this one is
/// dropped and its uncommitted work is lost.
async fn run_attempt(jobs: &RunJobs, attempt: &Attempt, stop: &mut watch::Receiver<bool>) {
    let (job, kind, number) = (attempt.job.get(), attempt.kind.as_str(), attempt.number);
    tracing::info!(job, kind, number, "job attempt started");
    let stopped = async {
        while !*stop.borrow_and_update() {
            if stop.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        outcome = jobs.work(attempt) => match outcome {
            Ok(()) => tracing::info!(job, kind, number, "job attempt finished"),
            Err(failure) => {
                tracing::warn!(job, %failure, "cannot record the result of the job; a worker will take it over");
            }
        },
        () = taken_over(jobs, attempt) => tracing::warn!(job, "another attempt has taken the job over"),
        () = stopped => {
            if let Err(failure) = jobs.release(attempt).await {
                tracing::warn!(job, %failure, "cannot requeue the job; a worker will take it over");
            }
        }
    }
}

/// Sends heartbeats; returns once another attempt has the job.
async fn taken_over(jobs: &RunJobs, attempt: &Attempt) {
    loop {
        tokio::time::sleep(jobs.heartbeat_interval()).await;
        if matches!(jobs.heartbeat(attempt).await, Ok(false)) {
            return;
        }
    }
}
