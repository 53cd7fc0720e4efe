//! Schedules: which jobs exist because time has passed.

mod model;
mod ports;

pub use model::{
    DueSlots, Missed, ParsedSchedule, Schedule, ScheduleError, ScheduleScope, Schedules, overlap_key,
    slots_between,
};
pub use ports::{
    Decision, DueSchedule, DueSchedules, LastJob, ScheduleState, ScheduleStore, ScheduleTx, ScheduleWriter,
    SlotJob,
};

#[cfg(feature = "mock")]
pub use ports::{MockScheduleStore, MockScheduleWriter};
