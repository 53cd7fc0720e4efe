use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;
use haat_domain::assignment::Assigned;

use super::dto::{AssignedDto, BulkAssignBody, read};
use crate::shared::{Caller, JsonBody, Plain, Problem, ProblemBody, answer_of, receipt};

/// Assign shops in bulk
///
/// Lets sales representatives serve more shops, whoever else serves them. The answer accounts for every uid; sending it
/// again changes nothing. A representative who would have more shops than they can serve is given none of theirs, unless
/// `force` is set, with a `reason`.
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
        (status = 200, description = "What became of each uid", body = AssignedDto),
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
    let input = read(&request, &caller, body, true)?;
    answer_of(&request, api.assign.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}

fn plain(outcome: &Assigned) -> Result<Plain, Problem> {
    Plain::json(&AssignedDto::from(outcome), None)
}
