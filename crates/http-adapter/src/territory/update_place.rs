use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::shared::Permission;
use haat_application::territory::{TerritoryUseCases, UpdatePlaceInput};
use haat_domain::territory::{PlaceChange, PlaceKind, PlaceWithAncestors};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{
    AreaDto, AreaPatch, ManagedPlace, PlaceDto, PlacePatch, PlaceView, TerritoryDto, TerritoryPatch,
};
use super::{body, place_id};
use crate::shared::{
    Caller, Fields, JsonBody, JsonResponse, Problem, ProblemBody, QueryParams, expected_versions,
    stored_response, write_options, write_response,
};

/// Updates a place with the change that `parse` reads from the body.
pub(super) async fn update<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    caller: &Caller,
    (kind, id): (PlaceKind, &str),
    body: Result<JsonBody, Problem>,
    parse: fn(PlaceKind, &mut Fields) -> PlaceChange,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(id)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(request)?.0;
    let write_options = write_options(request, &bytes, &mut query)?;
    let values = parse(kind, &mut fields);
    fields.finish_with(query)?;
    let dry_run = write_options.validate_only;
    let input = UpdatePlaceInput { kind, id, values, expected: expected_versions(request), write_options };
    // The version of a dry run does not exist yet, so its entity tag must not be usable in `If-Match`.
    let render = |updated: &PlaceWithAncestors| {
        JsonResponse::json(&Dto::from(updated), (!dry_run).then_some(updated.place.version))
    };
    write_response(request, api.update.execute(&caller.0, &input, &stored_response(render)).await?, render)
}

macro_rules! update {
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
        #[patch($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
            id: web::Path<String>,
            body: Result<JsonBody, Problem>,
        ) -> Result<HttpResponse, Problem> {
            update::<ManagedPlace<$dto>>(&request, &api, &caller, (PlaceKind::$kind, &id), body, body::patch).await
        }
    };
}

update!(
    update_region,
    "/admin/regions/{id}",
    "updateRegion",
    "Update a region",
    "A JSON merge patch (RFC 7396).",
    Region,
    PlacePatch,
    PlaceDto
);
update!(
    update_area,
    "/admin/areas/{id}",
    "updateArea",
    "Update an area",
    "A JSON merge patch (RFC 7396). If the region changes, the territories and retailers of the area move along and their \
     versions increase.",
    Area,
    AreaPatch,
    AreaDto
);
update!(
    update_territory,
    "/admin/territories/{id}",
    "updateTerritory",
    "Update a territory",
    "A JSON merge patch (RFC 7396). If the area changes, the retailers of the territory move along and their versions \
     increase.",
    Territory,
    TerritoryPatch,
    TerritoryDto
);
update!(
    update_distributor,
    "/admin/distributors/{id}",
    "updateDistributor",
    "Update a distributor",
    "A JSON merge patch (RFC 7396).",
    Distributor,
    PlacePatch,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(update_region).service(update_area).service(update_territory).service(update_distributor);
}
