use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::{AssignmentApi, FileOptions};
use haat_application::shared::Permission;
use haat_domain::job::{Job, JobState};
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shared::{Caller, NoParams, Plain, Problem, ProblemBody, Timestamp, path_id, read_answer};

/// A file of assignments, and how far it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentJob)]
pub(super) struct JobDto {
    /// Id.
    id: i64,
    /// `QUEUED`, `RUNNING`, `SUCCEEDED`, `PARTIAL` (some rows could not be done), `FAILED` (the file was refused), `CANCELLED`.
    #[schema(example = "SUCCEEDED")]
    state: &'static str,
    /// How it was asked for.
    #[schema(required = true)]
    options: Option<OptionsDto>,
    /// The rows.
    rows: RowsDto,
    /// What became of them; `null` until it is done.
    #[schema(required = true)]
    counts: Option<JobCountsDto>,
    /// The batch or plan, by which it can be found again and taken back; `null` where nothing was changed.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// Why none of it was done: `empty-file`, `no-rows`, `not-csv`, `missing-column`, `repeated-column`, `caller-ended`,
    /// `file-lost` or `internal-error`.
    #[schema(required = true)]
    failure: Option<String>,
    /// When it was asked for.
    created_at: Timestamp,
    /// When work on it began.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(required = true)]
    finished_at: Option<Timestamp>,
}

/// How a file is carried out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentJobOptions)]
pub(super) struct OptionsDto {
    if_assigned: &'static str,
    force: bool,
    #[schema(required = true)]
    reason: Option<String>,
    plan: bool,
    validate_only: bool,
}

/// Rows of a file, the header not counted.
#[derive(Serialize, ToSchema)]
#[schema(as = JobRows)]
pub(super) struct RowsDto {
    /// Read so far.
    read: i64,
    /// With an error: `GET …/errors` has them all.
    failed: i64,
    /// That say again what another said.
    repeated: i64,
}

/// What became of a file's rows, in numbers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JobCounts)]
pub(super) struct JobCountsDto {
    assigned: i64,
    already_assigned: i64,
    moved: i64,
    skipped: i64,
    left_without: i64,
    cross_territory: i64,
}

impl JobDto {
    fn new(job: &Job) -> Self {
        let number = |name: &str| job.result.get(name).copied().unwrap_or_default();
        let done = job.state == JobState::Succeeded;
        let read = if done { number("rows") } else { job.progress.get("rows").copied().unwrap_or_default() };
        Self {
            id: job.id.get(),
            state: match job.state {
                JobState::Queued => "QUEUED",
                JobState::Running => "RUNNING",
                JobState::Succeeded if number("failed") > 0 => "PARTIAL",
                JobState::Succeeded => "SUCCEEDED",
                JobState::Failed => "FAILED",
                JobState::Cancelled => "CANCELLED",
            },
            options: FileOptions::of(&job.facts).map(|options| OptionsDto {
                if_assigned: options.if_assigned.as_str(),
                force: options.force,
                reason: options.reason,
                plan: options.plan,
                validate_only: options.validate_only,
            }),
            rows: RowsDto { read, failed: number("failed"), repeated: number("repeated") },
            counts: done.then(|| JobCountsDto {
                assigned: number("assigned"),
                already_assigned: number("alreadyAssigned"),
                moved: number("moved"),
                skipped: number("skipped"),
                left_without: number("leftWithout"),
                cross_territory: number("crossTerritory"),
            }),
            batch_id: job.result.get("batchId").copied(),
            failure: job.failure.clone(),
            created_at: Timestamp(job.created_at),
            started_at: job.started_at.map(Timestamp),
            finished_at: job.finished_at.map(Timestamp),
        }
    }
}

/// One file of assignments
///
/// How far it is and what became of it. Carried out as a whole, in one transaction: until it has ended nothing of it is
/// done, whatever happens to the server.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "getAssignmentJob",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The job")),
    responses(
        (status = 200, description = "The job", body = JobDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such job", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/assignments/jobs/{id}")]
pub(super) async fn get_job(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let job = api.jobs.job(&caller.0, job_id(&id)?).await?;
    Ok(read_answer(&request, Plain::json(&JobDto::new(&job), None)?))
}

/// The id in a path. What cannot be one is nobody's.
pub(super) fn job_id(text: &str) -> Result<JobId, Problem> {
    path_id(text).map(JobId::new)
}
