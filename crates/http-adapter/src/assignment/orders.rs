//! Bulk assignments, bulk unassignments and transfers, executed or planned.

use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::{AssignmentUseCases, OrderInput, Outcome};
use haat_application::shared::{ChangeAssignments, Rendered, WriteOptions};
use haat_domain::assignment::BatchKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::bulk_request::BulkRequest;
use super::order_body::{OrderOf, OrderSchema, PlanRequest};
use super::order_schema::{BulkAssignBody, BulkUnassignBody, PlanBody, TransferBody};
use super::outcome_dto::OutcomeDto;
use super::submit_file::{FormDto, Use, submit};
use haat_http_core::job::AcceptedDto;
use haat_http_core::{ChangeRequest, Problem, created, respond, updated};

/// Assign retailers in bulk
///
/// Assigns retailers to sales reps; `ifAssigned` selects the treatment of retailers that another sales rep serves. The
/// response accounts for every uid. Sending the same request again changes nothing. A sales rep who would exceed their
/// capacity receives none of the requested retailers, unless `force` is set with a `reason`.
///
/// A file has any number of rows. Send it as a form with a part `file`, or as a `text/csv` body (either with
/// `Content-Encoding: gzip` if compressed). The header names `uid` and `sales_rep` (id, username or employee code), or
/// `sales_reps` (all of a retailer, as in an export); the other members are in the query or in the form. The response is 202,
/// and a job processes the file.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkAssign",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("ifAssigned" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("force" = Option<bool>, Query, description = "For a file: as in the JSON body"),
        ("reason" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("fileName" = Option<String>, Query, description = "For a file: its name; by default that of `Content-Disposition`"),
    ),
    request_body(content(
        (BulkAssignBody = "application/json"),
        (FormDto = "multipart/form-data"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
    )
)]
#[post("/admin/assignments/bulk")]
async fn bulk_assign(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    bulk: BulkRequest<OrderOf<BulkAssignBody>>,
) -> Result<HttpResponse, Problem> {
    match bulk {
        BulkRequest::Json(change) => execute(&request, &api, change).await,
        BulkRequest::File(allowed, payload) => {
            submit(&request, &api, &allowed, payload, Use::Action(BatchKind::Assign)).await
        }
    }
}

/// Unassign retailers in bulk
///
/// Ends assignments and keeps them in the history. The response accounts for every uid. Sending the same request again
/// changes nothing. Files are accepted as in a bulk assignment, with `uid` and `sales_rep`.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkUnassign",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("reason" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("fileName" = Option<String>, Query, description = "For a file: its name; by default that of `Content-Disposition`"),
    ),
    request_body(content(
        (BulkUnassignBody = "application/json"),
        (FormDto = "multipart/form-data"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
    )
)]
#[post("/admin/assignments/bulk-unassign")]
async fn bulk_unassign(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    bulk: BulkRequest<OrderOf<BulkUnassignBody>>,
) -> Result<HttpResponse, Problem> {
    match bulk {
        BulkRequest::Json(change) => execute(&request, &api, change).await,
        BulkRequest::File(allowed, payload) => {
            submit(&request, &api, &allowed, payload, Use::Action(BatchKind::Unassign)).await
        }
    }
}

/// Transfer retailers
///
/// Moves all or some retailers of one sales rep to others, each to the recipient with the fewest retailers. Retailers
/// of one territory stay together as far as possible. Retailers for which no recipient has remaining capacity stay with
/// the sales rep (`unplaced`), unless `force` is set with a `reason`.
///
/// Files are accepted as in a bulk assignment. They name `uid`, `from` and `to` (id, username or employee code), so that each
/// retailer can move between other sales reps. A row whose `from` does not serve the retailer has an error, unless `to` serves it
/// already.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "transferRetailers",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("force" = Option<bool>, Query, description = "For a file: as in the JSON body"),
        ("reason" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("fileName" = Option<String>, Query, description = "For a file: its name; by default that of `Content-Disposition`"),
    ),
    request_body(content(
        (TransferBody = "application/json"),
        (FormDto = "multipart/form-data"),
        (String = "text/csv", example = "uid,from,to\nRTL-0000042,sr00001,sr00002\n"),
    )),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
    )
)]
#[post("/admin/assignments/transfer")]
async fn transfer_retailers(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    bulk: BulkRequest<OrderOf<TransferBody>>,
) -> Result<HttpResponse, Problem> {
    match bulk {
        BulkRequest::Json(change) => execute(&request, &api, change).await,
        BulkRequest::File(allowed, payload) => {
            submit(&request, &api, &allowed, payload, Use::Action(BatchKind::Transfer)).await
        }
    }
}

/// Create a plan
///
/// Computes a bulk assignment, a bulk unassignment or a transfer and stores it without applying it. The plan has the
/// change for each retailer (`GET /admin/assignments/batches/{id}/changes`), the retailer counts of each sales rep
/// before and after, and the retailers that become unserved or go to a sales rep outside their territory. `batchId` is
/// the id of the plan. Files of each action are accepted; their plan is the `batchId` of the job.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "createPlan",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("action" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("ifAssigned" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("force" = Option<bool>, Query, description = "For a file: as in the JSON body"),
        ("reason" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("fileName" = Option<String>, Query, description = "For a file: its name; by default that of `Content-Disposition`"),
    ),
    request_body(content(
        (PlanBody = "application/json"),
        (FormDto = "multipart/form-data"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "The result, for `validateOnly`", body = OutcomeDto),
        (status = 201, description = "Created", body = OutcomeDto),
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
    )
)]
#[post("/admin/assignments/plans")]
async fn create_plan(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    bulk: BulkRequest<PlanRequest>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, .. } = match bulk {
        BulkRequest::Json(change) => change,
        BulkRequest::File(allowed, payload) => {
            return submit(&request, &api, &allowed, payload, Use::Plan).await;
        }
    };
    let response = match body {
        PlanRequest::Order(order) => {
            let options = order.options(options);
            let input = OrderInput { plan: true, ..order.input };
            let render = |outcome: &Outcome| plan_created(&options, outcome);
            api.orders.execute(&allowed, &input, &options, render).await?
        }
        PlanRequest::Filter(input) => {
            let render = |outcome: &Outcome| plan_created(&options, outcome);
            api.plan_by_filter.execute(&allowed, *input, &options, render).await?
        }
    };
    Ok(respond(&request, response))
}

/// Executes an order.
async fn execute<B: OrderSchema>(
    request: &HttpRequest,
    api: &AssignmentUseCases,
    change: ChangeRequest<ChangeAssignments, OrderOf<B>>,
) -> Result<HttpResponse, Problem> {
    let ChangeRequest { allowed, body, options, .. } = change;
    let options = body.options(options);
    let render = |outcome: &Outcome| updated(&options, &OutcomeDto::from(outcome), None);
    Ok(respond(request, api.orders.execute(&allowed, &body.input, &options, render).await?))
}

/// Renders a plan, which a dry run does not create.
fn plan_created(options: &WriteOptions, outcome: &Outcome) -> Rendered {
    let dto = OutcomeDto::from(outcome);
    match outcome.batch {
        Some(id) => created(options, &dto, None, format!("/admin/assignments/plans/{id}")),
        None => updated(options, &dto, None),
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(bulk_assign).service(bulk_unassign).service(transfer_retailers).service(create_plan);
}
