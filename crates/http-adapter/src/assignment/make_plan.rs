use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::{AssignmentApi, ChangeAssignmentsInput, Outcome};
use haat_application::shared::Permission;

use super::bulk_body::BulkBody;
use super::order_body::{any, read};
use super::order_schema::PlanBody;
use super::outcome_dto::OutcomeDto;
use super::plain;
use super::plan_by_filter::plan_by_filter;
use super::submit_file::{AcceptedDto, submit};
use crate::shared::{Caller, Plain, Problem, ProblemBody, answer_of, receipt};

/// Make a plan
///
/// Draws up a bulk assignment, a bulk unassignment or a transfer and keeps it, without doing it: what would happen to each
/// shop (`GET /admin/assignments/batches/{id}/changes`), each representative's shops before and after, shops left without
/// anybody, shops that leave their territory. Its `batchId` is the plan's id. A file goes as in a bulk assignment; its plan is
/// the `batchId` of the job.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "makePlan",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell the same without keeping it"),
        ("ifAssigned" = Option<String>, Query, description = "For a file, as in the body"),
        ("force" = Option<bool>, Query, description = "For a file, as in the body"),
        ("reason" = Option<String>, Query, description = "For a file, as in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content(
        (PlanBody = "application/json"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "What the plan would be (`validateOnly`)", body = OutcomeDto),
        (status = 201, description = "The plan", body = OutcomeDto),
        (status = 202, description = "The file is being worked on: look at `Location`", body = AcceptedDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/plans")]
pub(super) async fn make_plan(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    body: BulkBody,
) -> Result<HttpResponse, Problem> {
    let body = match body {
        BulkBody::Json(body) => body,
        BulkBody::Csv(payload) => return submit(&request, &api, &caller, payload, true).await,
    };
    caller.0.check(Permission::ChangeAssignments)?;
    if body.as_ref().is_ok_and(|body| body.fields.has("filter")) {
        return plan_by_filter(&request, &api, &caller, body?, plan).await;
    }
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
