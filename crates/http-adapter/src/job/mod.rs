//! Background jobs, for administrators.

mod dto;
mod schedules;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use haat_application::job::{JobUseCases, RowNumber};
use haat_application::shared::{ManageJobs, ReadJobs};
use haat_domain::job::{Job, JobFilter, JobState, Lane};
use haat_domain::schedule::ScheduleScope;
use haat_domain::shared::{JobId, TextError, single_line};
use utoipa_actix_web::service_config::ServiceConfig;

use self::dto::{JobDto, RowErrorsDto};
use haat_http_core::{
    ChangeRequest, Context, Fields, Filter, JsonResponse, ListQuery, ListRequest, Moment, PageOf, Permit,
    Problem, QueryParams, ReadRequest, Words, id_in_path, read_response, respond, updated,
};

/// Background jobs.
pub const CONTEXT: Context = Context {
    tags: &[("Jobs", "Background work: what runs, what failed, and why")],
    routes,
    codes: haat_application::job::codes::CODES,
    words: &[
        Words::new("state", &["Job", "ScheduleJob"], JobState::WORDS),
        Words::new("lane", &["Job", "Schedule"], Lane::WORDS),
        Words::new("scope", &["Schedule"], ScheduleScope::WORDS),
    ],
    ..Context::EMPTY
};

/// The parameters of the list of jobs.
struct JobParams;

impl Filter for JobParams {
    type Value = JobFilter;

    fn read(query: &mut Fields) -> JobFilter {
        JobFilter {
            kind: query.optional("kind", name),
            lane: query.word("lane", Lane::from_name, Lane::WORDS),
            state: query.word("state", JobState::from_name, JobState::WORDS),
            schedule: query.optional("schedule", name),
            actor: None,
            from: query.optional("from", Moment::parse_start),
            to: query.optional("to", Moment::parse_start),
        }
    }
}

fn name(text: &str) -> Result<String, TextError> {
    single_line(text, 100)
}

/// List jobs
///
/// Returns the background jobs of the company, newest first. Filters are combined with AND. A super admin who has not entered a
/// company sees the jobs of the platform.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "listJobs",
    security(("bearer" = [ReadJobs::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("kind" = Option<String>, Query, description = "Kind of work", example = "import-retailers"),
        ("lane" = Option<String>, Query, description = "Lane", example = "bulk"),
        ("state" = Option<String>, Query, description = "State", example = "failed"),
        ("schedule" = Option<String>, Query, description = "Name of the schedule", example = "platform/prune"),
        ("from" = Option<String>, Query, description = "Earliest creation time, inclusive (RFC 3339); a date stands for the start of that day in Dhaka", example = "2026-11-20"),
        ("to" = Option<String>, Query, description = "Latest creation time, exclusive (RFC 3339); a date stands for the start of that day in Dhaka"),
    ),
    responses((status = 200, description = "A page", body = PageOf<JobDto>))
)]
#[get("/admin/jobs")]
async fn list_jobs(
    api: web::Data<JobUseCases>,
    list: ListRequest<ReadJobs, JobId, JobParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.jobs.list(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, JobDto::from)
}

/// Get a job
///
/// Returns a job with its progress, its result, or the reason why it failed.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "getJob",
    security(("bearer" = [ReadJobs::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the job")),
    responses((status = 200, description = "The job", body = JobDto))
)]
#[get("/admin/jobs/{id}")]
async fn get_job(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    read: ReadRequest<ReadJobs, i64>,
) -> Result<HttpResponse, Problem> {
    let job = api.jobs.get(&read.allowed, JobId::new(read.target)).await?;
    read_response(&request, JsonResponse::json(&JobDto::from(&job), None)?)
}

/// List the errors of a job
///
/// Returns the rows with errors of the file that a job processed, in the order of the file. The routes of assignment and sales rep
/// files return them as CSV, with their original cells.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "listJobErrors",
    security(("bearer" = [ReadJobs::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(("id" = i64, Path, description = "Id of the job")),
    responses((status = 200, description = "A page", body = PageOf<RowErrorsDto>))
)]
#[get("/admin/jobs/{id}/errors")]
async fn list_job_errors(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    allowed: Permit<ReadJobs>,
) -> Result<HttpResponse, Problem> {
    let query: ListQuery<RowNumber, ()> =
        ListQuery::parse(request.path(), QueryParams::of(&request)?.0, |_| ())?;
    let id = JobId::new(id_in_path(&request, "id")?);
    let page = api.jobs.errors(&allowed.0, id, &query.page).await?;
    read_response(&request, query.render(&page, RowErrorsDto::from)?)
}

/// Cancel a job
///
/// Requests to cancel a job. A queued job ends within seconds; a running job at its next heartbeat, and its uncommitted work is
/// lost. What it has committed stays: an import can be undone. Cancelling a job again changes nothing.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "cancelJob",
    security(("bearer" = [ManageJobs::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(("id" = i64, Path, description = "Id of the job")),
    responses(
        (status = 200, description = "The job; `cancelRequestedAt` is set", body = JobDto),
        (status = 409, description = "The job has ended"),
    )
)]
#[post("/admin/jobs/{id}/cancel")]
async fn cancel_job(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    change: ChangeRequest<ManageJobs, (), i64>,
) -> Result<HttpResponse, Problem> {
    let render = |job: &Job| updated(&change.options, &JobDto::from(job), None);
    let id = JobId::new(change.target);
    Ok(respond(&request, api.jobs.cancel(&change.allowed, id, &change.options, render).await?))
}

/// Retry a job
///
/// Returns a job to the queue that was cancelled, or failed for a reason of the server (`internal-error`, `timed-out`). Imports are
/// repeated by their own routes.
#[utoipa::path(
    tag = "Jobs",
    operation_id = "retryJob",
    security(("bearer" = [ManageJobs::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(("id" = i64, Path, description = "Id of the job")),
    responses(
        (status = 200, description = "The job, which is queued again", body = JobDto),
        (status = 409, description = "The job has not ended, has succeeded, or would fail again"),
    )
)]
#[post("/admin/jobs/{id}/retry")]
async fn retry_job(
    request: HttpRequest,
    api: web::Data<JobUseCases>,
    change: ChangeRequest<ManageJobs, (), i64>,
) -> Result<HttpResponse, Problem> {
    let render = |job: &Job| updated(&change.options, &JobDto::from(job), None);
    let id = JobId::new(change.target);
    Ok(respond(&request, api.jobs.retry(&change.allowed, id, &change.options, render).await?))
}

fn routes(config: &mut ServiceConfig) {
    config
        .service(list_jobs)
        .service(get_job)
        .service(list_job_errors)
        .service(cancel_job)
        .service(retry_job);
    schedules::routes(config);
}
