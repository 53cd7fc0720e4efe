use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::shared::Permission;
use haat_application::territory::{TerritoryApi, UpdatePlaceInput};
use haat_domain::territory::{Located, PlaceChange, PlaceKind};
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, AreaPatch, Managed, PlaceDto, PlacePatch, Shown, TerritoryDto, TerritoryPatch};
use super::{body, place_id};
use crate::shared::{
    Caller, Fields, JsonBody, Plain, Problem, ProblemBody, QueryParams, answer_of, change, expected_versions,
    receipt,
};

/// Changes a place to what `read` makes of the body.
pub(super) async fn update<Dto: Shown>(
    request: &HttpRequest,
    api: &TerritoryApi,
    caller: &Caller,
    (kind, id): (PlaceKind, &str),
    body: Result<JsonBody, Problem>,
    read: fn(PlaceKind, &mut Fields) -> PlaceChange,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(id)?;
    let JsonBody { mut fields, bytes } = body?;
    let mut query = QueryParams::of(request)?.0;
    let change = change(request, &bytes, &mut query)?;
    let values = read(kind, &mut fields);
    fields.finish_with(query)?;
    let trial = change.validate_only;
    let input = UpdatePlaceInput { kind, id, values, expected: expected_versions(request), change };
    // A version that is not there yet is none to name in `If-Match`.
    let plain =
        |located: &Located| Plain::json(&Dto::from(located), (!trial).then_some(located.place.version));
    answer_of(request, api.update.execute(&caller.0, &input, &receipt(plain)).await?, plain)
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
                ("validateOnly" = Option<bool>, Query, description = "Whether to tell what would happen and do nothing"),
                ("If-Match" = Option<String>, Header, description = "Its `ETag` as it was read, or its `version` in double quotes"),
                ("Idempotency-Key" = Option<String>, Header, description = "A name for this change, good for 24 hours"),
            ),
            request_body(content = $body, content_type = "application/json"),
            responses(
                (status = 200, description = "As it is now", body = Managed<$dto>),
                (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
                (status = 404, description = "There is none of this id", body = ProblemBody, content_type = "application/problem+json"),
                (status = 409, description = "The name is taken, or a request with this `Idempotency-Key` is being worked on", body = ProblemBody, content_type = "application/problem+json"),
                (status = 412, description = "It has been changed since", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[patch($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
            caller: Caller,
            id: web::Path<String>,
            body: Result<JsonBody, Problem>,
        ) -> Result<HttpResponse, Problem> {
            update::<Managed<$dto>>(&request, &api, &caller, (PlaceKind::$kind, &id), body, body::patch).await
        }
    };
}

update!(
    update_region,
    "/admin/regions/{id}",
    "updateRegion",
    "Rename a region",
    "A JSON merge patch (RFC 7396).",
    Region,
    PlacePatch,
    PlaceDto
);
update!(
    update_area,
    "/admin/areas/{id}",
    "updateArea",
    "Rename or move an area",
    "A JSON merge patch (RFC 7396). An area that is put into another region takes its territories and shops along, \
     whose versions are raised.",
    Area,
    AreaPatch,
    AreaDto
);
update!(
    update_territory,
    "/admin/territories/{id}",
    "updateTerritory",
    "Rename or move a territory",
    "A JSON merge patch (RFC 7396). A territory that is put into another area takes its shops along, whose versions are \
     raised.",
    Territory,
    TerritoryPatch,
    TerritoryDto
);
update!(
    update_distributor,
    "/admin/distributors/{id}",
    "updateDistributor",
    "Rename a distributor",
    "A JSON merge patch (RFC 7396).",
    Distributor,
    PlacePatch,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(update_region).service(update_area).service(update_territory).service(update_distributor);
}
