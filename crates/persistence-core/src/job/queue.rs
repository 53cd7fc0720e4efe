use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use haat_domain::job::{
    Attempt, CANCELLED, ClaimState, ClaimedJob, EXPIRED, JobEnd, JobError, JobKind, JobNumbers, JobQueue,
    JobState, Lane, PROGRESS_ATTEMPT,
};
use haat_domain::shared::{JobId, StorageFailure, TenantId, Transaction as _, UserId};
use serde_json::Value;

use super::rows::{args, numbers, numbers_json, scheduled};
use super::writer::{MAX_ERRORS, ending, held, insert_errors};
use crate::PgDatabase;
use crate::schema::jobs;
use crate::shared::statement;

statement! {
    /// Claims the next due job of a lane.
    Claim = "claim.sql" -> (BigInt, BigInt, Text, Nullable<BigInt>, Jsonb, Jsonb, Integer, Nullable<Text>, Nullable<Timestamptz>, Integer, Double) {
        lane: &'static str as Text,
        kinds: Vec<&'static str> as Array<Text>,
        limits: Vec<Option<i32>> as Array<Nullable<Integer>>,
        running_per_tenant: Option<i32> as Nullable<Integer>,
    }
}

statement! {
    /// Serializes the claims of a lane.
    LockClaims = "lock_claims.sql" -> (Bool,) {
        lane: &'static str as Text,
    }
}

statement! {
    /// Claims a queued job that is to be cancelled.
    ClaimUnwanted = "claim_unwanted.sql" -> (BigInt, BigInt, Text, Nullable<BigInt>, Jsonb, Jsonb, Integer, Nullable<Text>, Nullable<Timestamptz>, Integer, Bool) {
        kinds: Vec<&'static str> as Array<Text>,
    }
}

statement! {
    /// Returns stale jobs to the queue.
    Recover = "recover.sql" -> (Text,) {
        stale: f64 as Double,
    }
}

statement! {
    /// Records a heartbeat.
    Heartbeat = "heartbeat.sql" -> (Bool,) {
        tenant: i64 as BigInt,
        job: i64 as BigInt,
        number: i32 as Integer,
        progress: Option<Value> as Nullable<Jsonb>,
    }
}

/// A row of [`Claim`] or [`ClaimUnwanted`]: the attempt and one more column.
type ClaimedRow<T> =
    (i64, i64, String, Option<i64>, Value, Value, i32, Option<String>, Option<DateTime<Utc>>, i32, T);

/// Builds the statement that returns a job to the queue, to be claimed again after `wait`.
macro_rules! rescheduling {
    ($attempt:expr, $wait:expr $(, $more:expr)?) => {{
        let due = sql::<Timestamptz>("haat_clock() + interval '1 second' * ").bind::<Double, _>($wait.as_secs_f64());
        diesel::update(held!($attempt)).set((jobs::state.eq(JobState::Queued.as_str()), jobs::run_at.eq(due) $(, $more)?))
    }};
}

fn claimed<T>(
    (tenant, job, kind, actor, payload, progress, number, schedule, slot, missed, more): ClaimedRow<T>,
) -> (Attempt, T) {
    let attempt = Attempt {
        tenant: TenantId::new(tenant),
        job: JobId::new(job),
        kind,
        actor: actor.map(UserId::new),
        args: args(&payload),
        progress: numbers(&progress),
        number,
        scheduled: scheduled(schedule, slot, missed),
    };
    (attempt, more)
}

impl Claim {
    fn new(lane: Lane, kinds: &[&'static JobKind]) -> Self {
        Self {
            lane: lane.as_str(),
            kinds: kinds.iter().map(|kind| kind.name).collect(),
            limits: kinds.iter().map(|kind| kind.max_running.map(i32::from)).collect(),
            running_per_tenant: lane.running_per_tenant().map(i32::from),
        }
    }

    async fn run(self, connection: &mut AsyncPgConnection) -> QueryResult<Option<ClaimedRow<f64>>> {
        self.get_result(connection).await.optional()
    }
}

#[async_trait]
impl JobQueue for PgDatabase {
    async fn claim(
        &self,
        lane: Lane,
        kinds: &[&'static JobKind],
    ) -> Result<Option<ClaimedJob>, StorageFailure> {
        let claim = Claim::new(lane, kinds);
        let row = if kinds.iter().all(|kind| kind.max_running.is_none()) {
            self.query(async |connection| claim.run(connection).await).await?
        } else {
            // The limit of running jobs of a kind is exact: the claim counts after the previous one is committed.
            let lock = LockClaims { lane: lane.as_str() };
            let mut tx = self.open().await?;
            let _: (bool,) = tx.query(async |connection| lock.get_result(connection).await).await?;
            let row = tx.query(async |connection| claim.run(connection).await).await?;
            tx.commit().await?;
            row
        };
        Ok(row.map(|row| {
            let (attempt, seconds) = claimed(row);
            ClaimedJob { attempt, start_delay: Duration::try_from_secs_f64(seconds).unwrap_or_default() }
        }))
    }

    async fn claim_unwanted(
        &self,
        kinds: &[&'static JobKind],
    ) -> Result<Option<(Attempt, &'static str)>, StorageFailure> {
        let claim = ClaimUnwanted { kinds: kinds.iter().map(|kind| kind.name).collect() };
        let row: Option<ClaimedRow<bool>> =
            self.query(async |connection| claim.get_result(connection).await.optional()).await?;
        Ok(row.map(|row| {
            let (attempt, is_cancelled) = claimed(row);
            (attempt, if is_cancelled { CANCELLED } else { EXPIRED })
        }))
    }

    async fn recover(&self, stale: Duration) -> Result<Vec<String>, StorageFailure> {
        let recover = Recover { stale: stale.as_secs_f64() };
        let rows: Vec<(String,)> = self.query(async |connection| recover.load(connection).await).await?;
        Ok(rows.into_iter().map(|(kind,)| kind).collect())
    }

    async fn heartbeat(
        &self,
        attempt: &Attempt,
        progress: Option<JobNumbers>,
    ) -> Result<ClaimState, StorageFailure> {
        let heartbeat = Heartbeat {
            tenant: attempt.tenant.get(),
            job: attempt.job.get(),
            number: attempt.number,
            progress: progress.as_ref().map(numbers_json),
        };
        let row: Option<(bool,)> =
            self.query(async |connection| heartbeat.get_result(connection).await.optional()).await?;
        Ok(match row {
            Some((true,)) => ClaimState::CancelRequested,
            Some((false,)) => ClaimState::Held,
            None => ClaimState::Lost,
        })
    }

    async fn finish(&self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure> {
        let update = ending!(attempt, end);
        let ended = self.query(async |connection| update.execute(connection).await).await?;
        Ok(ended == 1)
    }

    async fn reschedule(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure> {
        let update = rescheduling!(attempt, wait);
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn postpone(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure> {
        // Added to the current progress, which the attempt may have advanced.
        let progress = numbers_json(&[(PROGRESS_ATTEMPT.to_owned(), i64::from(attempt.number))].into());
        let progress = sql::<Jsonb>("progress || ").bind::<Jsonb, _>(progress);
        let update = rescheduling!(attempt, wait, jobs::progress.eq(progress));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn note_errors(&self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure> {
        for part in errors.chunks(MAX_ERRORS) {
            let insert = insert_errors!(attempt, part);
            self.query(async |connection| insert.execute(connection).await).await?;
        }
        Ok(())
    }
}
