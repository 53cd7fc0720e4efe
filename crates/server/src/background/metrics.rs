use std::sync::Arc;
use std::time::Duration;

use haat_application::job::Ticked;
use haat_domain::job::{JobMonitor, Lane};
use haat_domain::schedule::Schedules;
use prometheus::core::Collector;
use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

/// The interval at which the gauges are read.
const INTERVAL: Duration = Duration::from_secs(10);

/// Buckets of delays and durations in seconds.
const BUCKETS: [f64; 12] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0];

/// The metrics of background work. No label holds a tenant.
pub struct BackgroundMetrics {
    queued: IntGaugeVec,
    running: IntGaugeVec,
    oldest_due: GaugeVec,
    start_delay: HistogramVec,
    runs: IntCounterVec,
    run_seconds: HistogramVec,
    recovered: IntCounterVec,
    slots: IntCounterVec,
    schedule_late: GaugeVec,
    drained: IntCounterVec,
    standby: IntGauge,
}

impl BackgroundMetrics {
    /// Creates and registers the metrics.
    ///
    /// # Errors
    /// [`prometheus::Error`] if a metric of this name exists.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let histogram = |name: &str, help: &str, label: &str| {
            HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), &[label])
        };
        let metrics = Self {
            queued: IntGaugeVec::new(
                Opts::new("haat_jobs_queued", "Queued jobs, those of closed tenants excluded"),
                &["lane"],
            )?,
            running: IntGaugeVec::new(Opts::new("haat_jobs_running", "Running jobs"), &["lane"])?,
            oldest_due: GaugeVec::new(
                Opts::new("haat_job_oldest_due_seconds", "Time since the oldest queued job was due"),
                &["lane"],
            )?,
            start_delay: histogram(
                "haat_job_start_delay_seconds",
                "Time from the moment at which a job is due to its claim",
                "lane",
            )?,
            runs: IntCounterVec::new(
                Opts::new(
                    "haat_job_runs_total",
                    "Attempts by outcome: succeeded, failed, cancelled, rescheduled, postponed, released at a stop, or lost",
                ),
                &["kind", "outcome"],
            )?,
            run_seconds: histogram("haat_job_run_seconds", "Duration of attempts", "kind")?,
            recovered: IntCounterVec::new(
                Opts::new("haat_jobs_recovered_total", "Jobs whose process stopped, returned to the queue"),
                &["kind"],
            )?,
            slots: IntCounterVec::new(
                Opts::new(
                    "haat_schedule_slots_total",
                    "Slots of schedules by outcome: enqueued, missed (a later job does their work), skipped (the previous job had \
                     not ended) or dropped (too old)",
                ),
                &["name", "outcome"],
            )?,
            schedule_late: GaugeVec::new(
                Opts::new(
                    "haat_schedule_late_seconds",
                    "Time since a slot that no process has decided about, of the latest tenant",
                ),
                &["name"],
            )?,
            drained: IntCounterVec::new(
                Opts::new("haat_drain_rows_total", "Rows done by drains"),
                &["drain"],
            )?,
            standby: IntGauge::new(
                "haat_database_standby",
                "1 while the database is a standby, otherwise 0",
            )?,
        };
        let collectors: [Box<dyn Collector>; 11] = [
            Box::new(metrics.queued.clone()),
            Box::new(metrics.running.clone()),
            Box::new(metrics.oldest_due.clone()),
            Box::new(metrics.start_delay.clone()),
            Box::new(metrics.runs.clone()),
            Box::new(metrics.run_seconds.clone()),
            Box::new(metrics.recovered.clone()),
            Box::new(metrics.slots.clone()),
            Box::new(metrics.schedule_late.clone()),
            Box::new(metrics.drained.clone()),
            Box::new(metrics.standby.clone()),
        ];
        collectors.into_iter().try_for_each(|collector| registry.register(collector))?;
        Ok(metrics)
    }

    /// Records that an attempt of a lane begins.
    pub(super) fn started(&self, lane: Lane, delay: Duration) {
        self.start_delay.with_label_values(&[lane.as_str()]).observe(delay.as_secs_f64());
    }

    /// Records the end of an attempt.
    pub(super) fn ended(&self, kind: &str, outcome: &str, duration: Duration) {
        self.runs.with_label_values(&[kind, outcome]).inc();
        self.run_seconds.with_label_values(&[kind]).observe(duration.as_secs_f64());
    }

    /// Records a job that returned to the queue because its process stopped.
    pub(super) fn recovered(&self, kind: &str) {
        self.recovered.with_label_values(&[kind]).inc();
    }

    /// Records what became of slots.
    pub(super) fn ticked(&self, ticked: &Ticked) {
        let slots = u64::try_from(ticked.slots).unwrap_or_default();
        self.slots.with_label_values(&[ticked.name, ticked.outcome.as_str()]).inc_by(slots);
    }

    /// Records rows done by a drain.
    pub(super) fn drained(&self, drain: &str, rows: u16) {
        self.drained.with_label_values(&[drain]).inc_by(rows.into());
    }

    /// Reads the gauges again and again.
    pub(crate) async fn watch(
        self: Arc<Self>,
        monitor: Arc<dyn JobMonitor>,
        schedules: Arc<Schedules>,
        standby: super::Standby,
    ) {
        let names: Vec<&'static str> = schedules.iter().map(|schedule| schedule.name).collect();
        loop {
            self.standby.set(standby.is_set().into());
            match monitor.lanes().await {
                Ok(lanes) => {
                    for load in lanes {
                        let label = &[load.lane.as_str()];
                        self.queued.with_label_values(label).set(load.queued);
                        self.running.with_label_values(label).set(load.running);
                        self.oldest_due.with_label_values(label).set(load.oldest_due.as_secs_f64());
                    }
                }
                Err(failure) => tracing::debug!(%failure, "cannot read the gauges of jobs"),
            }
            match monitor.late_schedules(&names).await {
                Ok(late) => {
                    for name in &names {
                        let time = late
                            .iter()
                            .find(|(late, _)| late == name)
                            .map_or(Duration::ZERO, |(_, time)| *time);
                        self.schedule_late.with_label_values(&[*name]).set(time.as_secs_f64());
                    }
                }
                Err(failure) => tracing::debug!(%failure, "cannot read the gauges of schedules"),
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
