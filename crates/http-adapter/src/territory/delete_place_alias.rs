use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryApi;

use super::delete_place::gone;
use super::place_id;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, change};

/// Delete a spelling of a place
///
/// The place is no longer found by it.
#[utoipa::path(
    tag = "Map",
    operation_id = "deletePlaceAlias",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Id"),
        ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
    ),
    responses(
        (status = 204, description = "It is gone; with `validateOnly`, it could be"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none of this id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/place-aliases/{id}")]
pub(super) async fn delete_place_alias(
    request: HttpRequest,
    api: web::Data<TerritoryApi>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(&id)?;
    let mut query = QueryParams::of(&request)?.0;
    let change = change(&request, b"", &mut query)?;
    query.finish()?;
    // A repetition has the same answer as there is no other.
    api.delete_alias.execute(&caller.0, id, &change, gone).await?;
    Ok(HttpResponse::new(StatusCode::NO_CONTENT))
}
