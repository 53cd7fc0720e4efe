use std::sync::Arc;

use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use haat_application::assignment::AssignmentApi;
use haat_application::shared::{Actor, Permission};
use haat_domain::job::JobError;
use haat_domain::shared::JobId;

use super::get_job::job_id;
use crate::shared::{Caller, NoParams, Problem, ProblemBody, RequestId, csv_answer, csv_rows};

/// The rows of a file that could not be done
///
/// All of them, as CSV: the row (the first after the header is 1), the column, what stands there, and what is wrong with
/// it: `required`, `invalid`, `not-found`, `disabled` or `over-capacity`. A row can have several.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listAssignmentJobErrors",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The job")),
    responses(
        (status = 200, description = "A file", body = String, content_type = "text/csv"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such job", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/assignments/jobs/{id}/errors")]
pub(super) async fn list_job_errors(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let job = api.jobs.job(&caller.0, job_id(&id)?).await?.id;
    let parts = parts(api.into_inner(), caller.0, job, RequestId::of(&request));
    Ok(csv_answer(&format!("assignment-errors-{job}.csv"), ["row", "field", "value", "code"], parts))
}

/// The parts, each read once the client has taken the one before.
fn parts(
    api: Arc<AssignmentApi>,
    actor: Actor,
    job: JobId,
    request_id: String,
) -> impl stream::Stream<Item = Result<web::Bytes, Error>> {
    let state = (api, actor, job, None::<JobError>, request_id);
    stream::try_unfold(state, async |(api, actor, job, after, request_id)| {
        let errors = api.jobs.errors(&actor, job, after.as_ref()).await.inspect_err(|failure| {
            // The edge has given the answer away by now, so it is told here.
            tracing::error!(id = request_id, %failure, "a file of errors broke off");
        });
        let errors = errors.map_err(Problem::from)?;
        let Some(last) = errors.last().cloned() else {
            return Ok(None);
        };
        let cells = |error: JobError| [error.row.to_string(), error.field, error.value, error.code];
        Ok(Some((csv_rows(errors.into_iter().map(cells))?, (api, actor, job, Some(last), request_id))))
    })
}
