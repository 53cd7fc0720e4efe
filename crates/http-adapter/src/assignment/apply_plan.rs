use actix_web::{HttpRequest, HttpResponse, post, web};
use haat_application::assignment::AssignmentUseCases;
use haat_application::shared::{ChangeAssignments, Permission};

use super::outcome_dto::OutcomeDto;
use super::{batch_id, to_response};
use crate::shared::{Caller, Problem, QueryParams, stored_response, write_options, write_response};

/// Apply a plan
///
/// Applies exactly the changes that the plan contains. If a retailer or sales rep of the plan has changed since it was
/// created, nothing is changed and `conflicts` lists the differences. Applying a plan again changes nothing.
#[utoipa::path(
    tag = "Assignments",
    operation_id = "applyPlan",
    security(("bearer" = [ChangeAssignments::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent"]))),
    params(
        ("id" = i64, Path, description = "Id of the plan"),
    ),
    responses(
        (status = 200, description = "The changes that were applied", body = OutcomeDto),
        (status = 409, description = "The plan is out of date or has been undone"),
    )
)]
#[post("/admin/assignments/plans/{id}/apply")]
pub(super) async fn apply_plan(
    request: HttpRequest,
    api: web::Data<AssignmentUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ChangeAssignments)?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, &[], &mut query)?;
    query.finish()?;
    let result =
        api.apply.execute(&caller.0, batch_id(&id)?, &write_options, &stored_response(to_response)).await?;
    write_response(&request, result, to_response)
}
