use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryUseCases;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, ManagedPlace, PageOf, PlaceDto, TerritoryDto};
use super::list_places::list;
use crate::shared::{Caller, Problem, ProblemBody};

macro_rules! list_handler {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident, $dto:ident $(, $filter:tt: $about:tt)*) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "Includes the versions, for updates. Ordered by name.",
            security(("bearer" = [])),
            params(
                ("q" = Option<String>, Query, description = "Part of any name, in English or Bangla"),
                $(($filter = Option<String>, Query, description = $about),)*
                ("limit" = Option<u8>, Query, description = "Rows per page", minimum = 1, maximum = 100, example = 20),
                ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the previous page"),
                ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
            ),
            responses(
                (status = 200, description = "A page", body = PageOf<ManagedPlace<$dto>>),
                (status = 304, description = "Not modified"),
                (status = 400, description = "The cursor does not belong to this list", body = ProblemBody, content_type = "application/problem+json"),
                (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[get($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
        ) -> Result<HttpResponse, Problem> {
            caller.0.check(Permission::ManageMap)?;
            list::<ManagedPlace<$dto>>(&request, &api, &caller, PlaceKind::$kind).await
        }
    };
}

list_handler!(
    list_regions,
    "/admin/regions",
    "adminListRegions",
    "List regions with versions",
    Region,
    PlaceDto
);
list_handler!(list_areas, "/admin/areas", "adminListAreas", "List areas with versions", Area, AreaDto,
    "region": "Region id or exact name");
list_handler!(list_territories, "/admin/territories", "adminListTerritories", "List territories with versions", Territory, TerritoryDto,
    "area": "Area id or exact name", "region": "Region id or exact name");
list_handler!(
    list_distributors,
    "/admin/distributors",
    "adminListDistributors",
    "List distributors with versions",
    Distributor,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_regions).service(list_areas).service(list_territories).service(list_distributors);
}
