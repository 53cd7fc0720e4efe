use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::AssignmentApi;
use haat_application::shared::Permission;

use super::batch_id;
use super::dto::BatchDto;
use crate::shared::{Caller, NoParams, Plain, Problem, ProblemBody, read_answer};

/// One batch
///
/// What it was asked to do, how far it is, what it does in numbers, and to whom.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "getBatch",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The batch")),
    responses(
        (status = 200, description = "The batch", body = BatchDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such batch", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/assignments/batches/{id}")]
pub(super) async fn get_batch(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    found(&request, &api, &caller, &id).await
}

/// One plan
///
/// As `GET /admin/assignments/batches/{id}`: a plan is a batch that has not been applied.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "getPlan",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The plan")),
    responses(
        (status = 200, description = "The plan", body = BatchDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such plan", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/assignments/plans/{id}")]
pub(super) async fn get_plan(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    found(&request, &api, &caller, &id).await
}

async fn found(
    request: &HttpRequest,
    api: &AssignmentApi,
    caller: &Caller,
    id: &str,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let (batch, loads) = api.read.batch(&caller.0, batch_id(id)?).await?;
    Ok(read_answer(request, Plain::json(&BatchDto::new(&batch, Some(&loads)), None)?))
}
