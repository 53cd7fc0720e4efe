use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;
use haat_application::shared::Permission;

use super::outcome_dto::OutcomeDto;
use super::{batch_id, plain};
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, answer_of, change, receipt};

/// Take a batch back
///
/// Gives back what the batch took and takes what it gave, at once. Shops that have been changed since stay as they are and
/// are named in `changedRetailers`. What was done is counted against what was to be done before it is kept. Taking back
/// twice changes nothing; the undo is a batch of its own and can be taken back too. `validateOnly` shows it.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "undoBatch",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The batch"),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would return and what has changed since, and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    responses(
        (status = 200, description = "What was taken back", body = OutcomeDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such batch", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is a plan, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/batches/{id}/undo")]
pub(super) async fn undo_batch(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, &[], &mut query)?;
    query.finish()?;
    let done = api.undo.execute(&caller.0, batch_id(&id)?, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}
