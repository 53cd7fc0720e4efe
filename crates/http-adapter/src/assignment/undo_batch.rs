use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{ChangeAssignments, Permission};

use super::outcome_dto::OutcomeDto;
use super::{batch_id, to_response};
use crate::shared::{Caller, Problem, QueryParams, stored_response, write_options, write_response};

/// Undo an assignment batch
///
/// Restores the assignments that the batch ended and ends those that it started, in one transaction. Retailers that
/// have changed since stay as they are and are listed in `changedRetailers`. If the number of applied changes differs
/// from the computed number, the undo is rolled back. Undoing a batch again changes nothing; the undo is a batch of its own
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
pub(super) async fn undo_batch(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, &[], &mut query)?;
    query.finish()?;
    let result =
        api.undo.execute(&caller.0, batch_id(&id)?, &write_options, &stored_response(to_response)).await?;
    write_response(&request, result, to_response)
}
