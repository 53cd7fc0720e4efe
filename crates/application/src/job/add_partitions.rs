use std::sync::Arc;

use async_trait::async_trait;
use haat_domain::job::{JobKind, JobNumbers, Lane, PartitionWriter};
use haat_domain::schedule::{Schedule, ScheduleScope};
use haat_domain::shared::StorageFailure;

use super::sweep::Sweep;

/// The schedule of adding partitions.
pub(super) static PARTITIONS_SCHEDULE: Schedule =
    Schedule::new("platform/partitions", &ADD_PARTITIONS, "5 * * * *", ScheduleScope::Platform);

/// The kind of the job that adds partitions.
pub(super) static ADD_PARTITIONS: JobKind = JobKind::new("add-partitions", Lane::Standard);

/// Adds partitions for the time to come.
pub struct AddPartitions(Arc<dyn PartitionWriter>);

impl AddPartitions {
    /// Builds the use case.
    #[must_use]
    pub fn new(partitions: Arc<dyn PartitionWriter>) -> Self {
        Self(partitions)
    }
}

#[async_trait]
impl Sweep for AddPartitions {
    fn kind(&self) -> &'static JobKind {
        &ADD_PARTITIONS
    }

    async fn sweep(&self) -> Result<JobNumbers, StorageFailure> {
        Ok([("added".to_owned(), self.0.add_partitions().await?.into())].into())
    }
}
