use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::ChangeAssignments;

use super::bulk_body::BulkBody;
use super::order_body::{assign, read};
use super::order_schema::BulkAssignBody;
use super::outcome_dto::OutcomeDto;
use super::submit_file::{AcceptedDto, submit};
use super::to_response;
use crate::shared::{Caller, Problem, stored_response, write_response};

/// Assign retailers in bulk
///
/// Assigns retailers to sales reps; `ifAssigned` selects the treatment of retailers that another sales rep serves. The
/// response accounts for every uid. Sending the same request again changes nothing. A sales rep who would exceed their
/// capacity receives none of the requested retailers, unless `force` is set with a `reason`.
///
/// Send files of any number of rows as `text/csv` (with `Content-Encoding: gzip` if compressed). The header names `uid`
/// and `sales_rep` (id or username); the other members are query parameters. The response is 202, and a job processes
/// the file.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkAssign",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("ifAssigned" = Option<String>, Query, description = "For a file: as in the JSON body"),
        ("force" = Option<bool>, Query, description = "For a file: as in the JSON body"),
        ("reason" = Option<String>, Query, description = "For a file: as in the JSON body"),
    ),
    request_body(content(
        (BulkAssignBody = "application/json"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "The result, which accounts for every uid", body = OutcomeDto),
        (status = 202, description = "Accepted; follow the job at `Location`", body = AcceptedDto),
    )
)]
#[post("/admin/assignments/bulk")]
pub(super) async fn bulk_assign(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    body: BulkBody,
) -> Result<HttpResponse, Problem> {
    let body = match body {
        BulkBody::Json(body) => body,
        BulkBody::Csv(payload) => return submit(&request, &api, &caller, payload, false).await,
    };
    let input = read(&request, &caller, body, |body| Some(assign(body)))?;
    write_response(
        &request,
        api.change.execute(&caller.0, &input, &stored_response(to_response)).await?,
        to_response,
    )
}
