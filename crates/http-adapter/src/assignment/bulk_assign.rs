use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;

use super::bulk_body::BulkBody;
use super::order_body::{assign, read};
use super::order_schema::BulkAssignBody;
use super::outcome_dto::OutcomeDto;
use super::plain;
use super::submit_file::{AcceptedDto, submit};
use crate::shared::{Caller, Problem, ProblemBody, answer_of, receipt};

/// Assign shops in bulk
///
/// Lets sales representatives serve more shops; `ifAssigned` says what becomes of shops that somebody else serves. The
/// answer accounts for every uid; sending it again changes nothing. A representative who would have more shops than they
/// can serve is given none of theirs, unless `force` is set, with a `reason`.
///
/// A file of any size goes as `text/csv` (`Content-Encoding: gzip` if packed), with a header that names `uid` and
/// `sales_rep` (id or username), and the other members as query parameters. It is answered 202 and carried out by a job.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "bulkAssign",
    security(("bearer" = [])),
    params(
        ("validateOnly" = Option<bool>, Query, description = "As in the body"),
        ("ifAssigned" = Option<String>, Query, description = "For a file, as in the body"),
        ("force" = Option<bool>, Query, description = "For a file, as in the body"),
        ("reason" = Option<String>, Query, description = "For a file, as in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    request_body(content(
        (BulkAssignBody = "application/json"),
        (String = "text/csv", example = "uid,sales_rep\nRTL-0000042,sr00001\n"),
    )),
    responses(
        (status = 200, description = "What became of each uid", body = OutcomeDto),
        (status = 202, description = "The file is being worked on: look at `Location`", body = AcceptedDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/bulk")]
pub(super) async fn bulk_assign(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    body: BulkBody,
) -> Result<HttpResponse, Problem> {
    let body = match body {
        BulkBody::Json(body) => body,
        BulkBody::Csv(payload) => return submit(&request, &api, &caller, payload, false).await,
    };
    let input = read(&request, &caller, body, |body| Some(assign(body)))?;
    answer_of(&request, api.change.execute(&caller.0, &input, &receipt(plain)).await?, plain)
}
