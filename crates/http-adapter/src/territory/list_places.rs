use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryApi;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, Managed, PageOf, PlaceDto, TerritoryDto};
use super::pick_places::list;
use crate::shared::{Caller, Problem, ProblemBody};

macro_rules! list {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident, $dto:ident $(, $filter:tt: $about:tt)*) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "With their versions, to be changed. In order of name.",
            security(("bearer" = [])),
            params(
                ("q" = Option<String>, Query, description = "A part of any of its names, in English or Bangla"),
                $(($filter = Option<String>, Query, description = $about),)*
                ("limit" = Option<u8>, Query, description = "The most rows of a page", minimum = 1, maximum = 100, example = 20),
                ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
                ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
            ),
            responses(
                (status = 200, description = "A page", body = PageOf<Managed<$dto>>),
                (status = 304, description = "The answer named by `If-None-Match` is still the same"),
                (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
                (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[get($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
            caller: Caller,
        ) -> Result<HttpResponse, Problem> {
            caller.0.check(Permission::ManageMap)?;
            list::<Managed<$dto>>(&request, &api, &caller, PlaceKind::$kind).await
        }
    };
}

list!(list_regions, "/admin/regions", "listRegions", "All regions", Region, PlaceDto);
list!(list_areas, "/admin/areas", "listAreas", "All areas", Area, AreaDto,
    "region": "A region: its id, or exactly its name");
list!(list_territories, "/admin/territories", "listTerritories", "All territories", Territory, TerritoryDto,
    "area": "An area: its id, or exactly its name", "region": "A region: its id, or exactly its name");
list!(
    list_distributors,
    "/admin/distributors",
    "listDistributors",
    "All distributors",
    Distributor,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_regions).service(list_areas).service(list_territories).service(list_distributors);
}
