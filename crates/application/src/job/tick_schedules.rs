use std::sync::Arc;

use haat_domain::schedule::{
    Decision, DueSchedule, DueSchedules, ScheduleScope, ScheduleStore, ScheduleTx, Schedules, SlotJob,
};
use haat_domain::shared::{BeginTransaction, StorageFailure};

/// The number of schedules decided in one transaction.
const BATCH: u16 = 100;

/// Adds the jobs of schedules whose next slot has come. Every process does it, without a leader: a row lock decides which process
/// decides about a slot, and the decision and the job are one transaction.
pub struct TickSchedules {
    db: Arc<dyn BeginTransaction<dyn ScheduleTx>>,
    store: Arc<dyn ScheduleStore>,
    schedules: Arc<Schedules>,
}

/// Slots of one schedule with the same outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticked {
    /// The schedule.
    pub name: &'static str,
    /// The outcome.
    pub outcome: SlotOutcome,
    /// The number of slots.
    pub slots: i32,
}

/// The outcome of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotOutcome {
    /// A job was added.
    Enqueued,
    /// The job of a later slot does its work.
    Missed,
    /// The previous job had not ended.
    Skipped,
    /// It was too old.
    Dropped,
}

impl SlotOutcome {
    /// Returns the word in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enqueued => "enqueued",
            Self::Missed => "missed",
            Self::Skipped => "skipped",
            Self::Dropped => "dropped",
        }
    }
}

impl TickSchedules {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        db: Arc<dyn BeginTransaction<dyn ScheduleTx>>,
        store: Arc<dyn ScheduleStore>,
        schedules: Arc<Schedules>,
    ) -> Self {
        Self { db, store, schedules }
    }

    /// Adds the rows of new schedules and new tenants.
    pub async fn add_missing(&self) -> Result<(), StorageFailure> {
        let declared: Vec<(&'static str, ScheduleScope)> =
            self.schedules.iter().map(|schedule| (schedule.name, schedule.scope)).collect();
        self.store.add_missing(&declared).await
    }

    /// Decides about all slots that are due, and returns what became of them.
    pub async fn tick(&self) -> Result<Vec<Ticked>, StorageFailure> {
        let names: Vec<&'static str> = self.schedules.iter().map(|schedule| schedule.name).collect();
        let mut ticked = Vec::new();
        loop {
            let mut tx = self.db.begin().await?;
            let due = tx.schedules().due(&names, BATCH).await?;
            if due.rows.is_empty() {
                return Ok(ticked);
            }
            let (decisions, mut outcomes) = self.decide(&due);
            let added = tx.schedules().decide(due.now, &decisions).await?;
            tx.commit().await?;
            let jobs = decisions.iter().zip(added).filter(|(decision, _)| decision.job.is_some());
            outcomes.extend(jobs.map(|(decision, is_added)| {
                let outcome = if is_added { SlotOutcome::Enqueued } else { SlotOutcome::Skipped };
                Ticked { name: decision.name, outcome, slots: 1 }
            }));
            ticked.append(&mut outcomes);
            if due.rows.len() < BATCH.into() {
                return Ok(ticked);
            }
        }
    }

    /// Returns the decisions, and the slots for which no job is added.
    fn decide(&self, due: &DueSchedules) -> (Vec<Decision>, Vec<Ticked>) {
        let mut without_job = Vec::new();
        let decide = |row: &DueSchedule| {
            let parsed = self.schedules.find(&row.name)?;
            let schedule = parsed.schedule();
            let slots = parsed.due(schedule.scope.zone(row.zone), row.decided_until, due.now);
            for (outcome, slots) in
                [(SlotOutcome::Missed, slots.missed), (SlotOutcome::Dropped, slots.dropped)]
            {
                if slots > 0 {
                    without_job.push(Ticked { name: schedule.name, outcome, slots });
                }
            }
            let job = slots.slot.map(|slot| SlotJob {
                kind: schedule.kind,
                slot,
                missed: slots.missed,
                run_at: parsed.run_at(row.tenant, slot, due.companies),
            });
            Some(Decision { tenant: row.tenant, name: schedule.name, job, wake_at: slots.next })
        };
        let decisions = due.rows.iter().filter_map(decide).collect();
        (decisions, without_job)
    }
}
