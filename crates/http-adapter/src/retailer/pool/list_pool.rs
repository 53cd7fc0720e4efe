use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::pool::PoolRetailerUseCases;
use haat_application::shared::{ManageRetailers, NoCache, Permission};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::PoolRetailerDto;
use super::pool_query::PoolQuery;
use crate::retailer::fields::SparseRetailer;
use crate::shared::{Caller, JsonResponse, PageInfo, Problem, QueryParams, cached_response};

/// A page of retailers of the pool.
#[derive(Serialize, ToSchema)]
#[schema(as = PoolRetailerPage)]
struct PoolPage<'a> {
    /// The retailers, in the requested order.
    #[schema(value_type = Vec<PoolRetailerDto>)]
    data: Vec<SparseRetailer<PoolRetailerDto<'a>>>,
    /// Paging information.
    page: PageInfo,
}

/// List the retailers of the pool
///
/// Returns all retailers of the tenant, each with the sales reps who serve it. Filters combine: `salesRep` limits the
/// list to the retailers of that sales rep, `deleted=true` to the deleted retailers.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminListRetailers",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, uid or phone, in English or Bangla; at least 3 characters, unless `territory` or `salesRep` is given"),
        ("region" = Option<String>, Query, description = "Region id or exact name"),
        ("area" = Option<String>, Query, description = "Area id or exact name"),
        ("territory" = Option<String>, Query, description = "Territory id or exact name"),
        ("distributor" = Option<String>, Query, description = "Distributor id or exact name"),
        ("assigned" = Option<bool>, Query, description = "`true`: assigned retailers only; `false`: unassigned retailers only"),
        ("salesRep" = Option<String>, Query, description = "Id or username of a sales rep who serves the retailer", example = "sr00001"),
        ("deleted" = Option<bool>, Query, description = "Return the deleted retailers instead of the others"),
        ("sort" = Option<String>, Query, description = "`name` or `uid`; with `territory` or `salesRep` also `points` and `updatedAt`. A leading `-` reverses the order. Ties are ordered by uid, in the same direction", example = "name"),
        ("page" = Option<i64>, Query, description = "Page number from 1, instead of `cursor`; only with `salesRep`. Also returns `page.total`", minimum = 1),
        ("fields" = Option<String>, Query, description = "Comma-separated members to return; all if absent", example = "uid,name,salesReps"),
        ("includeTotal" = Option<bool>, Query, description = "Also count the rows of all pages, as `page.total`"),
    ),
    responses(
        (status = 200, description = "A page of retailers", body = PoolPage),
    )
)]
#[get("/admin/retailers")]
pub(super) async fn list_pool(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    cached_response(&request, &NoCache, &caller.0, async || {
        let PoolQuery { input, list } = PoolQuery::parse(request.path(), QueryParams::of(&request)?.0)?;
        let page = api.list.execute(&caller.0, &input).await?;
        let next = page.next.as_ref().map(|key| list.cursor(key));
        let retailers = page
            .rows
            .iter()
            .map(|pool_retailer| list.selection.apply(PoolRetailerDto::new(pool_retailer, &page.map)));
        let page = PoolPage {
            data: retailers.collect::<Result<_, _>>()?,
            page: PageInfo::new(input.list.page.limit, next, page.total),
        };
        JsonResponse::json(&page, None)
    })
    .await
}
