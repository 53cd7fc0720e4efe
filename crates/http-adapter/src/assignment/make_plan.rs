use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::{AssignmentApi, ChangeAssignmentsInput, Outcome};

use super::dto::OutcomeDto;
use super::order_body::{PlanBody, any, read};
use super::plain;
use crate::shared::{Caller, JsonBody, Plain, Problem, ProblemBody, answer_of, receipt};

/// Make a plan
///
/// Draws up a bulk assignment, a bulk unassignment or a transfer and keeps it, without doing it: what would happen to each
/// shop (`GET /admin/assignments/batches/{id}/changes`), each representative's shops before and after, shops left without
/// anybody, shops that leave their territory. Its `batchId` is the plan's id.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "makePlan",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell the same without keeping it"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content = PlanBody, content_type = "application/json"),
    responses(
        (status = 200, description = "What the plan would be (`validateOnly`)", body = OutcomeDto),
        (status = 201, description = "The plan", body = OutcomeDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/plans")]
pub(super) async fn make_plan(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    let input = ChangeAssignmentsInput { plan: true, ..read(&request, &caller, body, any)? };
    answer_of(&request, api.change.execute(&caller.0, &input, &receipt(plan)).await?, plan)
}

fn plan(outcome: &Outcome) -> Result<Plain, Problem> {
    let answer = plain(outcome)?;
    Ok(match outcome.batch {
        Some(id) => answer.created(format!("/admin/assignments/plans/{id}")),
        None => answer,
    })
}
