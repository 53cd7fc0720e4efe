use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::RetailerUseCases;
use haat_application::shared::{ManageUsers, NoCache, Permission};
use haat_domain::shared::UserId;

use super::list_query::ListQuery;
use super::list_retailers::{RetailerPage, page_response};
use crate::shared::{Caller, Problem, QueryParams, cached_response, path_id};

/// List the retailers of a sales rep
///
/// Returns the retailers that the sales rep sees at `GET /retailers`, with the same parameters.
#[utoipa::path(
    tag = "People",
    operation_id = "listSalesRepRetailers",
    security(("bearer" = [ManageUsers::NAME])),
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
    ),
    responses(
        (status = 200, description = "A page of retailers", body = RetailerPage),
    )
)]
#[get("/admin/sales-reps/{id}/retailers")]
pub(super) async fn list_rep_retailers(
    request: HttpRequest,
    api: web::Data<RetailerUseCases>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageUsers)?;
    // Cached responses are invalidated when the caller's own retailers change; these belong to another user.
    cached_response(&request, &NoCache, &caller.0, async || {
        let query = ListQuery::parse(request.path(), QueryParams::of(&request)?.0)?;
        let rep = UserId::new(path_id(&id)?);
        page_response(&query, &api.list_of_rep.execute(&caller.0, rep, &query.input).await?)
    })
    .await
}
