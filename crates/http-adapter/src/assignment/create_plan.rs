use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::{AssignmentUseCases, ChangeAssignmentsInput, Outcome};
use haat_application::shared::{ChangeAssignments, Permission};

use super::bulk_body::BulkBody;
use super::order_body::{any_order, read};
use super::order_schema::PlanBody;
use super::outcome_dto::OutcomeDto;
use super::plan_by_filter::plan_by_filter;
use super::submit_file::{AcceptedDto, submit};
use super::to_response;
use crate::shared::{Caller, JsonResponse, Problem, stored_response, write_response};

/// Create a plan
///
/// Computes a bulk assignment, a bulk unassignment or a transfer and stores it without applying it. The plan has the
/// change for each retailer (`GET /admin/assignments/batches/{id}/changes`), the retailer counts of each sales rep
/// before and after, and the retailers that become unserved or go to a sales rep outside their territory. `batchId` is
/// the id of the plan. Files are accepted as in a bulk assignment; their plan is the `batchId` of the job.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "createPlan",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("ifAssigned" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("force" = Option<bool>, Query, description = "For a file: as in the JSON body"),
        ("reason" = Option<String>, Query, description = "For a file: as in the JSON body"),
    ),
    request_body(content(
        (PlanBody = "application/json"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = OutcomeDto),
        (status = 201, description = "Created", body = OutcomeDto),
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
    )
)]
#[post("/admin/assignments/plans")]
pub(super) async fn create_plan(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    body: BulkBody,
) -> Result<HttpResponse, Problem> {
    let body = match body {
        BulkBody::Json(body) => body,
        BulkBody::Csv(payload) => return submit(&request, &api, &caller, payload, true).await,
    };
    caller.0.check(Permission::ChangeAssignments)?;
    if body.as_ref().is_ok_and(|body| body.fields.has("filter")) {
        return plan_by_filter(&request, &api, &caller, body?, plan_created).await;
    }
    let input = ChangeAssignmentsInput { plan: true, ..read(&request, &caller, body, any_order)? };
    write_response(
        &request,
        api.change.execute(&caller.0, &input, &stored_response(plan_created)).await?,
        plan_created,
    )
}

fn plan_created(outcome: &Outcome) -> Result<JsonResponse, Problem> {
    let response = to_response(outcome)?;
    Ok(match outcome.batch {
        Some(id) => response.created(format!("/admin/assignments/plans/{id}")),
        None => response,
    })
}
