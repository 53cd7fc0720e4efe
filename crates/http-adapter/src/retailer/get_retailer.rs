use actix_web::{HttpResponse, get, web};
use haat_application::retailer::RetailerApi;
use haat_domain::retailer::RetailerUid;

use super::dto::RetailerDto;
use crate::shared::{Caller, Code, NoParams, Problem, ProblemBody};

/// One shop
///
/// A representative finds their own shops, an administrator all; any other uid is not found.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "getRetailer",
    security(("bearer" = [])),
    params(("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042")),
    responses(
        (status = 200, description = "The shop", body = RetailerDto),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such shop among the caller's", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "It takes no parameters", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/retailers/{uid}")]
pub(super) async fn get_retailer(
    api: web::Data<RetailerApi>,
    caller: Caller,
    uid: web::Path<String>,
    _: NoParams,
) -> Result<HttpResponse, Problem> {
    // What cannot be a uid is no shop's.
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
    let found = api.get.execute(&caller.0, &uid).await?;
    Ok(HttpResponse::Ok().json(RetailerDto::new(&found.retailer, &found.map)))
}
