use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::office::OfficeRetailerApi;
use haat_application::shared::{NoAnswers, Permission};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::OfficeRetailerDto;
use super::pool_query::PoolQuery;
use crate::retailer::fields::Shown;
use crate::shared::{Caller, PageInfo, Plain, Problem, ProblemBody, QueryParams, answer};

/// A page of the pool.
#[derive(Serialize, ToSchema)]
#[schema(as = OfficeRetailerPage)]
struct PoolPage<'a> {
    /// The shops, in order.
    #[schema(value_type = Vec<OfficeRetailerDto>)]
    data: Vec<Shown<OfficeRetailerDto<'a>>>,
    /// The page.
    page: PageInfo,
}

/// The whole pool
///
/// All shops of the company, with who serves each. Filters combine; with `salesRep` it is the list of that
/// representative, with `deleted=true` that of the deleted shops.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "listPool",
    security(("bearer" = [])),
    params(
        ("q" = Option<String>, Query, description = "A part of name, uid or phone, in English or Bangla; at least 3 characters, unless within a territory or for a representative"),
        ("region" = Option<String>, Query, description = "A region: its id, or exactly its name"),
        ("area" = Option<String>, Query, description = "An area: its id, or exactly its name"),
        ("territory" = Option<String>, Query, description = "A territory: its id, or exactly its name"),
        ("distributor" = Option<String>, Query, description = "A distributor: its id, or exactly its name"),
        ("assigned" = Option<bool>, Query, description = "Whether somebody serves it"),
        ("salesRep" = Option<String>, Query, description = "Who serves it: id or username", example = "sr00001"),
        ("deleted" = Option<bool>, Query, description = "The deleted shops instead of the others"),
        ("sort" = Option<String>, Query, description = "`name`, `uid`, and in one territory or for a representative also `points` and `updatedAt`; `-` before it reverses. Equal rows are in order of uid, in the same direction", example = "name"),
        ("limit" = Option<u8>, Query, description = "The most shops of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("page" = Option<i64>, Query, description = "A page by its number, from 1, instead of by cursor: with `salesRep` only. Gives `page.total` too", minimum = 1),
        ("fields" = Option<String>, Query, description = "The members wanted, with commas between; all where it is absent", example = "uid,name,salesReps"),
        ("includeTotal" = Option<bool>, Query, description = "Whether to count the whole list too, as `page.total`"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "A page", body = PoolPage),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers")]
pub(super) async fn list_pool(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    answer(&request, &NoAnswers, &caller.0, async || {
        let PoolQuery { input, list } = PoolQuery::parse(QueryParams::of(&request)?.0)?;
        let page = api.list.execute(&caller.0, &input).await?;
        let next = page.next.as_ref().map(|key| list.cursor(key));
        let shops = page.rows.iter().map(|shop| list.wanted.of(OfficeRetailerDto::new(shop, &page.map)));
        let page = PoolPage {
            data: shops.collect::<Result<_, _>>()?,
            page: PageInfo::new(input.list.page.limit, next, page.total),
        };
        Plain::json(&page, None)
    })
    .await
}
