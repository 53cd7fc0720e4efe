use actix_web::{HttpResponse, get, web};
use haat_application::retailer::RetailerApi;
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::RetailerDto;
use super::list_query::ListQuery;
use crate::shared::{Caller, PageInfo, Problem, ProblemBody, QueryParams};

/// A page of shops.
#[derive(Serialize, ToSchema)]
#[schema(as = RetailerPage)]
struct RetailerPage<'a> {
    /// The shops, in order.
    data: Vec<RetailerDto<'a>>,
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
        ("q" = Option<String>, Query, description = "A part of name, uid or phone, in English or Bangla; among all shops at least 3 characters", example = "স্টোর"),
        ("region" = Option<String>, Query, description = "A region: its id, or exactly its name", example = "Dhaka"),
        ("area" = Option<String>, Query, description = "An area: its id, or exactly its name"),
        ("territory" = Option<String>, Query, description = "A territory: its id, or exactly its name"),
        ("distributor" = Option<String>, Query, description = "A distributor: its id, or exactly its name"),
        ("sort" = Option<String>, Query, description = "`name`, `uid`, and among one's own shops or in one territory also `points` and `updatedAt`; `-` before it reverses. Equal rows are in order of uid, in the same direction", example = "name"),
        ("limit" = Option<u8>, Query, description = "The most shops of a page", minimum = 1, maximum = 100, example = 20),
        ("cursor" = Option<String>, Query, description = "`page.nextCursor` of the page before"),
        ("page" = Option<u32>, Query, description = "A page by its number, from 1, instead of by cursor: among one's own shops only. Gives `page.total` too", minimum = 1),
        ("includeTotal" = Option<bool>, Query, description = "Whether to count the whole list too, as `page.total`"),
    ),
    responses(
        (status = 200, description = "A page", body = RetailerPage),
        (status = 400, description = "The cursor is not of this list", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "A parameter is unknown or wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/retailers")]
pub(super) async fn list_retailers(
    api: web::Data<RetailerApi>,
    caller: Caller,
    query: QueryParams,
) -> Result<HttpResponse, Problem> {
    let query = ListQuery::parse(query.0)?;
    let page = api.list.execute(&caller.0, &query.input).await?;
    let next = page.next.as_ref().map(|key| query.cursor(key));
    Ok(HttpResponse::Ok().json(RetailerPage {
        data: page.rows.iter().map(|shop| RetailerDto::new(shop, &page.map)).collect(),
        page: PageInfo::new(query.input.page.limit, next, page.total),
    }))
}
