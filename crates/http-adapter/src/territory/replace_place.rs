use actix_web::{HttpRequest, HttpResponse, put, web};
use haat_application::territory::TerritoryUseCases;
use haat_domain::territory::{PlaceChange, PlaceKind};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body;
use super::dto::{AreaBody, AreaDto, ManagedPlace, PlaceBody, PlaceDto, TerritoryBody, TerritoryDto};
use super::update_place::update;
use crate::shared::{Caller, Fields, JsonBody, Problem, ProblemBody};

/// Parses a whole place as a change of every value. Errors are recorded in the body.
fn replacement(kind: PlaceKind, body: &mut Fields) -> PlaceChange {
    body::whole(kind, body).map_or_else(PlaceChange::default, |place| PlaceChange {
        name: Some(place.name),
        name_bn: Some(place.name_bn),
        parent: place.parent,
    })
}

macro_rules! replace {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $description:tt, $kind:ident, $body:ident, $dto:ident) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = $description,
            security(("bearer" = [])),
            params(
                ("id" = i64, Path, description = "Id"),
                ("validateOnly" = Option<bool>, Query, description = "Validate and return the result without saving"),
                ("If-Match" = Option<String>, Header, description = "The ETag the caller read; the request fails with 412 if it is stale"),
                ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours: a repetition returns the stored response"),
            ),
            request_body(content = $body, content_type = "application/json"),
            responses(
                (status = 200, description = "Updated", body = ManagedPlace<$dto>),
                (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
                (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
                (status = 409, description = "The name is already in use, or a request with this Idempotency-Key is still in progress", body = ProblemBody, content_type = "application/problem+json"),
                (status = 412, description = "The If-Match version is stale", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[put($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
            id: web::Path<String>,
            body: Result<JsonBody, Problem>,
        ) -> Result<HttpResponse, Problem> {
            update::<ManagedPlace<$dto>>(&request, &api, &caller, (PlaceKind::$kind, &id), body, replacement).await
        }
    };
}

replace!(
    replace_region,
    "/admin/regions/{id}",
    "replaceRegion",
    "Replace a region",
    "An absent `nameBn` is cleared.",
    Region,
    PlaceBody,
    PlaceDto
);
replace!(
    replace_area,
    "/admin/areas/{id}",
    "replaceArea",
    "Replace an area",
    "An absent `nameBn` is cleared. If the region changes, the retailers of the area move along.",
    Area,
    AreaBody,
    AreaDto
);
replace!(
    replace_territory,
    "/admin/territories/{id}",
    "replaceTerritory",
    "Replace a territory",
    "An absent `nameBn` is cleared. If the area changes, the retailers of the territory move along.",
    Territory,
    TerritoryBody,
    TerritoryDto
);
replace!(
    replace_distributor,
    "/admin/distributors/{id}",
    "replaceDistributor",
    "Replace a distributor",
    "An absent `nameBn` is cleared.",
    Distributor,
    PlaceBody,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(replace_region)
        .service(replace_area)
        .service(replace_territory)
        .service(replace_distributor);
}
