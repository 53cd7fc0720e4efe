use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::pool::PoolRetailerUseCases;
use haat_application::shared::{NoCache, Permission};
use haat_domain::retailer::RetailerUid;

use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{Caller, Code, NoParams, Problem, ProblemBody, cached_response};

/// Get a retailer of the pool
///
/// Returns the retailer, deleted or not, with the sales reps who serve it.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminGetRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
        ("If-None-Match" = Option<String>, Header, description = "ETag of a cached response; returns 304 if unchanged"),
    ),
    responses(
        (status = 200, description = "The retailer", body = PoolRetailerDto),
        (status = 304, description = "Not modified"),
        (status = 403, description = "Requires permission `manage-retailers`", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "Not found", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/{uid}")]
pub(super) async fn get_pool_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    caller: Caller,
    uid: web::Path<String>,
    params: Result<NoParams, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    params?;
    cached_response(&request, &NoCache, &caller.0, async || {
        // A malformed uid matches no retailer.
        let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
        to_response(&api.get.execute(&caller.0, &uid).await?)
    })
    .await
}
