use std::time::Duration;

use haat_application::job::Outcome;
use tokio::sync::watch;

use super::{Background, pause};

/// The interval between two looks at the jobs of stopped processes.
const RECOVERY_INTERVAL: Duration = Duration::from_secs(5);

/// The interval between two looks at jobs that users want to cancel.
const CANCEL_INTERVAL: Duration = Duration::from_secs(1);

/// Returns the jobs of stopped processes to the queue and cancels unwanted jobs, until `stop` is set.
pub(super) async fn run(background: Background, mut stop: watch::Receiver<bool>) {
    let mut until_recovery = Duration::ZERO;
    while !*stop.borrow() {
        if !background.standby.is_set() {
            if until_recovery.is_zero() {
                until_recovery = RECOVERY_INTERVAL.min(background.jobs.stale());
                recover(&background).await;
            }
            cancel(&background).await;
        }
        pause(CANCEL_INTERVAL, &mut stop).await;
        until_recovery = until_recovery.saturating_sub(CANCEL_INTERVAL);
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
