use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{ChangeAssignments, Permission};

use super::batch_id;
use super::dto::BatchDto;
use crate::shared::{Caller, JsonResponse, NoParams, Problem, read_response};

/// Get an assignment batch
///
/// Returns the request, state and counts of a batch, and the sales reps whose assignments change.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "getBatch",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the batch")),
    responses(
        (status = 200, description = "The batch", body = BatchDto),
    )
)]
#[get("/admin/assignments/batches/{id}")]
pub(super) async fn get_batch(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    batch_response(&request, &api, &caller, &id).await
}

/// Get a plan
///
/// Same as `GET /admin/assignments/batches/{id}`: a plan is a batch that has not been applied.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "getPlan",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(("id" = i64, Path, description = "Id of the plan")),
    responses(
        (status = 200, description = "The plan", body = BatchDto),
    )
)]
#[get("/admin/assignments/plans/{id}")]
pub(super) async fn get_plan(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    id: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    batch_response(&request, &api, &caller, &id).await
}

async fn batch_response(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    caller: &Caller,
    id: &str,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let (batch, assigned_counts) = api.read.batch(&caller.0, batch_id(id)?).await?;
    Ok(read_response(request, JsonResponse::json(&BatchDto::new(&batch, Some(&assigned_counts)), None)?))
}
