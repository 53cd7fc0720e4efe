use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::{ListedRetailers, RetailerApi};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::RetailerDto;
use super::fields::Shown;
use super::list_query::ListQuery;
use crate::shared::{Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, answer};

/// A page of shops.
#[derive(Serialize, ToSchema)]
#[schema(as = RetailerPage)]
pub(super) struct RetailerPage<'a> {
    /// The shops, in order.
    #[schema(value_type = Vec<RetailerDto>)]
    data: Vec<Shown<RetailerDto<'a>>>,
    /// The page.
    page: PageInfo,
}

/// My shops
///
/// A representative's own shops, an administrator's whole pool, a page at a time. To walk the list send
/// `page.nextCursor` as `cursor` until `page.hasMore` is false, with the same filter and sort.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "listRetailers",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "A part of name, uid or phone, in English or Bangla; among all shops at least 3 characters"),
        ("region" = Option<String>, Query, description = "A region: its id, or exactly its name"),
        ("area" = Option<String>, Query, description = "An area: its id, or exactly its name"),
        ("territory" = Option<String>, Query, description = "A territory: its id, or exactly its name"),
        ("distributor" = Option<String>, Query, description = "A distributor: its id, or exactly its name"),
        ("sort" = Option<String>, Query, description = "`name`, `uid`, and among one's own shops or in one territory also `points` and `updatedAt`; `-` before it reverses. Equal rows are in order of uid, in the same direction", example = "name"),
        ("limit" = Option<u8>, Query, description = "The most shops of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("page" = Option<i64>, Query, description = "A page by its number, from 1, instead of by cursor: among one's own shops only. Gives `page.total` too", minimum = 1),
        ("fields" = Option<String>, Query, description = "The members wanted, with commas between; all where it is absent", example = "uid,name,points"),
        ("includeTotal" = Option<bool>, Query, description = "Whether to count the whole list too, as `page.total`"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "A page", body = RetailerPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/retailers")]
pub(super) async fn list_retailers(
    request: HttpRequest,
    api: web::Data<RetailerApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    answer(&request, &*api.answers, &caller.0, async || {
        let query = ListQuery::parse(QueryParams::of(&request)?.0)?;
        let page = api.list.execute(&caller.0, &query.input).await?;
        plain(&query, &page)
    })
    .await
}

/// A page of what was asked for.
pub(super) fn plain(query: &ListQuery, page: &ListedRetailers) -> Result<Plain, Problem> {
    let next = page.next.as_ref().map(|key| query.cursor(key));
    let shops = page.rows.iter().map(|shop| query.wanted.of(RetailerDto::new(shop, &page.map)));
    let page = RetailerPage {
        data: shops.collect::<Result<_, _>>()?,
        page: PageInfo::new(query.input.page.limit, next, page.total),
    };
    Plain::json(&page, None)
}
