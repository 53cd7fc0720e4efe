use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::territory::TerritoryUseCases;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, PageOf, PlaceDto, PlaceView, TerritoryDto};
use super::list_query::ListQuery;
use crate::shared::{Caller, JsonResponse, PageInfo, Problem, ProblemBody, QueryParams, cached_response};

/// Lists a page of the places of a kind.
pub(super) async fn list<Dto: PlaceView>(
    request: &HttpRequest,
    api: &TerritoryUseCases,
    caller: &Caller,
    kind: PlaceKind,
) -> Result<HttpResponse, Problem> {
    cached_response(request, &*api.response_cache, &caller.0, async || {
        let query = ListQuery::parse(kind, QueryParams::of(request)?.0)?;
        let page = api.list.execute(&caller.0, &query.input).await?;
        let next = page.next.as_ref().map(|key| query.cursor(key));
        let page = PageOf {
            data: page.rows.iter().map(Dto::from).collect(),
            page: PageInfo::new(query.input.page.limit, next, None),
        };
        JsonResponse::json(&page, None)
    })
    .await
}

macro_rules! list_handler {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident, $dto:ident $(, $filter:tt: $about:tt)*) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "For selection lists; available to every user of the tenant. Ordered by name.",
            security(("bearer" = [])),
            params(
                ("q" = Option<String>, Query, description = "Part of any name, in English or Bangla"),
                $(($filter = Option<String>, Query, description = $about),)*
                ("limit" = Option<u8>, Query, description = "Rows per page", minimum = 1, maximum = 100, example = 20),
                ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the previous page"),
                ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
            ),
            responses(
                (status = 200, description = "A page", body = PageOf<$dto>),
                (status = 304, description = "Not modified"),
                (status = 400, description = "The cursor does not belong to this list", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[get($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryUseCases>,
            caller: Caller,
        ) -> Result<HttpResponse, Problem> {
            list::<$dto>(&request, &api, &caller, PlaceKind::$kind).await
        }
    };
}

list_handler!(list_regions, "/regions", "listRegions", "List regions", Region, PlaceDto);
list_handler!(list_areas, "/areas", "listAreas", "List areas", Area, AreaDto,
    "region": "Region id or exact name");
list_handler!(list_territories, "/territories", "listTerritories", "List territories", Territory, TerritoryDto,
    "area": "Area id or exact name", "region": "Region id or exact name");
list_handler!(
    list_distributors,
    "/distributors",
    "listDistributors",
    "List distributors",
    Distributor,
    PlaceDto
);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_regions).service(list_areas).service(list_territories).service(list_distributors);
}
