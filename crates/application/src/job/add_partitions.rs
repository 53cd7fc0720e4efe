use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use haat_domain::job::{Attempt, JobEnd, JobKind, JobQueue, Lane, PartitionWriter};
use haat_domain::schedule::{Missed, Schedule, ScheduleScope};
use haat_domain::shared::StorageFailure;

use super::prune::finish;
use super::{JobFailure, JobHandler};

/// The schedule of adding partitions.
pub(super) static PARTITIONS_SCHEDULE: Schedule = Schedule {
    name: "platform/partitions",
    kind: &ADD_PARTITIONS,
    cron: "5 * * * *",
    scope: ScheduleScope::Platform,
    missed: Missed::Once,
    spread: Duration::ZERO,
};

/// The kind of the job that adds partitions.
pub(super) static ADD_PARTITIONS: JobKind = JobKind::new("add-partitions", Lane::Standard);

/// The handler of the job that adds partitions for the time to come.
pub struct AddPartitions {
    partitions: Arc<dyn PartitionWriter>,
    queue: Arc<dyn JobQueue>,
}

impl AddPartitions {
    /// Builds the handler.
    #[must_use]
    pub fn new(partitions: Arc<dyn PartitionWriter>, queue: Arc<dyn JobQueue>) -> Self {
        Self { partitions, queue }
    }
}

#[async_trait]
impl JobHandler for AddPartitions {
    fn kind(&self) -> &'static JobKind {
        &ADD_PARTITIONS
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), JobFailure> {
        let added = self.partitions.add_partitions().await?;
        finish(&*self.queue, attempt, [("added".to_owned(), added.into())].into()).await
    }

    async fn fail(&self, attempt: &Attempt, reason: &'static str) -> Result<bool, StorageFailure> {
        self.queue.finish(attempt, &JobEnd::Failed(reason)).await
    }

    async fn ended(&self, _: &Attempt) {}
}
