use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Double, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::job::{Attempt, JobEnd, JobError, JobNumbers, JobQueue, JobState};
use haat_domain::shared::{JobId, StorageFailure, TenantId, UserId};
use serde_json::Value;

use super::rows::{facts, numbers, numbers_json};
use super::writer::{MAX_ERRORS, ending, held, insert_errors};
use crate::PgDatabase;
use crate::schema::jobs;
use crate::shared::statement;

statement! {
    /// Takes the next due job.
    Take = "take.sql" -> (BigInt, BigInt, Text, Nullable<BigInt>, Jsonb, Jsonb, Integer) {
        kinds: Vec<&'static str> as Array<Text>,
        stale: f64 as Double,
    }
}

/// A row of [`Take`].
type TakenRow = (i64, i64, String, Option<i64>, Value, Value, i32);

#[async_trait]
impl JobQueue for PgDatabase {
    async fn take(&self, kinds: &[&'static str], stale: Duration) -> Result<Option<Attempt>, StorageFailure> {
        let take = Take { kinds: kinds.to_vec(), stale: stale.as_secs_f64() };
        let row: Option<TakenRow> =
            self.query(async |connection| take.get_result(connection).await.optional()).await?;
        Ok(row.map(|(tenant, job, kind, actor, payload, progress, number)| Attempt {
            tenant: TenantId::new(tenant),
            job: JobId::new(job),
            kind,
            actor: actor.map(UserId::new),
            facts: facts(&payload),
            progress: numbers(&progress),
            number,
        }))
    }

    async fn heartbeat(
        &self,
        attempt: &Attempt,
        progress: Option<JobNumbers>,
    ) -> Result<bool, StorageFailure> {
        let update = diesel::update(held!(attempt)).set((
            jobs::heartbeat_at.eq(super::clock()),
            progress.map(|numbers| jobs::progress.eq(numbers_json(&numbers))),
        ));
        let updated = self.query(async |connection| update.execute(connection).await).await?;
        Ok(updated == 1)
    }

    async fn end(&self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure> {
        let update = ending!(attempt, end);
        let ended = self.query(async |connection| update.execute(connection).await).await?;
        Ok(ended == 1)
    }

    async fn requeue(&self, attempt: &Attempt, wait: Duration) -> Result<(), StorageFailure> {
        let seconds = f64::from(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX));
        let update = diesel::update(held!(attempt)).set((
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::run_at.eq(now.into_sql::<Timestamptz>() + seconds.seconds()),
        ));
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
