use std::collections::BTreeMap;

use haat_domain::job::{FailedRow, Job};
use haat_domain::shared::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use haat_http_core::{NamedRefDto, Timestamp};

/// A background job.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Job)]
pub(super) struct JobDto<'a> {
    /// Id.
    id: i64,
    /// Kind of work.
    #[schema(example = "assign-file")]
    kind: &'a str,
    /// The lane: `prompt` for short jobs, `standard` for jobs of a few minutes, `bulk` for jobs of any length.
    lane: &'static str,
    /// `queued` (also between two attempts), `running`, `succeeded`, `failed` or `cancelled`.
    state: &'static str,
    /// The place within the lane, from 0, which is run first, to 9.
    #[schema(example = 5)]
    priority: i16,
    /// The number of attempts so far.
    #[schema(example = 1)]
    attempts: i32,
    /// Creation time.
    created_at: Timestamp,
    /// The time at which it is or was due.
    run_at: Timestamp,
    /// The time at which it was first started.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// The last sign of life of its worker.
    #[schema(required = true)]
    heartbeat_at: Option<Timestamp>,
    /// The time at which a user requested to cancel it.
    #[schema(required = true)]
    cancel_requested_at: Option<Timestamp>,
    /// The time at which it ended.
    #[schema(required = true)]
    finished_at: Option<Timestamp>,
    /// The schedule that it belongs to.
    #[schema(required = true, example = "platform/prune")]
    schedule: Option<&'a str>,
    /// The time for which the schedule planned it; `null` if a user started it.
    #[schema(required = true)]
    slot: Option<Timestamp>,
    /// The number of earlier slots whose work it does, too, because no process ran at them.
    #[schema(example = 0)]
    missed: i32,
    /// Progress in numbers, by name.
    progress: &'a BTreeMap<String, i64>,
    /// Result in numbers, by name.
    result: &'a BTreeMap<String, i64>,
    /// The code of the reason why it failed or was cancelled.
    #[schema(required = true, example = "internal-error")]
    failure: Option<&'a str>,
    /// The requester; `null` for the operator at the command line.
    #[schema(required = true)]
    actor: Option<NamedRefDto<'a>>,
    /// The arguments that are not internal, by name.
    args: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a Job> for JobDto<'a> {
    fn from(job: &'a Job) -> Self {
        let name = job.actor_name.as_deref().unwrap_or_default();
        Self {
            id: job.id.get(),
            kind: &job.kind,
            lane: job.lane.as_str(),
            state: job.state.as_str(),
            priority: job.priority,
            attempts: job.attempts,
            created_at: Timestamp(job.created_at),
            run_at: Timestamp(job.run_at),
            started_at: job.started_at.map(Timestamp),
            heartbeat_at: job.heartbeat_at.map(Timestamp),
            cancel_requested_at: job.cancel_requested_at.map(Timestamp),
            finished_at: job.finished_at.map(Timestamp),
            schedule: job.scheduled.as_ref().map(|scheduled| scheduled.schedule.as_str()),
            slot: job.scheduled.as_ref().and_then(|scheduled| scheduled.slot).map(Timestamp),
            missed: job.scheduled.as_ref().map_or(0, |scheduled| scheduled.missed),
            progress: &job.progress,
            result: &job.result,
            failure: job.failure.as_deref(),
            actor: job.actor.map(|id: UserId| NamedRefDto { id: id.get(), name: name.into() }),
            args: &job.args,
        }
    }
}

/// A row of a job's file with its errors.
#[derive(Serialize, ToSchema)]
#[schema(as = JobRowErrors)]
pub(super) struct RowErrorsDto<'a> {
    /// The row of a spreadsheet, where the header is usually 1.
    #[schema(example = 17)]
    row: i64,
    /// The errors.
    errors: Vec<RowErrorDto<'a>>,
}

/// An error in a row of a file.
#[derive(Serialize, ToSchema)]
#[schema(as = JobRowError)]
struct RowErrorDto<'a> {
    /// The column.
    #[schema(example = "sales_rep")]
    field: &'a str,
    /// A stable code.
    #[schema(example = "not-found")]
    code: &'a str,
    /// The value in the file, truncated.
    value: &'a str,
}

impl<'a> From<&'a FailedRow> for RowErrorsDto<'a> {
    fn from(row: &'a FailedRow) -> Self {
        let errors = row.errors.iter().map(|(field, code, value)| RowErrorDto { field, code, value });
        Self { row: row.row, errors: errors.collect() }
    }
}
