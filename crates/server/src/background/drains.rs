use std::sync::Arc;

use haat_application::job::Drain;
use tokio::sync::watch;

use super::{Background, OUTAGE_PAUSE, pause};

/// The number of rows claimed at a time.
const BATCH: u16 = 100;

/// Drains a work table until `stop` is set.
pub(super) async fn run(background: Background, drain: Arc<dyn Drain>, mut stop: watch::Receiver<bool>) {
    let idle_pause = drain.lane().idle_pause();
    while !*stop.borrow() {
        if background.standby.is_set() {
            pause(OUTAGE_PAUSE, &mut stop).await;
            continue;
        }
        match drain.drain(BATCH).await {
            Ok(drained) => {
                background.metrics.drained(drain.name(), drained.done);
                if !drained.more {
                    let wait = drained.next_due.map_or(idle_pause, |due| due.min(idle_pause));
                    pause(wait, &mut stop).await;
                }
            }
            Err(failure) => {
                tracing::warn!(drain = drain.name(), %failure, "cannot drain");
                pause(OUTAGE_PAUSE, &mut stop).await;
            }
        }
    }
}
