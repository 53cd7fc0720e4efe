use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;

use super::order_body::{read, transfer};
use super::order_schema::TransferBody;
use super::outcome_dto::OutcomeDto;
use super::plain;
use crate::shared::{Caller, JsonBody, Problem, ProblemBody, answer_of, receipt};

/// Transfer shops
///
/// Gives all or some of one representative's shops to others, each shop to whoever has the fewest, those of one territory
/// together as far as that goes. Shops for which nobody has room stay where they are (`unplaced`), unless `force` is set,
/// with a `reason`.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "transferShops",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "As in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = TransferBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What became of each uid", body = OutcomeDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/transfer")]
pub(super) async fn transfer_shops(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    let input = read(&request, &caller, body, transfer)?;
    answer_of(&request, api.change.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
