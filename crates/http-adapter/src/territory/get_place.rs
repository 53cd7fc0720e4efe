use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryUseCases;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, ManagedPlace, PlaceDto, PlaceView, TerritoryDto};
use super::place_id;
use crate::shared::{Caller, JsonResponse, NoParams, Problem, ProblemBody, cached_response};

async fn get<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    caller: &Caller,
    kind: PlaceKind,
    id: &str,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(id)?;
    cached_response(request, &*api.response_cache, &caller.0, async || {
        let found = api.get.execute(&caller.0, kind, id).await?;
        JsonResponse::json(&Dto::from(&found), Some(found.place.version))
    })
    .await
}

macro_rules! get {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident, $dto:ident) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "Includes the version, for updates.",
            security(("bearer" = [])),
            params(
                ("id" = i64, Path, description = "Id"),
                ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
            ),
            responses(
                (status = 200, description = "The place", body = ManagedPlace<$dto>),
                (status = 304, description = "Not modified"),
                (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
                (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[get($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
            id: web::Path<String>,
            _: NoParams,
        ) -> Result<HttpResponse, Problem> {
            get::<ManagedPlace<$dto>>(&request, &api, &caller, PlaceKind::$kind, &id).await
        }
    };
}

get!(get_region, "/admin/regions/{id}", "getRegion", "Get a region", Region, PlaceDto);
get!(get_area, "/admin/areas/{id}", "getArea", "Get an area", Area, AreaDto);
get!(get_territory, "/admin/territories/{id}", "getTerritory", "Get a territory", Territory, TerritoryDto);
get!(
    get_distributor,
    "/admin/distributors/{id}",
    "getDistributor",
    "Get a distributor",
    Distributor,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_region).service(get_area).service(get_territory).service(get_distributor);
}
