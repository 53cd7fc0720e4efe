use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Jsonb, Nullable, SmallInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use haat_domain::job::{
    Attempt, Dedupe, Enqueued, Job, JobEnd, JobError, JobNumbers, JobWriter, NewJob, PROGRESS_ATTEMPT,
};
use haat_domain::shared::{JobId, StorageFailure, TenantId, UserId};
use serde_json::Value;

use super::rows::{JobRow, args_json, numbers_json};
use crate::schema::jobs;
use crate::shared::{PgTx, statement};

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
        let (result, failure) = match $end {
            JobEnd::Succeeded(numbers) => (numbers_json(numbers), None),
            JobEnd::Failed(reason) => (serde_json::json!({}), Some(*reason)),
        };
        diesel::update(held!($attempt)).set((
            jobs::state.eq($end.state().as_str()),
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

statement! {
    /// Returns a job that has ended to the queue.
    Requeue = "requeue.sql" -> (BigInt,) {
        tenant: i64 as BigInt,
        job: i64 as BigInt,
    }
}

/// The beginning of the statements that add a job: whether the queue has room, and whether there is an equal job.
const ROOM: &str = include_str!("room.sql");

/// Declares a statement that adds a job.
macro_rules! add_job {
    ($(#[$doc:meta])* $name:ident = $file:literal) => {
        statement! {
            $(#[$doc])*
            $name = ROOM + $file -> (Nullable<BigInt>, Bool) {
                tenant: i64 as BigInt,
                kind: &'static str as Text,
                lane: &'static str as Text,
                priority: i16 as SmallInt,
                actor: Option<i64> as Nullable<BigInt>,
                payload: Value as Jsonb,
                dedupe_key: Option<String> as Nullable<Text>,
                delay: f64 as Double,
                expires_at: Option<DateTime<Utc>> as Nullable<Timestamptz>,
                created_at: DateTime<Utc> as Timestamptz,
                max_queued: i64 as BigInt,
                schedule: Option<&'static str> as Nullable<Text>,
            }
        }

        impl $name {
            fn of(job: &NewJob) -> Self {
                Self {
                    tenant: job.tenant.get(),
                    kind: job.kind.name,
                    lane: job.lane.as_str(),
                    priority: job.priority.into(),
                    actor: job.actor.map(UserId::get),
                    payload: args_json(&job.args),
                    dedupe_key: job.dedupe.as_ref().map(|dedupe| dedupe.key().to_owned()),
                    delay: job.delay.as_secs_f64(),
                    expires_at: job.expires_at,
                    created_at: job.created_at,
                    max_queued: job.kind.max_queued.into(),
                    schedule: job.schedule,
                }
            }
        }
    };
}

add_job! {
    /// Adds a job, unless an equal one is queued or running.
    Enqueue = "enqueue.sql"
}

add_job! {
    /// Adds a job, unless an equal one is queued.
    Coalesce = "coalesce.sql"
}

#[async_trait]
impl JobWriter for PgTx {
    async fn enqueue(&mut self, job: &NewJob) -> Result<Enqueued, StorageFailure> {
        let row = match &job.dedupe {
            Some(Dedupe::Coalesce(_)) => {
                let add = Coalesce::of(job);
                self.query(async |connection| add.get_result(connection).await).await?
            }
            Some(Dedupe::ForbidOverlap(_)) | None => {
                let add = Enqueue::of(job);
                self.query(async |connection| add.get_result(connection).await).await?
            }
        };
        let (id, limit_reached): (Option<i64>, bool) = row;
        Ok(match id {
            Some(id) => Enqueued::Created(JobId::new(id)),
            None if limit_reached => Enqueued::LimitReached,
            None => Enqueued::Existing,
        })
    }

    async fn confirm_claim(&mut self, attempt: &Attempt) -> Result<bool, StorageFailure> {
        let progress = JobNumbers::from([(PROGRESS_ATTEMPT.to_owned(), i64::from(attempt.number))]);
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

    async fn finish(&mut self, attempt: &Attempt, end: &JobEnd) -> Result<bool, StorageFailure> {
        let update = ending!(attempt, end);
        let ended = self.query(async |connection| update.execute(connection).await).await?;
        Ok(ended == 1)
    }

    async fn lock(&mut self, tenant: TenantId, job: JobId) -> Result<Option<Job>, StorageFailure> {
        let query = jobs::table.find((tenant.get(), job.get())).select(JobRow::as_select()).for_update();
        let row: Option<JobRow> =
            self.query(async |connection| query.first(connection).await.optional()).await?;
        row.map(Job::try_from).transpose()
    }

    async fn request_cancel(&mut self, tenant: TenantId, job: JobId) -> Result<(), StorageFailure> {
        let update = diesel::update(jobs::table.find((tenant.get(), job.get())))
            .set(jobs::cancel_requested_at.eq(super::clock()));
        self.query(async |connection| update.execute(connection).await).await?;
        Ok(())
    }

    async fn requeue(&mut self, tenant: TenantId, job: JobId) -> Result<bool, StorageFailure> {
        let requeue = Requeue { tenant: tenant.get(), job: job.get() };
        let row: Option<(i64,)> =
            self.query(async |connection| requeue.get_result(connection).await.optional()).await?;
        Ok(row.is_some())
    }
}
