use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryUseCases;

use super::delete_place::deleted_response;
use super::place_id;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, write_options};

/// Delete an alternative spelling
///
/// Search and import no longer match the place by this spelling.
#[utoipa::path(
    tag = "Map",
    operation_id = "deletePlaceAlias",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "Id"),
        ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
    ),
    responses(
        (status = 204, description = "Deleted; with `validateOnly`, the deletion is possible"),
        (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/admin/place-aliases/{id}")]
pub(super) async fn delete_place_alias(
    request: HttpRequest,
    api: web::Data<TerritoryUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(&id)?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, b"", &mut query)?;
    query.finish()?;
    // A repetition gets the same response, because there is only one.
    api.delete_alias.execute(&caller.0, id, &write_options, deleted_response).await?;
    Ok(HttpResponse::new(StatusCode::NO_CONTENT))
}
