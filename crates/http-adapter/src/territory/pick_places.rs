use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::territory::TerritoryApi;
use haat_domain::territory::PlaceKind;
use utoipa_actix_web::service_config::ServiceConfig;

use super::dto::{AreaDto, PageOf, PlaceDto, Shown, TerritoryDto};
use super::list_query::ListQuery;
use crate::shared::{Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, answer};

/// A page of the places of a kind.
pub(super) async fn list<Dto: Shown>(
    request: &HttpRequest,
    api: &TerritoryApi,
    caller: &Caller,
    kind: PlaceKind,
) -> Result<HttpResponse, Problem> {
    answer(request, &*api.answers, &caller.0, async || {
        let query = ListQuery::parse(kind, QueryParams::of(request)?.0)?;
        let page = api.list.execute(&caller.0, &query.input).await?;
        let next = page.next.as_ref().map(|key| query.cursor(key));
        let page = PageOf {
            data: page.rows.iter().map(Dto::from).collect(),
            page: PageInfo::new(query.input.page.limit, next, None),
        };
        Plain::json(&page, None)
    })
    .await
}

macro_rules! pick {
    ($handler:ident, $path:tt, $id:tt, $summary:tt, $kind:ident, $dto:ident $(, $filter:tt: $about:tt)*) => {
        #[utoipa::path(
            tag = "Map",
            operation_id = $id,
            summary = $summary,
            description = "To choose from, for everybody who works here. In order of name.",
            security(("bearer" = [])),
            params(
                ("q" = Option<String>, Query, description = "A part of any of its names, in English or Bangla"),
                $(($filter = Option<String>, Query, description = $about),)*
                ("limit" = Option<u8>, Query, description = "The most rows of a page", minimum = 1, maximum = 100, example = 20),
                ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
                ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
            ),
            responses(
                (status = 200, description = "A page", body = PageOf<$dto>),
                (status = 304, description = "The answer named by `If-None-Match` is still the same"),
                (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
            )
        )]
        #[get($path)]
        async fn $handler(
            request: HttpRequest,
            api: web::Data<TerritoryApi>,
            caller: Caller,
        ) -> Result<HttpResponse, Problem> {
            list::<$dto>(&request, &api, &caller, PlaceKind::$kind).await
        }
    };
}

pick!(pick_regions, "/regions", "pickRegions", "Regions", Region, PlaceDto);
pick!(pick_areas, "/areas", "pickAreas", "Areas", Area, AreaDto,
    "region": "A region: its id, or exactly its name");
pick!(pick_territories, "/territories", "pickTerritories", "Territories", Territory, TerritoryDto,
    "area": "An area: its id, or exactly its name", "region": "A region: its id, or exactly its name");
pick!(pick_distributors, "/distributors", "pickDistributors", "Distributors", Distributor, PlaceDto);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(pick_regions).service(pick_areas).service(pick_territories).service(pick_distributors);
}
