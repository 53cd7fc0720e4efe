use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentUseCases;

use super::order_body::{read, unassign};
use super::order_schema::BulkUnassignBody;
use super::outcome_dto::OutcomeDto;
use super::to_response;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody, stored_response, write_response};

/// Unassign retailers in bulk
///
/// Ends assignments and keeps them in the history. The response accounts for every uid. Sending the same request again
/// changes nothing.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkUnassign",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
    ),
    request_body(content = BulkUnassignBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
        (status = 403, description = "Requires permission `change-assignments`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/bulk-unassign")]
pub(super) async fn bulk_unassign(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    let input = read(&request, &caller, body, |body| Some(unassign(body)))?;
    write_response(
        &request,
        api.change.execute(&caller.0, &input, &stored_response(to_response)).await?,
        to_response,
    )
}
