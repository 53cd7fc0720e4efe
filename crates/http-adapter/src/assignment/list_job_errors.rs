use std::sync::Arc;

use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{Actor, ChangeAssignments, Permission};
use haat_domain::job::JobError;
use haat_domain::shared::JobId;

use super::get_job::job_id;
use crate::shared::{Caller, NoParams, Problem, RequestId, csv_answer, csv_rows};

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
    let parts = parts(api.into_inner(), caller.0, job, RequestId::of(&request));
    Ok(csv_answer(&format!("assignment-errors-{job}.csv"), ["row", "field", "value", "code"], parts))
}

/// Streams the parts. Each part is read after the client has taken the previous one.
fn parts(
    api: Arc<AssignmentUseCases>,
    actor: Actor,
    job: JobId,
    request_id: String,
) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    let state = (api, actor, job, None::<JobError>, request_id);
    stream::try_unfold(state, async |(api, actor, job, after, request_id)| {
        let errors = api.jobs.errors(&actor, job, after.as_ref()).await.inspect_err(|failure| {
            // The response has already started, so the error is logged here.
            tracing::error!(id = request_id, %failure, "error file stream failed");
        });
        let errors = errors.map_err(Problem::from)?;
        let Some(last) = errors.last().cloned() else {
            return Ok(None);
        };
        let cells = |error: JobError| [error.row.to_string(), error.field, error.value, error.code];
        Ok(Some((csv_rows(errors.into_iter().map(cells))?, (api, actor, job, Some(last), request_id))))
    })
}
