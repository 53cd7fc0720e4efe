use std::time::Duration;

use haat_application::job::Outcome;
use tokio::sync::watch;

use super::{Background, every, stopping};

/// The interval between two looks at the jobs of stopped processes.
const RECOVERY_INTERVAL: Duration = Duration::from_secs(5);

/// The interval between two looks at jobs that users want to cancel.
const CANCEL_INTERVAL: Duration = Duration::from_secs(1);

/// Returns the jobs of stopped processes to the queue and cancels unwanted jobs, until `stop` is set.
pub(super) async fn run(background: Background, mut stop: watch::Receiver<bool>) {
    let (mut recovering, mut cancelling) =
        (every(RECOVERY_INTERVAL.min(background.jobs.stale())), every(CANCEL_INTERVAL));
    loop {
        tokio::select! {
            _ = recovering.tick() => if !background.standby.is_set() { recover(&background).await },
            _ = cancelling.tick() => if !background.standby.is_set() { cancel(&background).await },
            () = stopping(&mut stop) => return,
        }
    }
}

async fn recover(background: &Background) {
    match background.jobs.recover().await {
        Ok(kinds) => {
            for kind in kinds {
                tracing::warn!(kind, "a job without a heartbeat has returned to the queue");
                background.metrics.recovered(&kind);
            }
        }
        Err(failure) => tracing::debug!(%failure, "cannot recover jobs"),
    }
}

async fn cancel(background: &Background) {
    match background.jobs.cancel_unwanted().await {
        Ok(kinds) => {
            for kind in kinds {
                background.metrics.ended(&kind, Outcome::Cancelled.as_str(), Duration::ZERO);
            }
        }
        Err(failure) => tracing::debug!(%failure, "cannot cancel jobs"),
    }
}
