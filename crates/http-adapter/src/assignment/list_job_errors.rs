use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{ChangeAssignments, Permission};

use crate::job::{error_rows, job_id};
use crate::shared::{Caller, NoParams, Problem, RequestId};

/// List the errors of an assignment job
///
/// Returns all errors as CSV: the row (the first after the header is 1), the column, the value and the error:
/// `required`, `invalid`, `not-found`, `disabled` or `over-capacity`. A row can have several errors.
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
pub(super) async fn list_job_errors(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let job = api.jobs.job(&caller.0, job_id(&id)?).await?.id;
    let file = format!("assignment-errors-{job}.csv");
    Ok(error_rows(&file, api.jobs.clone(), caller.0, job, RequestId::of(&request)))
}
