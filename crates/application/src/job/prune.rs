use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use haat_domain::job::{DueRows, JobKind, JobNumbers, Lane, Retention, RetentionPolicy, RetentionRule};
use haat_domain::schedule::{Schedule, ScheduleScope};
use haat_domain::shared::{FileStore, StorageFailure};

use super::sweep::Sweep;

/// The schedule of the deletion of old rows.
pub(super) static PRUNE_SCHEDULE: Schedule =
    Schedule::new("platform/prune", &PRUNE, "17 * * * *", ScheduleScope::Platform);

/// The kind of the job that deletes old rows.
pub(super) static PRUNE: JobKind = JobKind::new("prune", Lane::Standard);

/// The time after which a job stops; the next one goes on. Below the time limit of the lane.
const TIME_LIMIT: Duration = Duration::from_mins(4);

/// Ends old rows, kind by kind.
pub struct Prune {
    policies: Vec<Arc<dyn RetentionPolicy>>,
    retention: Retention,
    files: Arc<dyn FileStore>,
}

impl Prune {
    /// Builds the use case.
    #[must_use]
    pub fn new(
        policies: Vec<Arc<dyn RetentionPolicy>>,
        retention: Retention,
        files: Arc<dyn FileStore>,
    ) -> Self {
        Self { policies, retention, files }
    }

    /// Measures the rows of each policy.
    pub async fn due(&self) -> Result<Vec<(&'static RetentionRule, Duration, DueRows)>, StorageFailure> {
        let mut due = Vec::with_capacity(self.policies.len());
        for policy in &self.policies {
            let (rule, keep) = (policy.rule(), self.retention.of(policy.rule()));
            due.push((rule, keep, policy.due(keep).await?));
        }
        Ok(due)
    }

    /// Ends old rows until none is left or the time limit has passed. Returns the numbers of rows by policy. The policies take turns,
    /// so that one with many rows does not hold up the others.
    pub async fn run(
        &self,
        time_limit: Option<Duration>,
    ) -> Result<BTreeMap<&'static str, u64>, StorageFailure> {
        let started = Instant::now();
        let mut counts = BTreeMap::new();
        let mut left: Vec<_> = self.policies.iter().collect();
        while !left.is_empty() {
            let mut more = Vec::new();
            for policy in left {
                if time_limit.is_some_and(|limit| started.elapsed() >= limit) {
                    return Ok(counts);
                }
                let rows = self.prune(&**policy).await?;
                *counts.entry(policy.rule().name).or_default() += rows;
                if rows > 0 {
                    more.push(policy);
                }
            }
            left = more;
        }
        Ok(counts)
    }

    async fn prune(&self, policy: &dyn RetentionPolicy) -> Result<u64, StorageFailure> {
        let keep = self.retention.of(policy.rule());
        for file in policy.files(keep).await? {
            self.files.remove(&file).await?;
        }
        policy.prune(keep).await
    }
}

#[async_trait]
impl Sweep for Prune {
    fn kind(&self) -> &'static JobKind {
        &PRUNE
    }

    async fn sweep(&self) -> Result<JobNumbers, StorageFailure> {
        let counts = self.run(Some(TIME_LIMIT)).await?;
        let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        Ok(counts.into_iter().map(|(name, rows)| (name.to_owned(), number(rows))).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use haat_domain::job::{MockRetentionPolicy, days};

    use super::*;
    use crate::testing::SingleFileStore;

    static JOBS: RetentionRule = RetentionRule::new("jobs", days(7), days(1));
    static CHANGES: RetentionRule = RetentionRule::new("changes", days(1), days(1));

    fn policy(rule: &'static RetentionRule, batches: &'static [u64]) -> MockRetentionPolicy {
        let mut policy = MockRetentionPolicy::new();
        let mut left = batches.iter();
        policy.expect_rule().return_const(rule);
        policy.expect_files().returning(|_| Ok(Vec::new()));
        policy.expect_prune().times(batches.len()).returning(move |_| Ok(*left.next().unwrap()));
        policy
    }

    fn files() -> Arc<SingleFileStore> {
        Arc::new(SingleFileStore("", AtomicBool::new(false)))
    }

    #[tokio::test]
    async fn policies_take_turns_until_nothing_is_left() {
        let policies: Vec<Arc<dyn RetentionPolicy>> =
            vec![Arc::new(policy(&JOBS, &[5_000, 5_000, 12, 0])), Arc::new(policy(&CHANGES, &[0]))];
        let prune = Prune::new(policies, Retention::default(), files());
        let counts = prune.run(None).await.unwrap();
        assert_eq!(counts, BTreeMap::from([("changes", 0), ("jobs", 10_012)]));
    }

    #[tokio::test]
    async fn files_go_before_their_rows() {
        let files = files();
        let removed = files.clone();
        let mut policy = MockRetentionPolicy::new();
        policy.expect_rule().return_const(&JOBS);
        policy.expect_files().returning(|_| Ok(vec!["assignments/1".to_owned()]));
        let mut ended = false;
        policy.expect_prune().returning(move |keep| {
            assert!(removed.1.load(Ordering::SeqCst) && keep == days(2));
            Ok(u64::from(!std::mem::replace(&mut ended, true)))
        });
        let retention = Retention::parse(&[&JOBS], "jobs:2d").unwrap();
        let counts = Prune::new(vec![Arc::new(policy)], retention, files).run(None).await.unwrap();
        assert_eq!(counts, BTreeMap::from([("jobs", 1)]));
    }

    #[tokio::test]
    async fn a_job_stops_in_time() {
        let prune = Prune::new(vec![Arc::new(policy(&JOBS, &[]))], Retention::default(), files());
        assert_eq!(prune.run(Some(Duration::ZERO)).await, Ok(BTreeMap::new()));
    }
}
