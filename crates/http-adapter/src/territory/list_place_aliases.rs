use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::shared::Permission;
use haat_application::territory::TerritoryApi;
use haat_domain::shared::PageRequest;
use haat_domain::territory::{AliasFilter, AliasedKind, PlaceKey};

use super::alias_dto::AliasDto;
use super::dto::PageOf;
use crate::shared::{
    Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, cursor_of, encode_cursor, limit, read_answer,
    search,
};

/// Other spellings of places
///
/// By which places are found beside their names, in order of spelling.
#[utoipa::path(
    tag = "Map",
    operation_id = "listPlaceAliases",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "A part of the spelling or of the name of its place"),
        ("kind" = Option<String>, Query, description = "`region`, `area` or `territory`"),
        ("place" = Option<i64>, Query, description = "The id of a place; `kind` says of which kind"),
        ("limit" = Option<u8>, Query, description = "The most rows of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "A page", body = PageOf<AliasDto>),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/place-aliases")]
pub(super) async fn list_place_aliases(
    request: HttpRequest,
    api: web::Data<TerritoryApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageMap)?;
    let mut query = QueryParams::of(&request)?.0;
    let limit = limit(&mut query);
    let list = query.name_of_list("place-aliases", &["q", "kind", "place"]);
    let filter = AliasFilter {
        search: search(&mut query),
        kind: query.optional("kind", AliasedKind::parse),
        place: query.optional("place", |id| id.parse().map_err(|_not_one| "must be an id")),
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
    Ok(read_answer(&request, Plain::json(&page, None)?))
}
