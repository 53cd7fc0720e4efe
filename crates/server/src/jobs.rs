//! The worker beside the server: takes jobs and tends them.

use std::sync::Arc;
use std::time::Duration;

use haat_application::job::RunJobs;
use haat_domain::job::Attempt;
use tokio::sync::watch;

/// How often somebody without work looks for some.
const IDLE: Duration = Duration::from_millis(250);

/// How long to leave a database alone that does not answer.
const AWAY: Duration = Duration::from_secs(2);

/// Works until told to stop; a job in hand is given back then.
pub(crate) async fn work(jobs: Arc<RunJobs>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        let pause = match jobs.take().await {
            Ok(Some(attempt)) => {
                one(&jobs, &attempt, &mut stop).await;
                continue;
            }
            Ok(None) => IDLE,
            Err(failure) => {
                tracing::debug!(%failure, "jobs cannot be taken");
                AWAY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Works on one job, and says meanwhile that it does. Should another attempt have taken it over, it is dropped, and
/// what it had not committed with it.
async fn one(jobs: &RunJobs, attempt: &Attempt, stop: &mut watch::Receiver<bool>) {
    let (job, kind, number) = (attempt.job.get(), attempt.kind.as_str(), attempt.number);
    tracing::info!(job, kind, number, "working on a job");
    let stopped = async {
        while !*stop.borrow_and_update() {
            if stop.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        outcome = jobs.work(attempt) => match outcome {
            Ok(()) => tracing::info!(job, kind, number, "a job has been worked on"),
            Err(failure) => tracing::warn!(job, %failure, "a job is left until somebody takes it over"),
        },
        () = lost(jobs, attempt) => tracing::warn!(job, "another attempt has taken the job over"),
        () = stopped => {
            if let Err(failure) = jobs.give_back(attempt).await {
                tracing::warn!(job, %failure, "a job is left until somebody takes it over");
            }
        }
    }
}

async fn lost(jobs: &RunJobs, attempt: &Attempt) {
    loop {
        tokio::time::sleep(jobs.pace()).await;
        if matches!(jobs.tend(attempt).await, Ok(false)) {
            return;
        }
    }
}
