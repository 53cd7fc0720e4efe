use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentApi;
use haat_application::shared::Permission;

use super::outcome_dto::OutcomeDto;
use super::{batch_id, plain};
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, answer_of, change, receipt};

/// Apply a plan
///
/// Does what the plan showed, or nothing: if a shop or a representative it concerns is not as it was then, it is refused
/// and `moved` says where. Applying it again changes nothing.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "applyPlan",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The plan"),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell whether it could be applied, and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    responses(
        (status = 200, description = "What was done", body = OutcomeDto),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such plan", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The world has moved since, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/admin/assignments/plans/{id}/apply")]
pub(super) async fn apply_plan(
    request: HttpRequest,
    api: web::Data<AssignmentApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, &[], &mut query)?;
    query.finish()?;
    let done = api.apply.execute(&caller.0, batch_id(&id)?, &change, &receipt(plain)).await?;
    answer_of(&request, done, plain)
}
