use std::sync::Arc;
use std::time::Duration;

use haat_application::job::TickSchedules;
use haat_domain::shared::StorageFailure;
use tokio::sync::watch;

use super::{Background, BackgroundMetrics, every, stopping};

/// The interval at which a process looks for schedules whose next slot has come.
const TICK_INTERVAL: Duration = Duration::from_secs(1);

/// The interval at which rows of new tenants are added.
const ROWS_INTERVAL: Duration = Duration::from_mins(1);

/// The time after which a look is abandoned. Its slots are still due at the next one.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Adds the jobs of schedules, until `stop` is set.
pub(super) async fn run(
    background: Background,
    schedules: Arc<TickSchedules>,
    mut stop: watch::Receiver<bool>,
) {
    let (mut ticking, mut adding) = (every(TICK_INTERVAL), every(ROWS_INTERVAL));
    loop {
        let work = tokio::select! {
            biased;
            () = stopping(&mut stop) => return,
            _ = adding.tick() => Work::AddRows,
            _ = ticking.tick() => Work::Tick,
        };
        if background.standby.is_set() {
            continue;
        }
        match tokio::time::timeout(TIME_LIMIT, work.run(&schedules, &background.metrics)).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::debug!(%failure, "cannot look at the schedules"),
            Err(_) => tracing::warn!("looking at the schedules took too long; it is repeated"),
        }
    }
}

/// The next step.
enum Work {
    AddRows,
    Tick,
}

impl Work {
    async fn run(self, schedules: &TickSchedules, metrics: &BackgroundMetrics) -> Result<(), StorageFailure> {
        match self {
            Self::AddRows => schedules.add_missing().await,
            Self::Tick => {
                for ticked in schedules.tick().await? {
                    tracing::info!(
                        schedule = ticked.name,
                        outcome = ticked.outcome.as_str(),
                        slots = ticked.slots,
                        "slots decided"
                    );
                    metrics.ticked(&ticked);
                }
                Ok(())
            }
        }
    }
}
