use std::sync::Arc;
use std::time::{Duration, Instant};

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
    let mut ticking = every(TICK_INTERVAL);
    let mut rows_added: Option<Instant> = None;
    loop {
        tokio::select! {
            _ = ticking.tick() => {}
            () = stopping(&mut stop) => return,
        }
        if background.standby.is_set() {
            continue;
        }
        let look = look(&schedules, &background.metrics, &mut rows_added);
        match tokio::time::timeout(TIME_LIMIT, look).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::debug!(%failure, "cannot look at the schedules"),
            Err(_) => tracing::warn!("looking at the schedules took too long; it is repeated"),
        }
    }
}

/// Adds missing rows from time to time, and the jobs of all slots that are due.
async fn look(
    schedules: &TickSchedules,
    metrics: &BackgroundMetrics,
    rows_added: &mut Option<Instant>,
) -> Result<(), StorageFailure> {
    if rows_added.is_none_or(|added| added.elapsed() >= ROWS_INTERVAL) {
        schedules.add_missing().await?;
        *rows_added = Some(Instant::now());
    }
    for ticked in schedules.tick().await? {
        let outcome = ticked.outcome.as_str();
        tracing::info!(schedule = ticked.name, outcome, slots = ticked.slots, "slots decided");
        metrics.ticked(&ticked);
    }
    Ok(())
}
