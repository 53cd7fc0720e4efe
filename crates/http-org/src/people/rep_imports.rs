//! The jobs that create sales reps from files.

use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::people::{PeopleUseCases, RepFileOptions, rep_failure_message};
use haat_application::shared::ManageUsers;
use haat_domain::job::Job;
use haat_domain::people::PasswordFileState;
use haat_domain::shared::JobId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use haat_http_core::job::{FailureDto, FileJob, error_file, language};
use haat_http_core::{
    JsonResponse, Language, ListRequest, PageOf, Problem, ReadRequest, RequestId, Timestamp, read_response,
};

/// A job that creates sales reps from a file, and its progress.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SalesRepImport)]
struct ImportDto {
    /// Id.
    id: i64,
    /// The name of the file; `null` if the client gave none.
    #[schema(required = true)]
    file_name: Option<String>,
    /// `QUEUED`, `RUNNING`, `SUCCEEDED`, `PARTIAL` (some rows failed) or `FAILED` (the file was rejected, or all rows failed).
    #[schema(example = "SUCCEEDED")]
    state: &'static str,
    /// True if the file is only validated.
    validate_only: bool,
    /// The row counts.
    rows: RowsDto,
    /// `available` until the one-time passwords have been given or have expired (`given`); `none` if no sales rep was created.
    #[schema(example = "available")]
    passwords: &'static str,
    /// The reason why no sales rep was created; `null` unless `FAILED`.
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

/// Row counts of a file of sales reps, without the header.
#[derive(Serialize, ToSchema)]
#[schema(as = SalesRepImportRows)]
struct RowsDto {
    /// Rows read.
    read: i64,
    /// Rows with an error; `GET …/errors` returns all of them.
    failed: i64,
    /// Sales reps created, or that would be created if the file is only validated; 0 until the job has ended.
    created: i64,
}

impl ImportDto {
    fn new(job: &Job, passwords: Option<PasswordFileState>, language: Language) -> Self {
        let result = FileJob::of(job, &["created"]);
        let options = RepFileOptions::of(&job.args);
        Self {
            id: job.id.get(),
            state: result.state(),
            validate_only: options.as_ref().is_some_and(|options| options.validate_only),
            file_name: options.and_then(|options| options.file_name),
            rows: RowsDto {
                read: result.read(),
                failed: result.number("failed"),
                created: result.number("created"),
            },
            passwords: match passwords {
                None => "none",
                Some(PasswordFileState::Available) => "available",
                Some(PasswordFileState::Given) => "given",
            },
            failure: result
                .failure()
                .map(|code| FailureDto::new(code, &[], &rep_failure_message(code), language)),
            created_at: Timestamp(job.created_at),
            started_at: job.started_at.map(Timestamp),
            finished_at: job.finished_at.map(Timestamp),
        }
    }
}

/// List sales rep imports
///
/// The files of sales reps of the tenant, with their progress and result, the newest first.
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesRepImports",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    responses((status = 200, description = "A page", body = PageOf<ImportDto>))
)]
#[get("/admin/sales-reps/imports")]
async fn list_imports(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    list: ListRequest<ManageUsers, JobId>,
) -> Result<HttpResponse, Problem> {
    let page = api.imports.list(&list.allowed, &list.query.page).await?;
    let jobs: Vec<JobId> = page.rows.iter().map(|job| job.id).collect();
    let states = api.passwords.states(&list.allowed, &jobs).await?;
    let language = language(&request);
    list.respond(&page, |job| ImportDto::new(job, states.get(&job.id).copied(), language))
}

/// Get a sales rep import
///
/// Returns the progress and result of a file. Its sales reps are created in one transaction, so there are none before the job has
/// ended. If the server stops, another attempt starts from the beginning.
#[utoipa::path(
    tag = "People",
    operation_id = "getSalesRepImport",
    security(("bearer" = [ManageUsers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the job")),
    responses((status = 200, description = "The job", body = ImportDto))
)]
#[get("/admin/sales-reps/imports/{id}")]
async fn get_import(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    read: ReadRequest<ManageUsers, i64>,
) -> Result<HttpResponse, Problem> {
    let id = JobId::new(read.target);
    let job = api.imports.job(&read.allowed, id).await?;
    let states = api.passwords.states(&read.allowed, &[id]).await?;
    let dto = ImportDto::new(&job, states.get(&id).copied(), language(&request));
    read_response(&request, JsonResponse::json(&dto, None)?)
}

/// List the errors of a sales rep import
///
/// Returns the rows with errors as CSV, to be corrected and sent again: the cells of the file, and the row of a spreadsheet (the
/// header is usually 1), the codes of the errors (`required`, `invalid`, `placeholder`, `taken`, `duplicate` or
/// `wrong-column-count`), their columns, and messages in English and Bangla. A file that is sent again may keep these columns.
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesRepImportErrors",
    security(("bearer" = [ManageUsers::NAME])),
    params(("id" = i64, Path, description = "Id of the job")),
    responses((status = 200, description = "A CSV file", body = String, content_type = "text/csv"))
)]
#[get("/admin/sales-reps/imports/{id}/errors")]
async fn list_import_errors(
    request: HttpRequest,
    api: web::Data<PeopleUseCases>,
    read: ReadRequest<ManageUsers, i64>,
) -> Result<HttpResponse, Problem> {
    let id = JobId::new(read.target);
    let file = api.imports.error_file(&read.allowed, id).await?;
    Ok(error_file(&format!("sales-rep-errors-{id}.csv"), file, RequestId::of(&request)))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_imports).service(get_import).service(list_import_errors);
}
