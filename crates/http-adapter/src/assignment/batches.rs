//! Batches, plans and their changes.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use haat_application::assignment::{AssignmentUseCases, Outcome};
use haat_application::shared::ChangeAssignments;
use haat_domain::assignment::{BatchChangeKey, BatchFilter, BatchKind, BatchState};
use haat_domain::shared::{BatchId, UserId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{BatchChangeDto, BatchDetailsDto, BatchDto};
use super::outcome_dto::OutcomeDto;
use haat_http_core::{
    ChangeRequest, Fields, Filter, JsonResponse, ListRequest, PageOf, Problem, ReadRequest, path_id,
    read_response, respond, updated,
};

/// The parameters of the list.
struct BatchParams;

impl Filter for BatchParams {
    type Value = BatchFilter;

    fn read(query: &mut Fields) -> BatchFilter {
        BatchFilter {
            kind: query.word("kind", BatchKind::from_name, &["assign", "unassign", "transfer", "undo"]),
            state: query.word("state", BatchState::from_name, BatchState::WORDS),
            actor: query.id("actor").map(UserId::new),
        }
    }
}

/// List assignment batches
///
/// Returns bulk changes of assignments and plans, newest first. Managers of regions and areas and team leaders see only their own.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listBatches",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("kind" = Option<String>, Query, description = "`assign`, `unassign`, `transfer` or `undo`"),
        ("state" = Option<String>, Query, description = "`planned`, `expired`, `applied` or `undone`"),
        ("actor" = Option<i64>, Query, description = "Id of the user who requested the batch"),
    ),
    responses(
        (status = 200, description = "A page of batches", body = PageOf<BatchDto>),
    )
)]
#[get("/admin/assignments/batches")]
async fn list_batches(
    api: web::Data<AssignmentUseCases>,
    list: ListRequest<ChangeAssignments, BatchId, BatchParams>,
) -> Result<HttpResponse, Problem> {
    let page = api.read.batches(&list.allowed, &list.query.filter, &list.query.page).await?;
    list.respond(&page, BatchDto::from)
}

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
        (status = 200, description = "The batch", body = BatchDetailsDto),
    )
)]
#[get("/admin/assignments/batches/{id}")]
async fn get_batch(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    read: ReadRequest<ChangeAssignments, i64>,
) -> Result<HttpResponse, Problem> {
    batch_response(&request, &api, &read).await
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
        (status = 200, description = "The plan", body = BatchDetailsDto),
    )
)]
#[get("/admin/assignments/plans/{id}")]
async fn get_plan(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    read: ReadRequest<ChangeAssignments, i64>,
) -> Result<HttpResponse, Problem> {
    batch_response(&request, &api, &read).await
}

async fn batch_response(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    read: &ReadRequest<ChangeAssignments, i64>,
) -> Result<HttpResponse, Problem> {
    let (batch, assigned_counts) = api.read.batch(&read.allowed, BatchId::new(read.target)).await?;
    read_response(request, JsonResponse::json(&BatchDetailsDto::new(&batch, &assigned_counts), None)?)
}

/// List the changes of an assignment batch
///
/// Returns the change for each pair of retailer and sales rep. A plan lists the changes it would make, and also the
/// pairs that it leaves unchanged.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listBatchChanges",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(("id" = i64, Path, description = "Id of the batch or plan")),
    responses(
        (status = 200, description = "A page of changes", body = PageOf<BatchChangeDto>),
    )
)]
#[get("/admin/assignments/batches/{id}/changes")]
async fn list_batch_changes(
    api: web::Data<AssignmentUseCases>,
    list: ListRequest<ChangeAssignments, BatchChangeKey>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let batch = BatchId::new(path_id(&id)?);
    let page = api.read.changes(&list.allowed, batch, &list.query.page).await?;
    list.respond(&page, BatchChangeDto::from)
}

/// Apply a plan
///
/// Applies exactly the changes that the plan contains. If a retailer or sales rep of the plan has changed since it was created or has left the caller's scope, nothing is changed and `conflicts` lists the differences. Applying a plan again changes nothing and returns
/// the same result with `repeated`.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "applyPlan",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the plan"),
    ),
    responses(
        (status = 200, description = "The changes that were applied", body = OutcomeDto),
        (status = 409, description = "The plan is out of date or has been undone"),
    )
)]
#[post("/admin/assignments/plans/{id}/apply")]
async fn apply_plan(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    change: ChangeRequest<ChangeAssignments, (), i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, options, .. } = change;
    let render = |outcome: &Outcome| updated(&options, &OutcomeDto::from(outcome), None);
    Ok(respond(&request, api.apply.execute(&allowed, BatchId::new(target), &options, render).await?))
}

/// Undo an assignment batch
///
/// Restores the assignments that the batch ended and ends those that it started, in one transaction. Retailers that have changed since or have left the caller's scope stay as they are and are listed in `changedRetailers`. If the number of applied changes differs
/// from the computed number, the undo is rolled back. Undoing a batch again changes nothing (`repeated`); the undo is a batch of its own
/// and can be undone too. `validateOnly` returns the restored and the changed retailers without saving.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "undoBatch",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the batch"),
    ),
    responses(
        (status = 200, description = "The changes that were undone", body = OutcomeDto),
        (status = 409, description = "The batch is a plan that has not been applied"),
    )
)]
#[post("/admin/assignments/batches/{id}/undo")]
async fn undo_batch(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    change: ChangeRequest<ChangeAssignments, (), i64>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, target, options, .. } = change;
    let render = |outcome: &Outcome| updated(&options, &OutcomeDto::from(outcome), None);
    Ok(respond(&request, api.undo.execute(&allowed, BatchId::new(target), &options, render).await?))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_plan)
        .service(apply_plan)
        .service(list_batches)
        .service(get_batch)
        .service(list_batch_changes)
        .service(undo_batch);
}
