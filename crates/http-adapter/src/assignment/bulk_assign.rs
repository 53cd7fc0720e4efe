use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::{AssignmentApi, BulkInput, check_permission};
use haat_domain::assignment::Assigned;

use super::dto::{AssignedDto, BulkAssignBody, parse};
use crate::shared::{
    Caller, JsonBody, Plain, Problem, ProblemBody, QueryParams, RequestId, answer_of, once, receipt,
};

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
    check_permission(&caller.0)?;
    let body = body?;
    let once = once(&request, &body.bytes)?;
    let input = parse(body.fields, QueryParams::of(&request)?.0, true)?;
    let input = BulkInput { request_id: RequestId::of(&request), once, ..input };
    let keep = |outcome: &Assigned| receipt(&plain(outcome).unwrap_or_default());
    answer_of(&request, api.assign.execute(&caller.0, &input, &keep).await?, plain)
}

fn plain(outcome: &Assigned) -> Result<Plain, Problem> {
    Plain::json(&AssignedDto::from(outcome), None)
}
