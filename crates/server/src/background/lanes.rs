use std::sync::Arc;
use std::time::{Duration, Instant};

use haat_application::job::{JobFailure, Outcome, RunJobs, TIMED_OUT};
use haat_domain::job::{Attempt, ClaimState, Lane};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::{Background, OUTAGE_PAUSE, pause, stopping};

/// The time that short jobs get to finish when the process stops.
const GRACE: Duration = Duration::from_secs(10);

/// Claims the jobs of a lane and runs at most `workers` at once, until `stop` is set. Only one claim of a lane is under way at a time,
/// so an idle lane costs the same with any number of workers.
pub(super) async fn run(background: Background, lane: Lane, workers: usize, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(workers));
    let mut attempts = JoinSet::new();
    while !*stop.borrow() {
        while attempts.try_join_next().is_some() {}
        let slot = tokio::select! {
            slot = slots.clone().acquire_owned() => slot,
            () = stopping(&mut stop) => break,
        };
        // Fails only if the semaphore is closed.
        let Ok(slot) = slot else { break };
        if background.standby.is_set() {
            pause(OUTAGE_PAUSE, &mut stop).await;
            continue;
        }
        match background.jobs.claim(lane).await {
            Ok(Some(claimed)) => {
                background.metrics.started(lane, claimed.start_delay);
                let (background, stop) = (background.clone(), stop.clone());
                attempts.spawn(async move {
                    run_attempt(&background, lane, &claimed.attempt, stop).await;
                    drop(slot);
                });
            }
            Ok(None) => pause(lane.idle_pause(), &mut stop).await,
            Err(failure) => {
                tracing::debug!(lane = lane.as_str(), %failure, "cannot claim a job");
                pause(OUTAGE_PAUSE, &mut stop).await;
            }
        }
    }
    while attempts.join_next().await.is_some() {}
}

/// Runs one attempt of a job and sends heartbeats meanwhile. If it loses its claim, it is dropped and its uncommitted work is lost.
async fn run_attempt(background: &Background, lane: Lane, attempt: &Attempt, stop: watch::Receiver<bool>) {
    let (job, kind, number) = (attempt.job.get(), attempt.kind.as_str(), attempt.number);
    let (lane_name, started) = (lane.as_str(), Instant::now());
    tracing::info!(job, kind, lane = lane_name, number, "job attempt started");
    let jobs = &*background.jobs;
    let result = tokio::select! {
        result = within_limit(lane, jobs.run(attempt)) => result,
        () = claim_lost(jobs, attempt) => Err(JobFailure::ClaimLost),
        () = out_of_time(lane, stop) => {
            if let Err(failure) = jobs.release(attempt).await {
                tracing::warn!(job, %failure, "cannot reschedule the job; it will be recovered");
            }
            background.metrics.ended(kind, "released", started.elapsed());
            return;
        }
    };
    match jobs.settle(attempt, result).await {
        Ok(outcome) => {
            tracing::info!(
                job,
                kind,
                lane = lane_name,
                number,
                outcome = outcome.as_str(),
                "job attempt ended"
            );
            background.metrics.ended(kind, outcome.as_str(), started.elapsed());
        }
        Err(failure) => {
            tracing::warn!(job, %failure, "cannot record the result of the job; it will be recovered");
            background.metrics.ended(kind, Outcome::Lost.as_str(), started.elapsed());
        }
    }
}

/// Ends an attempt that takes longer than its lane allows.
async fn within_limit(
    lane: Lane,
    run: impl Future<Output = Result<(), JobFailure>>,
) -> Result<(), JobFailure> {
    match lane.time_limit() {
        None => run.await,
        Some(limit) => tokio::time::timeout(limit, run).await.unwrap_or(Err(JobFailure::Retry(TIMED_OUT))),
    }
}

/// Sends heartbeats; returns once the attempt has lost the job or is to be cancelled.
async fn claim_lost(jobs: &RunJobs, attempt: &Attempt) {
    loop {
        tokio::time::sleep(jobs.heartbeat_interval()).await;
        if matches!(jobs.heartbeat(attempt).await, Ok(ClaimState::Lost | ClaimState::CancelRequested)) {
            return;
        }
    }
}

/// Returns when the process stops and the job cannot be finished first. Bulk jobs continue from their last checkpoint.
async fn out_of_time(lane: Lane, mut stop: watch::Receiver<bool>) {
    stopping(&mut stop).await;
    if lane != Lane::Bulk {
        tokio::time::sleep(GRACE).await;
    }
}
