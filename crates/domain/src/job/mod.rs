//! Background jobs: long-running work that must survive the process that started it.

mod model;
mod ports;

pub use model::{Attempt, FailedRow, Job, JobEnd, JobError, JobFacts, JobNumbers, JobState, LATEST, NewJob};
pub use ports::{JobQueue, JobReader, JobWriter};

#[cfg(feature = "mock")]
pub use ports::{MockJobQueue, MockJobReader, MockJobWriter};
