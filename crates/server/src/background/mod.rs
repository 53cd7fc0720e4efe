//! The background work of a process: lanes of jobs, schedules, drains, and the recovery of jobs whose process has stopped.

mod drains;
mod lane_workers;
mod lanes;
mod metrics;
mod standby;
mod ticks;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use haat_application::job::{Drain, RunJobs, TickSchedules};
use haat_domain::job::Lane;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};

pub use lane_workers::LaneWorkers;
pub use metrics::BackgroundMetrics;
pub use standby::Standby;

/// The pause after the database could not be reached.
const OUTAGE_PAUSE: Duration = Duration::from_secs(2);

/// The parts of the background work.
#[derive(Clone)]
pub struct Background {
    /// Claims and runs jobs.
    pub jobs: Arc<RunJobs>,
    /// Adds the jobs of schedules; `None` in a process that runs only the jobs of a command.
    pub schedules: Option<Arc<TickSchedules>>,
    /// The drains.
    pub drains: Vec<Arc<dyn Drain>>,
    /// Counts and durations.
    pub metrics: Arc<BackgroundMetrics>,
    /// Set while the database is a standby: nothing is claimed meanwhile.
    pub standby: Standby,
}

/// The running tasks of the background work.
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts the lanes, the schedules, the drains and the recovery of jobs; nothing if there are no workers.
    #[must_use]
    pub fn start(self, workers: LaneWorkers) -> Running {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        if workers.total() > 0 {
            for lane in Lane::ALL.iter().copied().filter(|lane| workers.of(*lane) > 0) {
                tasks.spawn(lanes::run(self.clone(), lane, workers.of(lane), stopped.clone()));
            }
            for drain in &self.drains {
                tasks.spawn(drains::run(self.clone(), drain.clone(), stopped.clone()));
            }
            if let Some(schedules) = self.schedules.clone() {
                tasks.spawn(ticks::run(self.clone(), schedules, stopped.clone()));
            }
            tasks.spawn(upkeep::run(self, stopped));
        }
        Running { stop, tasks }
    }
}

impl Running {
    /// Stops to claim. The tasks then finish or release their jobs.
    pub fn begin_stop(&self) {
        // Fails only if no task is running.
        let _ = self.stop.send(true);
    }

    /// Stops to claim, and waits until all jobs have finished or are released.
    ///
    /// # Errors
    /// [`tokio::task::JoinError`] if a task panicked.
    pub async fn stop(mut self) -> Result<(), tokio::task::JoinError> {
        self.begin_stop();
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        Ok(())
    }
}

/// Returns a timer that starts at once, and makes up for no ticks that an outage delayed.
fn every(interval: Duration) -> Interval {
    let mut timer = tokio::time::interval(interval);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}

/// Waits until `stop` is set.
async fn stopping(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits for the duration, or until `stop` is set.
async fn pause(duration: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(duration) => {}
        () = stopping(stop) => {}
    }
}
