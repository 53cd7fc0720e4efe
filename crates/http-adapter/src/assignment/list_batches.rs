use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::AssignmentApi;
use haat_application::shared::Permission;
use haat_domain::assignment::{BatchFilter, BatchKind, BatchState};
use haat_domain::shared::{BatchId, PageRequest, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::BatchDto;
use crate::shared::{
    Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, cursor_of, encode_cursor, limit, read_answer,
};

/// A page of batches.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchPage)]
struct BatchPage {
    /// The batches, the latest first.
    data: Vec<BatchDto>,
    /// The page.
    page: PageInfo,
}

/// Batches and plans
///
/// Every change of many assignments at once, and every plan of one, the latest first.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "listBatches",
    security(("bearer" = [])),
    params(
        ("kind" = Option<String>, Query, description = "`assign`, `unassign`, `transfer` or `undo`"),
        ("state" = Option<String>, Query, description = "`planned`, `applied` or `undone`"),
        ("actor" = Option<i64>, Query, description = "Asked for by this user"),
        ("limit" = Option<u8>, Query, description = "The most batches of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = BatchPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/assignments/batches")]
pub(super) async fn list_batches(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let list = query.name_of_list("batches", &["kind", "state", "actor"]);
    let filter = BatchFilter {
        kind: query.optional("kind", |word| {
            BatchKind::from_name(word).ok_or("must be assign, unassign, transfer or undo")
        }),
        state: query.optional("state", |word| {
            BatchState::from_name(word).ok_or("must be planned, applied or undone")
        }),
        actor: query.optional("actor", |id| id.parse().map(UserId::new).map_err(|_not_one| "must be an id")),
    };
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let after = cursor_of::<i64>(&list, cursor.as_deref())?.map(BatchId::new);
    let page = api.read.batches(&caller.0, &filter, &PageRequest { limit, after, skip: 0 }).await?;
    let next = page.next.map(|id| encode_cursor(&list, id.get()));
    let data = page.rows.iter().map(|batch| BatchDto::new(batch, None)).collect();
    let page = BatchPage { data, page: PageInfo::new(limit, next, None) };
    Ok(read_answer(&request, Plain::json(&page, None)?))
}
