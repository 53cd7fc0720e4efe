use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::pool::PoolRetailerUseCases;
use haat_application::shared::ReadPool;

use super::dto::PoolRetailerDto;
use super::pool_query::PoolQuery;
use haat_http_core::{PageOf, Permit, Problem, QueryParams, read_response};

/// List the retailers of the pool
///
/// Returns all retailers of the tenant, each with the sales reps who serve it. Filters combine: `salesRep` limits the
/// list to the retailers of that sales rep, `deleted=true` to the deleted retailers.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminListRetailers",
    security(("bearer" = [ReadPool::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, uid or phone, in English or Bangla. Retailers that contain only its words, in any order and either script, come last. At least 3 characters, unless `territory` or `salesRep` is given"),
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
        ("lang" = Option<String>, Query, description = "Language of the names of places; English where a place has no name in Bangla"),
    ),
    responses(
        (status = 200, description = "A page of retailers", body = PageOf<PoolRetailerDto>),
    )
)]
#[get("/admin/retailers")]
pub(super) async fn list_pool(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    Permit(allowed): Permit<ReadPool>,
) -> Result<HttpResponse, Problem> {
    let PoolQuery { input, list } = PoolQuery::parse(request.path(), QueryParams::of(&request)?.0)?;
    let page = api.list.execute(&allowed, &input).await?;
    read_response(&request, list.render(&page, PoolRetailerDto::new)?)
}
