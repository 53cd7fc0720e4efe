use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryUseCases;
use haat_domain::shared::PageRequest;
use haat_domain::territory::{AliasFilter, AliasedKind, PlaceKey};

use super::alias_dto::AliasDto;
use super::dto::PageOf;
use crate::shared::{
    Caller, JsonResponse, NOT_AN_ID, PageInfo, Problem, ProblemBody, QueryParams, cursor_of, encode_cursor,
    limit, read_response, search,
};

/// List alternative spellings
///
/// Search and import match a place by these spellings too. Ordered by spelling.
#[utoipa::path(
    tag = "Map",
    operation_id = "listPlaceAliases",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "Part of the spelling or of the name of its place"),
        ("kind" = Option<String>, Query, description = "`region`, `area` or `territory`"),
        ("place" = Option<i64>, Query, description = "Id of a place; `kind` has its kind"),
        ("limit" = Option<u8>, Query, description = "Rows per page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the previous page"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
    ),
    responses(
        (status = 200, description = "A page", body = PageOf<AliasDto>),
        (status = 304, description = "Not modified"),
        (status = 400, description = "The cursor does not belong to this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Requires permission `manage-map`", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/place-aliases")]
pub(super) async fn list_place_aliases(
    request: HttpRequest,
    api: web::Data<TerritoryUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let list = query.name_of_list("place-aliases", &["q", "kind", "place"]);
    let filter = AliasFilter {
        search: search(&mut query),
        kind: query.optional("kind", AliasedKind::parse),
        place: query.optional("place", |id| id.parse().map_err(|_not_an_id| NOT_AN_ID)),
    };
    let cursor = query.optional_text("cursor");
    query.finish()?;
    let after = cursor_of::<(String, i64)>(&list, cursor.as_deref())?;
    let after = after.map(|(name, id)| PlaceKey { name: name.into(), id });
    let page = PageRequest { limit, after, skip: 0 };
    let page = api.list_aliases.execute(&caller.0, &filter, &page).await?;
    let next = page.next.map(|key| encode_cursor(&list, (&*key.name, key.id)));
    let data = page.rows.iter().map(AliasDto::from).collect();
    let page = PageOf { data, page: PageInfo::new(limit, next, None) };
    Ok(read_response(&request, JsonResponse::json(&page, None)?))
}
