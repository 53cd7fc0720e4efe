use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{ChangeAssignments, Permission};
use haat_domain::assignment::{BatchFilter, BatchKind, BatchState};
use haat_domain::shared::{BatchId, PageRequest, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::BatchDto;
use crate::shared::{
    Caller, JsonResponse, NOT_AN_ID, PageInfo, Problem, QueryParams, cursor_of, encode_cursor, limit,
    read_response,
};

/// A page of batches.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchPage)]
struct BatchPage {
    /// The batches, newest first.
    data: Vec<BatchDto>,
    /// Paging information.
    page: PageInfo,
}

/// List assignment batches
///
/// Returns all bulk changes of assignments and all plans, newest first.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listBatches",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("kind" = Option<String>, Query, description = "`assign`, `unassign`, `transfer` or `undo`"),
        ("state" = Option<String>, Query, description = "`planned`, `applied` or `undone`"),
        ("actor" = Option<i64>, Query, description = "Id of the user who requested the batch"),
    ),
    responses(
        (status = 200, description = "A page of batches", body = BatchPage),
    )
)]
#[get("/admin/assignments/batches")]
pub(super) async fn list_batches(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let list = query.list_of(request.path());
    let filter = BatchFilter {
        kind: query.word("kind", BatchKind::from_name, &["assign", "unassign", "transfer", "undo"]),
        state: query.word("state", BatchState::from_name, &["planned", "applied", "undone"]),
        actor: query.optional("actor", |id| id.parse().map(UserId::new).map_err(|_not_one| NOT_AN_ID)),
    };
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let after = cursor_of::<i64>(&list, cursor.as_deref())?.map(BatchId::new);
    let page = api.read.batches(&caller.0, &filter, &PageRequest { limit, after }).await?;
    let next = page.next.map(|id| encode_cursor(&list, id.get()));
    let data = page.rows.iter().map(|batch| BatchDto::new(batch, None)).collect();
    let page = BatchPage { data, page: PageInfo::new(limit, next, None) };
    Ok(read_response(&request, JsonResponse::json(&page, None)?))
}
