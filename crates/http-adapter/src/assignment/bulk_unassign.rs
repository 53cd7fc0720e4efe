use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::ChangeAssignments;

use super::order_body::{read, unassign};
use super::order_schema::BulkUnassignBody;
use super::outcome_dto::OutcomeDto;
use super::to_response;
use crate::shared::{Caller, JsonBody, Problem, stored_response, write_response};

/// Unassign retailers in bulk
///
/// Ends assignments and keeps them in the history. The response accounts for every uid. Sending the same request again
/// changes nothing.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkUnassign",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body(content = BulkUnassignBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
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
