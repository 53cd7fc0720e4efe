use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;

use super::dto::OutcomeDto;
use super::order_body::{BulkAssignBody, assign, read};
use super::plain;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody, answer_of, receipt};

/// Assign shops in bulk
///
/// Lets sales representatives serve more shops; `ifAssigned` says what becomes of shops that somebody else serves. The
/// answer accounts for every uid; sending it again changes nothing. A representative who would have more shops than they
/// can serve is given none of theirs, unless `force` is set, with a `reason`.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkAssign",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "As in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = BulkAssignBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What became of each uid", body = OutcomeDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/bulk")]
pub(super) async fn bulk_assign(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    let input = read(&request, &caller, body, |body| Some(assign(body)))?;
    answer_of(&request, api.change.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
