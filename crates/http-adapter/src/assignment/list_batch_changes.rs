use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{ChangeAssignments, Permission};
use haat_domain::shared::{PageRequest, RetailerId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::batch_id;
use super::dto::BatchChangeDto;
use crate::shared::{
    Caller, JsonResponse, PageInfo, Problem, QueryParams, cursor_of, encode_cursor, limit, read_response,
};

/// A page of changes.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchChangePage)]
struct BatchChangePage {
    /// The changes, ordered by retailer and sales rep.
    data: Vec<BatchChangeDto>,
    /// Paging information.
    page: PageInfo,
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
    params(
        ("id" = i64, Path, description = "Id of the batch or plan"),
    ),
    responses(
        (status = 200, description = "A page of changes", body = BatchChangePage),
    )
)]
#[get("/admin/assignments/batches/{id}/changes")]
pub(super) async fn list_batch_changes(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let id = batch_id(&id)?;
    let list = format!("batch {id}");
    let after = cursor_of::<(i64, i64)>(&list, cursor.as_deref())?;
    let after = after.map(|(retailer, rep)| (RetailerId::new(retailer), UserId::new(rep)));
    let page = api.read.changes(&caller.0, id, &PageRequest { limit, after }).await?;
    let next = page.next.map(|(retailer, rep)| encode_cursor(&list, (retailer.get(), rep.get())));
    let data = page.rows.iter().map(Into::into).collect();
    let page = BatchChangePage { data, page: PageInfo::new(limit, next, None) };
    Ok(read_response(&request, JsonResponse::json(&page, None)?))
}
