use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use haat_domain::job::{Attempt, JobEnd, JobError, JobNumbers, JobState, JobWriter, LATEST, NewJob};
use haat_domain::shared::{JobId, StorageFailure, UserId};

use super::rows::{facts_json, numbers_json};
use crate::schema::jobs;
use crate::shared::PgTx;

/// Selects the job while this attempt holds it.
macro_rules! held {
    ($attempt:expr) => {
        jobs::table
            .find(($attempt.tenant.get(), $attempt.job.get()))
            .filter(jobs::attempts.eq($attempt.number).and(jobs::state.eq("running")))
    };
}
pub(super) use held;

/// Builds the statement that ends a job.
macro_rules! ending {
    ($attempt:expr, $end:expr) => {{
        let (state, result, failure) = match $end {
            JobEnd::Succeeded(numbers) => (JobState::Succeeded, numbers_json(numbers), None),
            JobEnd::Failed(reason) => (JobState::Failed, serde_json::json!({}), Some(*reason)),
        };
        diesel::update(held!($attempt)).set((
            jobs::state.eq(state.as_str()),
            jobs::result.eq(result),
            jobs::failure.eq(failure),
            jobs::finished_at.eq(crate::job::clock()),
        ))
    }};
}
pub(super) use ending;

/// The number of errors written by one statement, far below the number of parameters that PostgreSQL accepts.
pub(super) const MAX_ERRORS: usize = 5_000;

/// Builds the statement that records errors of rows.
macro_rules! insert_errors {
    ($attempt:expr, $errors:expr) => {{
        let rows: Vec<_> = $errors
            .iter()
            .map(|error| {
                (
                    $crate::schema::job_errors::tenant_id.eq($attempt.tenant.get()),
                    $crate::schema::job_errors::job_id.eq($attempt.job.get()),
                    $crate::schema::job_errors::row_no.eq(error.row),
                    $crate::schema::job_errors::field.eq(&error.field),
                    $crate::schema::job_errors::code.eq(&error.code),
                    $crate::schema::job_errors::value.eq(&error.value),
                )
            })
            .collect();
        diesel::insert_into($crate::schema::job_errors::table).values(rows).on_conflict_do_nothing()
    }};
}
pub(super) use insert_errors;

#[async_trait]
impl JobWriter for PgTx {
    async fn enqueue(&mut self, job: &NewJob) -> Result<JobId, StorageFailure> {
        let insert = diesel::insert_into(jobs::table)
            .values((
                jobs::tenant_id.eq(job.tenant.get()),
                jobs::kind.eq(job.kind),
                jobs::actor_id.eq(job.actor.map(UserId::get)),
                jobs::payload.eq(facts_json(&job.facts)),
                jobs::created_at.eq(job.created_at),
            ))
            .returning(jobs::id);
        let id: i64 = self.query(async |connection| insert.get_result(connection).await).await?;
        Ok(JobId::new(id))
    }

    async fn hold(&mut self, attempt: &Attempt) -> Result<bool, StorageFailure> {
        let progress = JobNumbers::from([(LATEST.to_owned(), i64::from(attempt.number))]);
        let update = diesel::update(held!(attempt))
            .set((jobs::heartbeat_at.eq(super::clock()), jobs::progress.eq(numbers_json(&progress))));
        let held = self.query(async |connection| update.execute(connection).await).await?;
        Ok(held == 1)
    }

    async fn note_errors(&mut self, attempt: &Attempt, errors: &[JobError]) -> Result<(), StorageFailure> {
        for part in errors.chunks(MAX_ERRORS) {
            let insert = insert_errors!(attempt, part);
            self.query(async |connection| insert.execute(connection).await).await?;
        }
        Ok(())
    }

    async fn end(&mut self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure> {
        let update = ending!(attempt, end);
        let ended = self.query(async |connection| update.execute(connection).await).await?;
        Ok(ended == 1)
    }
}
