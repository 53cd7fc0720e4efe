use std::sync::Arc;
use std::time::Duration;

use haat_application::activity::{Activity, ActivityUseCases, RecordActivity};
use haat_domain::activity::Tally;
use haat_http_core::{ActivityCounter, ActivitySink, AppData, Context};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;

use super::Parts;
use crate::system::SystemClock;
use crate::wiring::Storage;

/// The time in which the counts of other workers are awaited. The workers send at nearly the same time, and one statement writes
/// the counts of all.
const GATHERING: Duration = Duration::from_millis(100);

/// The HTTP interface of the context.
pub(super) const CONTEXT: Context = haat_http_org::activity::CONTEXT;

/// Builds the use cases.
pub(super) fn use_cases(parts: &Parts<'_>) -> AppData {
    let Storage { db, org, .. } = parts.storage;
    let activity = Activity::new(org.clone(), org.clone(), db.clone(), db.clone(), Arc::new(SystemClock));
    AppData::new(ActivityUseCases { activity })
}

/// Returns the counters of the workers, which send their counts at this interval, and the task that writes them. The task ends
/// once all workers have stopped and their last counts are written.
pub(crate) fn counting(storage: &Storage, interval: Duration) -> (AppData, JoinHandle<()>) {
    let (sender, tallies) = mpsc::unbounded_channel();
    let record = RecordActivity::new(storage.org.clone());
    let send = Arc::new(move |tallies| {
        // Fails only if the task below has ended, with its runtime.
        let _ = sender.send(tallies);
    });
    let sink = ActivitySink { send, interval, clock: Arc::new(SystemClock) };
    let counter = AppData::per_worker(move || ActivityCounter::start(sink.clone()));
    (counter, tokio::spawn(write(record, tallies)))
}

async fn write(mut record: RecordActivity, mut tallies: UnboundedReceiver<Vec<Tally>>) {
    while let Some(mut gathered) = tallies.recv().await {
        tokio::time::sleep(GATHERING).await;
        while let Ok(more) = tallies.try_recv() {
            gathered.extend(more);
        }
        record.write(&gathered).await;
    }
}
