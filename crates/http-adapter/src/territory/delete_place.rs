use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::shared::Permission;
use haat_application::territory::{DeletePlaceInput, TerritoryUseCases};
use haat_domain::shared::StoredResponse;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::place_id;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, expected_versions, write_options};

async fn delete(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    caller: &Caller,
    kind: PlaceKind,
    id: &str,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(id)?;
    let mut query = QueryParams::of(request)?.0;
    let write_options = write_options(request, b"", &mut query)?;
    query.finish()?;
    let input = DeletePlaceInput { kind, id, expected: expected_versions(request), write_options };
    // A repetition gets the same response, because there is only one.
    api.delete.execute(&caller.0, &input, deleted_response).await?;
    Ok(HttpResponse::new(StatusCode::NO_CONTENT))
}

/// Returns the stored response of a deletion.
pub(super) fn deleted_response() -> StoredResponse {
    StoredResponse { status: StatusCode::NO_CONTENT.as_u16(), location: None, etag: None, body: Vec::new() }
}

macro_rules! delete {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "Fails with 409 `in-use` while anything refers to it, deleted retailers included; `references` has the number of references by type.",
            security(("bearer" = [])),
            params(
                ("id" = i64, Path, description = "Id"),
                ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
                ("If-Match" = Option<String>, Header, description = "The ETag the caller read; the request fails with 412 if it is stale"),
                ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
            ),
            responses(
                (status = 204, description = "Deleted; with `validateOnly`, the deletion is possible"),
                (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
                (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
                (status = 409, description = "In use, or a request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
                (status = 412, description = "The If-Match version is stale", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[delete($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
            id: web::Path<String>,
        ) -> Result<HttpResponse, Problem> {
            delete(&request, &api, &caller, PlaceKind::$kind, &id).await
        }
    };
}

delete!(delete_region, "/admin/regions/{id}", "deleteRegion", "Delete a region", Region);
delete!(delete_area, "/admin/areas/{id}", "deleteArea", "Delete an area", Area);
delete!(delete_territory, "/admin/territories/{id}", "deleteTerritory", "Delete a territory", Territory);
delete!(
    delete_distributor,
    "/admin/distributors/{id}",
    "deleteDistributor",
    "Delete a distributor",
    Distributor
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(delete_region).service(delete_area).service(delete_territory).service(delete_distributor);
}
