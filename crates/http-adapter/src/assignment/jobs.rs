//! The jobs that process assignment files.

use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::{AssignmentUseCases, FileOptions, failure_message};
use haat_application::shared::ChangeAssignments;
use haat_domain::assignment::BatchOutcome;
use haat_domain::job::Job;
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::job::{FailureDto, FileJob, error_file, language};
use haat_http_core::{
    JsonResponse, Language, ListRequest, PageOf, Problem, ReadRequest, RequestId, Timestamp, read_response,
};

/// A job that processes an assignment file, and its progress.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentJob)]
struct JobDto {
    /// Id.
    id: i64,
    /// The name of the file; `null` if the client gave none.
    #[schema(required = true)]
    file_name: Option<String>,
    /// `QUEUED`, `RUNNING`, `SUCCEEDED`, `PARTIAL` (some rows failed) or `FAILED` (the file was rejected, or all rows failed).
    #[schema(example = "SUCCEEDED")]
    state: &'static str,
    /// The options of the request.
    #[schema(required = true)]
    options: Option<OptionsDto>,
    /// The row counts.
    rows: RowsDto,
    /// The outcome of the file: `complete`, `partial`, `unchanged` or `refused`; `null` until its rows have been processed.
    #[schema(required = true, example = "complete")]
    outcome: Option<&'static str>,
    /// The result counts; `null` until the rows have been processed.
    #[schema(required = true)]
    counts: Option<JobCountsDto>,
    /// Id of the batch or plan, for reading and undoing it; `null` if nothing changed.
    #[schema(required = true)]
    batch_id: Option<i64>,
    /// The reason why nothing was applied; `null` unless `FAILED`.
    #[schema(required = true)]
    failure: Option<FailureDto>,
    /// Creation time.
    created_at: Timestamp,
    /// The time at which processing started.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// The time at which processing ended.
    #[schema(required = true)]
    finished_at: Option<Timestamp>,
}

/// The options of an assignment file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignmentJobOptions)]
struct OptionsDto {
    /// The action: `assign`, `unassign` or `transfer`.
    #[schema(example = "assign")]
    action: &'static str,
    /// The treatment of retailers that other sales reps serve: `share`, `skip` or `move`.
    if_assigned: &'static str,
    /// True if sales reps may exceed their capacity.
    force: bool,
    /// The reason given in the request.
    #[schema(required = true)]
    reason: Option<String>,
    /// True if the file creates a plan.
    plan: bool,
    /// True if the file is only validated.
    validate_only: bool,
}

/// Row counts of a file, without the header.
#[derive(Serialize, ToSchema)]
#[schema(as = JobRows)]
struct RowsDto {
    /// Rows read so far.
    read: i64,
    /// Rows with an error; `GET …/errors` returns all of them.
    failed: i64,
    /// Requested assignments that repeat another one; a row can request several.
    repeated: i64,
}

/// Result counts of the assignments that a file requests: one per row, or one per sales rep in a column `sales_reps`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = JobCounts)]
struct JobCountsDto {
    /// Assignments started without ending another sales rep's assignment.
    assigned: i64,
    /// Assignments that already existed.
    already_assigned: i64,
    /// Assignments, started or already existing, of retailers taken from another sales rep.
    moved: i64,
    skipped: i64,
    /// Assignments ended without another sales rep in their place.
    unassigned: i64,
    /// Assignments to end that did not exist.
    not_assigned: i64,
    unserved: i64,
    cross_territory: i64,
}

impl JobDto {
    fn new(job: &Job, language: Language) -> Self {
        let result = FileJob::of(job, &["assigned", "moved", "unassigned"]);
        let number = |name: &str| result.number(name);
        let options = FileOptions::of(&job.args);
        Self {
            id: job.id.get(),
            file_name: options.as_ref().and_then(|options| options.file_name.clone()),
            state: result.state(),
            options: options.map(|options| OptionsDto {
                action: options.action.as_str(),
                if_assigned: options.if_assigned.as_str(),
                force: options.force,
                reason: options.reason,
                plan: options.plan,
                validate_only: options.validate_only,
            }),
            rows: RowsDto { read: result.read(), failed: number("failed"), repeated: number("repeated") },
            outcome: result
                .is_done()
                .then(|| BatchOutcome::of(result.changes(), number("failed") > 0).as_str()),
            counts: result.is_done().then(|| JobCountsDto {
                assigned: number("assigned"),
                already_assigned: number("alreadyAssigned"),
                moved: number("moved"),
                skipped: number("skipped"),
                unassigned: number("unassigned"),
                not_assigned: number("notAssigned"),
                unserved: number("unserved"),
                cross_territory: number("crossTerritory"),
            }),
            batch_id: job.result.get("batchId").copied(),
            failure: result
                .failure()
                .map(|code| FailureDto::new(code, &[], &failure_message(code), language)),
            created_at: Timestamp(job.created_at),
            started_at: job.started_at.map(Timestamp),
            finished_at: job.finished_at.map(Timestamp),
        }
    }
}

/// List assignment jobs
///
/// Returns assignment files with their progress and result, newest first. Managers of regions and areas and team leaders see
/// only their own.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listAssignmentJobs",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    responses((status = 200, description = "A page", body = PageOf<JobDto>))
)]
#[get("/admin/assignments/jobs")]
async fn list_jobs(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    list: ListRequest<ChangeAssignments, JobId>,
) -> Result<HttpResponse, Problem> {
    let page = api.jobs.list(&list.allowed, &list.query.page).await?;
    let language = language(&request);
    list.respond(&page, |job| JobDto::new(job, language))
}

/// Get an assignment job
///
/// Returns the progress and result of an assignment file. The file is applied in one transaction, so no
/// assignment changes before the job has ended. If the server stops, another attempt starts from the beginning.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "getAssignmentJob",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the job")),
    responses(
        (status = 200, description = "The job", body = JobDto),
    )
)]
#[get("/admin/assignments/jobs/{id}")]
async fn get_job(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    read: ReadRequest<ChangeAssignments, i64>,
) -> Result<HttpResponse, Problem> {
    let job = api.jobs.job(&read.allowed, JobId::new(read.target)).await?;
    read_response(&request, JsonResponse::json(&JobDto::new(&job, language(&request)), None)?)
}

/// List the errors of an assignment job
///
/// Returns the rows with errors as CSV, to be corrected and sent again: the cells of the file, and the row of a spreadsheet (the
/// header is usually 1), the codes of the errors (`required`, `invalid`, `placeholder`, `invalid-encoding`, `wrong-column-count`,
/// `not-found`, `duplicate`, `disabled`, `over-capacity` or `not-assigned`), their columns, and messages in English and Bangla. A file that is sent again may keep these columns.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listAssignmentJobErrors",
    security(("bearer" = [ChangeAssignments::NAME])),
    params(("id" = i64, Path, description = "Id of the job")),
    responses(
        (status = 200, description = "A CSV file", body = String, content_type = "text/csv"),
    )
)]
#[get("/admin/assignments/jobs/{id}/errors")]
async fn list_job_errors(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    read: ReadRequest<ChangeAssignments, i64>,
) -> Result<HttpResponse, Problem> {
    let id = JobId::new(read.target);
    let file = api.jobs.error_file(&read.allowed, id).await?;
    Ok(error_file(&format!("assignment-errors-{id}.csv"), file, RequestId::of(&request)))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_jobs).service(get_job).service(list_job_errors);
}
