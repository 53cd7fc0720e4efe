use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::RetailerUseCases;
use haat_domain::retailer::RetailerUid;

use super::dto::RetailerDto;
use super::fields::{ALL, FieldSelection};
use crate::shared::{Caller, JsonResponse, Problem, QueryParams, cached_response, codes};

/// Get a retailer
///
/// A sales rep can read the assigned retailers, an admin all of them. Any other uid is not found.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "getRetailer",
    security(("bearer" = [])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
        ("fields" = Option<String>, Query, description = "Comma-separated members to return; all if absent", example = "uid,name,points"),
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
    caller: Caller,
    uid: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    cached_response(&request, &*api.response_cache, &caller.0, async || {
        let mut query = QueryParams::of(&request)?.0;
        let selection = FieldSelection::parse(&mut query, &ALL);
        query.finish()?;
        // A malformed uid matches no retailer.
        let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
        let found = api.get.execute(&caller.0, &uid).await?;
        let retailer = selection.apply(RetailerDto::new(&found.retailer, &found.map))?;
        JsonResponse::json(&retailer, Some(found.retailer.version))
    })
    .await
}
