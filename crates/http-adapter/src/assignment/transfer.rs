use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::ChangeAssignments;

use super::order_body::{read, transfer};
use super::order_schema::TransferBody;
use super::outcome_dto::OutcomeDto;
use super::to_response;
use crate::shared::{Caller, JsonBody, Problem, stored_response, write_response};

/// Transfer retailers
///
/// Moves all or some retailers of one sales rep to others, each to the recipient with the fewest retailers. Retailers
/// of one territory stay together as far as possible. Retailers for which no recipient has remaining capacity stay with
/// the sales rep (`unplaced`), unless `force` is set with a `reason`.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "transferRetailers",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    request_body(content = TransferBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
    )
)]
#[post("/admin/assignments/transfer")]
pub(super) async fn transfer_retailers(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    let input = read(&request, &caller, body, transfer)?;
    write_response(
        &request,
        api.change.execute(&caller.0, &input, &stored_response(to_response)).await?,
        to_response,
    )
}
