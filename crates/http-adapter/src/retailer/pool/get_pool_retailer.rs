use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::pool::PoolRetailerUseCases;
use haat_application::shared::{ManageRetailers, NoCache, Permission};
use haat_domain::retailer::RetailerUid;

use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{Caller, NoParams, Problem, cached_response, codes};

/// Get a retailer of the pool
///
/// Returns the retailer, deleted or not, with the sales reps who serve it.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminGetRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["read"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
    ),
    responses(
        (status = 200, description = "The retailer", body = PoolRetailerDto),
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
        let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
        to_response(&api.get.execute(&caller.0, &uid).await?)
    })
    .await
}
