use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::{ListedRetailers, RetailerUseCases};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::RetailerDto;
use super::fields::SparseRetailer;
use super::list_query::ListQuery;
use crate::shared::{Caller, JsonResponse, PageInfo, Problem, QueryParams, cached_response};

/// A page of retailers.
#[derive(Serialize, ToSchema)]
#[schema(as = RetailerPage)]
pub(super) struct RetailerPage<'a> {
    /// The retailers, in the requested order.
    #[schema(value_type = Vec<RetailerDto>)]
    data: Vec<SparseRetailer<RetailerDto<'a>>>,
    /// Paging information.
    page: PageInfo,
}

/// List retailers
///
/// Returns the retailers of the caller, one page at a time: a sales rep gets the assigned retailers, an admin the whole
/// pool. To read all pages, send `page.nextCursor` as `cursor` with the same filter and sort until `page.hasMore` is
/// false.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "listRetailers",
    security(("bearer" = [])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, uid or phone, in English or Bangla; at least 3 characters when an admin searches the whole pool outside a single territory"),
        ("region" = Option<String>, Query, description = "Region id or exact name"),
        ("area" = Option<String>, Query, description = "Area id or exact name"),
        ("territory" = Option<String>, Query, description = "Territory id or exact name"),
        ("distributor" = Option<String>, Query, description = "Distributor id or exact name"),
        ("sort" = Option<String>, Query, description = "`name` or `uid`; for a sales rep or within one territory also `points` and `updatedAt`. A leading `-` reverses the order. Ties are ordered by uid, in the same direction", example = "name"),
        ("page" = Option<i64>, Query, description = "Page number from 1, instead of `cursor`; sales reps only. Also returns `page.total`", minimum = 1),
        ("fields" = Option<String>, Query, description = "Comma-separated members to return; all if absent", example = "uid,name,points"),
        ("includeTotal" = Option<bool>, Query, description = "Also count the rows of all pages, as `page.total`"),
    ),
    responses(
        (status = 200, description = "A page of retailers", body = RetailerPage),
    )
)]
#[get("/retailers")]
pub(super) async fn list_retailers(
    request: HttpRequest,
    api: web::Data<RetailerUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    cached_response(&request, &*api.response_cache, &caller.0, async || {
        let query = ListQuery::parse(request.path(), QueryParams::of(&request)?.0)?;
        let page = api.list.execute(&caller.0, &query.input).await?;
        page_response(&query, &page)
    })
    .await
}

/// Builds the response for a page of retailers.
pub(super) fn page_response(query: &ListQuery, page: &ListedRetailers) -> Result<JsonResponse, Problem> {
    let next = page.next.as_ref().map(|key| query.cursor(key));
    let retailers =
        page.rows.iter().map(|retailer| query.selection.apply(RetailerDto::new(retailer, &page.map)));
    let page = RetailerPage {
        data: retailers.collect::<Result<_, _>>()?,
        page: PageInfo::new(query.input.page.limit, next, page.total),
    };
    JsonResponse::json(&page, None)
}
