use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryApi;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, Managed, PlaceDto, Shown, TerritoryDto};
use super::place_id;
use crate::shared::{Caller, NoParams, Plain, Problem, ProblemBody, answer};

async fn get<Dto: Shown>(
    request: &HttpRequest,
    api: &TerritoryApi,
    caller: &Caller,
    kind: PlaceKind,
    id: &str,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let id = place_id(id)?;
    answer(request, &*api.answers, &caller.0, async || {
        let located = api.get.execute(&caller.0, kind, id).await?;
        Plain::json(&Dto::from(&located), Some(located.place.version))
    })
    .await
}

macro_rules! get {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident, $dto:ident) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "With its version, to be changed.",
            security(("bearer" = [])),
            params(
                ("id" = i64, Path, description = "Id"),
                ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
            ),
            responses(
                (status = 200, description = "As it is now", body = Managed<$dto>),
                (status = 304, description = "The answer named by `If-None-Match` is still the same"),
                (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
                (status = 404, description = "There is none of this id", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[get($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
            caller: Caller,
            id: web::Path<String>,
            _: NoParams,
        ) -> Result<HttpResponse, Problem> {
            get::<Managed<$dto>>(&request, &api, &caller, PlaceKind::$kind, &id).await
        }
    };
}

get!(get_region, "/admin/regions/{id}", "getRegion", "One region", Region, PlaceDto);
get!(get_area, "/admin/areas/{id}", "getArea", "One area", Area, AreaDto);
get!(get_territory, "/admin/territories/{id}", "getTerritory", "One territory", Territory, TerritoryDto);
get!(get_distributor, "/admin/distributors/{id}", "getDistributor", "One distributor", Distributor, PlaceDto);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_region).service(get_area).service(get_territory).service(get_distributor);
}
