use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::ScheduleScope;
use crate::change::ChangeTx;
use crate::job::{JobKind, JobState};
use crate::shared::{JobId, StorageFailure, TenantId, TimeZone};

/// The schedules that are due, locked until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSchedules {
    /// The schedules, at most as many as were requested.
    pub rows: Vec<DueSchedule>,
    /// The current time.
    pub now: DateTime<Utc>,
    /// The number of active companies.
    pub companies: u32,
}

/// A schedule that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSchedule {
    /// The tenant.
    pub tenant: TenantId,
    /// The name.
    pub name: String,
    /// The time zone of the tenant.
    pub zone: TimeZone,
    /// The time up to which slots have been decided.
    pub decided_until: DateTime<Utc>,
}

/// The decision about the slots of a schedule up to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The tenant.
    pub tenant: TenantId,
    /// The name of the schedule.
    pub name: &'static str,
    /// The job to be added.
    pub job: Option<SlotJob>,
    /// The next slot.
    pub wake_at: Option<DateTime<Utc>>,
}

/// The job of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotJob {
    /// The kind.
    pub kind: &'static JobKind,
    /// The slot.
    pub slot: DateTime<Utc>,
    /// The number of earlier slots whose work it does, too.
    pub missed: i32,
    /// The time at which it is due.
    pub run_at: DateTime<Utc>,
}

/// The state of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleState {
    /// The name.
    pub name: String,
    /// The owner.
    pub scope: ScheduleScope,
    /// The time zone of its tenant; see [`ScheduleScope::zone`].
    pub zone: TimeZone,
    /// True if it is not paused.
    pub enabled: bool,
    /// The last slot for which a job was added.
    pub last_slot: Option<DateTime<Utc>>,
    /// The version, raised by changes of users.
    pub version: i64,
    /// The last job, unless it has been deleted.
    pub last_job: Option<LastJob>,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// The last job of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastJob {
    /// The id.
    pub id: JobId,
    /// The state.
    pub state: JobState,
    /// The number of earlier slots whose work it does, too.
    pub missed: i32,
    /// The time at which it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Changes schedules inside a transaction.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ScheduleWriter: Send {
    /// Locks at most `at_most` schedules of these names, of active tenants, whose next slot has come. Skips those that another
    /// process has locked.
    async fn due(&mut self, names: &[&'static str], at_most: u16) -> Result<DueSchedules, StorageFailure>;

    /// Records decisions about locked schedules and adds their jobs. Returns, for each decision, whether a job was added: not if
    /// the previous job of the schedule has not ended.
    async fn decide(
        &mut self,
        now: DateTime<Utc>,
        decisions: &[Decision],
    ) -> Result<Vec<bool>, StorageFailure>;

    /// Locks a schedule and returns its state.
    async fn lock(&mut self, tenant: TenantId, name: &str) -> Result<Option<ScheduleState>, StorageFailure>;

    /// Pauses a locked schedule, or resumes it: slots until now are then dropped.
    async fn set_enabled(
        &mut self,
        tenant: TenantId,
        name: &str,
        enabled: bool,
    ) -> Result<(), StorageFailure>;

    /// Records a job that a user started as the last one of a locked schedule.
    async fn note_run(&mut self, tenant: TenantId, name: &str, job: JobId) -> Result<(), StorageFailure>;
}

/// A transaction that changes schedules.
pub trait ScheduleTx: ChangeTx {
    /// Returns the schedules.
    fn schedules(&mut self) -> &mut dyn ScheduleWriter;
}

/// Reads schedules, and adds the rows of those that a new version declares.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ScheduleStore: Send + Sync {
    /// Adds the rows that active tenants do not have yet.
    async fn add_missing(&self, declared: &[(&'static str, ScheduleScope)]) -> Result<(), StorageFailure>;

    /// Returns the schedules of a tenant and those of the platform, by name.
    async fn list(&self, tenant: TenantId) -> Result<Vec<ScheduleState>, StorageFailure>;
}
