use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, web};
use haat_application::shared::Permission;
use haat_application::territory::{DeletePlaceInput, TerritoryApi};
use haat_domain::shared::Receipt;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::place_id;
use crate::shared::{Caller, Problem, ProblemBody, QueryParams, change, expected_versions};

async fn delete(
    request: &HttpRequest,
    api: &TerritoryApi,
    caller: &Caller,
    kind: PlaceKind,
    id: &str,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(id)?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, b"", &mut query)?;
    query.finish()?;
    let input = DeletePlaceInput { kind, id, expected: expected_versions(request), change };
    // A repetition has the same answer as there is no other.
    api.delete.execute(&caller.0, &input, gone).await?;
    Ok(HttpResponse::new(StatusCode::NO_CONTENT))
}

/// The receipt of something that was taken away.
pub(super) fn gone() -> Receipt {
    Receipt { status: StatusCode::NO_CONTENT.as_u16(), location: None, etag: None, body: Vec::new() }
}

macro_rules! delete {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "Nothing may refer to it any more, not even a deleted shop; otherwise `uses` says how many of what do.",
            security(("bearer" = [])),
            params(
                ("id" = i64, Path, description = "Id"),
                ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
                ("If-Match" = Option<String>, Header, description = "Its `ETag` as it was read, or its `version` in double quotes"),
                ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
            ),
            responses(
                (status = 204, description = "It is gone; with `validateOnly`, it could be"),
                (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
                (status = 404, description = "There is none of this id", body = ProblemBody, content_type = "application/problem+json"),
                (status = 409, description = "It is in use, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
                (status = 412, description = "It has been changed since", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[delete($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
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
