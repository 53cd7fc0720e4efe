use actix_web::{HttpRequest, HttpResponse, put, web};
use haat_application::territory::TerritoryApi;
use haat_domain::territory::{PlaceChange, PlaceKind};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body;
use super::dto::{AreaBody, AreaDto, Managed, PlaceBody, PlaceDto, TerritoryBody, TerritoryDto};
use super::update_place::update;
use crate::shared::{Caller, Fields, JsonBody, Problem, ProblemBody};

/// A whole place as a change of all there is; what is wrong is left in the body.
fn all_of_it(kind: PlaceKind, body: &mut Fields) -> PlaceChange {
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
        #[put($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
            caller: Caller,
            id: web::Path<String>,
            body: Result<JsonBody, Problem>,
        ) -> Result<HttpResponse, Problem> {
            update::<Managed<$dto>>(&request, &api, &caller, (PlaceKind::$kind, &id), body, all_of_it).await
        }
    };
}

replace!(
    replace_region,
    "/admin/regions/{id}",
    "replaceRegion",
    "All of a region anew",
    "A name in Bangla that is absent is taken away.",
    Region,
    PlaceBody,
    PlaceDto
);
replace!(
    replace_area,
    "/admin/areas/{id}",
    "replaceArea",
    "All of an area anew",
    "A name in Bangla that is absent is taken away. In another region, its shops go along.",
    Area,
    AreaBody,
    AreaDto
);
replace!(
    replace_territory,
    "/admin/territories/{id}",
    "replaceTerritory",
    "All of a territory anew",
    "A name in Bangla that is absent is taken away. In another area, its shops go along.",
    Territory,
    TerritoryBody,
    TerritoryDto
);
replace!(
    replace_distributor,
    "/admin/distributors/{id}",
    "replaceDistributor",
    "All of a distributor anew",
    "A name in Bangla that is absent is taken away.",
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
