use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;

use super::order_body::{read, unassign};
use super::order_schema::BulkUnassignBody;
use super::outcome_dto::OutcomeDto;
use super::plain;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody, answer_of, receipt};

/// Unassign shops in bulk
///
/// Ends assignments, which become history. The answer accounts for every uid; sending it again changes nothing.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkUnassign",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "As in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = BulkUnassignBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What became of each uid", body = OutcomeDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/bulk-unassign")]
pub(super) async fn bulk_unassign(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    let input = read(&request, &caller, body, |body| Some(unassign(body)))?;
    answer_of(&request, api.change.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
