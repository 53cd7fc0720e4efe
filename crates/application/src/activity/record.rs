use std::sync::Arc;

use haat_domain::activity::{ActivityWriter, Tally};

use super::Counts;

/// The most tallies that wait for the database. An outage of hours loses counts, not memory.
const MAX_WAITING: usize = 1_000_000;

/// Writes tallies, and keeps those that the database did not take for the next time.
pub struct RecordActivity {
    writer: Arc<dyn ActivityWriter>,
    waiting: Counts,
}

impl RecordActivity {
    /// Builds the use case.
    #[must_use]
    pub fn new(writer: Arc<dyn ActivityWriter>) -> Self {
        Self { writer, waiting: Counts::default() }
    }

    /// Writes these tallies and those that wait, in one statement and in the order of tenant and user, so that processes that
    /// write at the same time do not deadlock.
    pub async fn write(&mut self, tallies: &[Tally]) {
        for tally in tallies {
            if self.waiting.len() < MAX_WAITING {
                self.waiting.add(tally);
            }
        }
        let mut tallies = self.waiting.take();
        if tallies.is_empty() {
            return;
        }
        tallies.sort_unstable_by_key(|tally| (tally.tenant, tally.user, tally.first_at));
        if let Err(failure) = self.writer.add(&tallies).await {
            tracing::warn!(%failure, users = tallies.len(), "activity was not recorded; trying again with the next counts");
            for tally in &tallies {
                self.waiting.add(tally);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use haat_domain::activity::MockActivityWriter;
    use haat_domain::shared::{StorageFailure, TenantId, UserId};
    use mockall::Sequence;

    use super::*;
    use crate::testing::noon;

    fn tally(tenant: i64, user: i64) -> Tally {
        let (tenant, user) = (TenantId::new(tenant), UserId::new(user));
        Tally { tenant, user, requests: 2, changes: 1, logins: 0, first_at: noon(), last_at: noon() }
    }

    #[tokio::test]
    async fn counts_that_were_not_written_are_written_with_the_next() {
        let mut writer = MockActivityWriter::new();
        let mut order = Sequence::new();
        writer
            .expect_add()
            .withf(|tallies| tallies == [tally(1, 7), tally(1, 9), tally(2, 3)])
            .times(1)
            .in_sequence(&mut order)
            .returning(|_| Err(StorageFailure::Unavailable("down".into())));
        writer
            .expect_add()
            .withf(|tallies| {
                let twice = Tally { requests: 4, changes: 2, ..tally(1, 7) };
                tallies == [twice, tally(1, 9), tally(2, 3)]
            })
            .times(1)
            .in_sequence(&mut order)
            .returning(|_| Ok(()));
        let mut record = RecordActivity::new(Arc::new(writer));
        record.write(&[tally(2, 3), tally(1, 9), tally(1, 7)]).await;
        record.write(&[tally(1, 7)]).await;
        record.write(&[]).await;
    }
}
