use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::{RetailerUseCases, RetailerView};
use haat_application::shared::{ReadRetailers, ReadUsers};
use haat_domain::shared::UserId;

use super::dto::RetailerDto;
use super::fields::FieldSelection;
use super::list_query::ListQuery;
use super::uid::Uid;
use crate::territory::name_language;
use haat_http_core::{
    JsonResponse, PageOf, Permit, Problem, QueryParams, Target as _, cached_response, path_id, read_response,
};

/// List retailers
///
/// Returns the retailers of the caller, one page at a time: a sales rep gets the assigned retailers, an admin the whole
/// pool. To read all pages, send `page.nextCursor` as `cursor` with the same filter and sort until `page.hasMore` is
/// false.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "listRetailers",
    security(("bearer" = [ReadRetailers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name, uid or phone, in English or Bangla. Retailers that contain only its words, in any order and either script, come last. At least 3 characters when an admin searches the whole pool outside a single territory"),
        ("region" = Option<String>, Query, description = "Region id or exact name"),
        ("area" = Option<String>, Query, description = "Area id or exact name"),
        ("territory" = Option<String>, Query, description = "Territory id or exact name"),
        ("distributor" = Option<String>, Query, description = "Distributor id or exact name"),
        ("sort" = Option<String>, Query, description = "`name` or `uid`; for a sales rep or within one territory also `points` and `updatedAt`. A leading `-` reverses the order. Ties are ordered by uid, in the same direction", example = "name"),
        ("page" = Option<i64>, Query, description = "Page number from 1, instead of `cursor`; sales reps only. Also returns `page.total`", minimum = 1),
        ("fields" = Option<String>, Query, description = "Comma-separated members to return; all if absent", example = "uid,name,points"),
        ("includeTotal" = Option<bool>, Query, description = "Also count the rows of all pages, as `page.total`"),
        ("lang" = Option<String>, Query, description = "Language of the names of places; English where a place has no name in Bangla"),
    ),
    responses(
        (status = 200, description = "A page of retailers", body = PageOf<RetailerDto>),
    )
)]
#[get("/retailers")]
pub(super) async fn list_retailers(
    request: HttpRequest,
    api: web::Data<RetailerUseCases>,
    Permit(allowed): Permit<ReadRetailers>,
) -> Result<HttpResponse, Problem> {
    cached_response(&request, &*api.response_cache, &allowed, async || {
        let view = RetailerView::of(&allowed);
        let query = ListQuery::parse(request.path(), QueryParams::of(&request)?.0, view)?;
        query.render(&api.retailers.list(&allowed, &query.input).await?, RetailerDto::new)
    })
    .await
}

/// List the retailers of a sales rep
///
/// Returns the retailers that the sales rep sees at `GET /retailers`, with the same parameters.
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesRepRetailers",
    security(("bearer" = [ReadUsers::NAME])),
    extensions(("x-facets" = json!(["list"]))),
    params(
        ("id" = i64, Path, description = "Id of the sales rep", example = 7),
        ("q" = Option<String>, Query, description = "Part of the name, uid or phone, in English or Bangla", example = "স্টোর"),
        ("region" = Option<String>, Query, description = "Region id or exact name", example = "Dhaka"),
        ("area" = Option<String>, Query, description = "Area id or exact name"),
        ("territory" = Option<String>, Query, description = "Territory id or exact name"),
        ("distributor" = Option<String>, Query, description = "Distributor id or exact name"),
        ("sort" = Option<String>, Query, description = "`name`, `uid`, `points` or `updatedAt`. A leading `-` reverses the order. Ties are ordered by uid, in the same direction", example = "name"),
        ("page" = Option<i64>, Query, description = "Page number from 1, instead of `cursor`. Also returns `page.total`", minimum = 1),
        ("fields" = Option<String>, Query, description = "Comma-separated members to return; all if absent", example = "uid,name,points"),
        ("includeTotal" = Option<bool>, Query, description = "Also count the rows of all pages, as `page.total`"),
        ("lang" = Option<String>, Query, description = "Language of the names of places; English where a place has no name in Bangla"),
    ),
    responses(
        (status = 200, description = "A page of retailers", body = PageOf<RetailerDto>),
    )
)]
#[get("/admin/sales-reps/{id}/retailers")]
pub(super) async fn list_rep_retailers(
    request: HttpRequest,
    api: web::Data<RetailerUseCases>,
    Permit(allowed): Permit<ReadUsers>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = RetailerView::of(&allowed);
    let query = ListQuery::parse(request.path(), QueryParams::of(&request)?.0, view)?;
    let rep = UserId::new(path_id(&id)?);
    let page = api.retailers.list_of_rep(&allowed, rep, &query.input).await?;
    // Cached responses are invalidated when the caller's own retailers change; these belong to another user.
    read_response(&request, query.render(&page, RetailerDto::new)?)
}

/// Get a retailer
///
/// A sales rep can read the assigned retailers, an admin all of them. Any other uid is not found.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "getRetailer",
    security(("bearer" = [ReadRetailers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
        ("fields" = Option<String>, Query, description = "Comma-separated members to return; all if absent", example = "uid,name,points"),
        ("lang" = Option<String>, Query, description = "Language of the names of places; English where a place has no name in Bangla"),
    ),
    responses(
        (status = 200, description = "The retailer", body = RetailerDto),
        (status = 404, description = "Not found among the retailers of the caller"),
    )
)]
#[get("/retailers/{uid}")]
pub(super) async fn get_retailer(
    request: HttpRequest,
    api: web::Data<RetailerUseCases>,
    Permit(allowed): Permit<ReadRetailers>,
) -> Result<HttpResponse, Problem> {
    cached_response(&request, &*api.response_cache, &allowed, async || {
        let mut query = QueryParams::of(&request)?.0;
        let selection = FieldSelection::of_view(&mut query, RetailerView::of(&allowed));
        let language = name_language(&mut query);
        query.finish()?;
        let found = api.retailers.get(&allowed, &Uid::of(&request)?).await?;
        let retailer = selection.apply(RetailerDto::new(&found.retailer, &found.map, language))?;
        JsonResponse::json(&retailer, Some(found.retailer.version))
    })
    .await
}
