use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::office::OfficeRetailerApi;
use haat_application::shared::{NoAnswers, Permission};
use haat_domain::retailer::RetailerUid;

use super::dto::{OfficeRetailerDto, plain};
use crate::shared::{Caller, Code, NoParams, Problem, ProblemBody, answer};

/// One shop of the pool
///
/// A deleted one too, with who serves it.
#[utoipa::path(
    tag = "Shops (office)",
    operation_id = "getPoolRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "The shop", body = OfficeRetailerDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 403, description = "Only administrators may", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "No such shop", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/admin/retailers/{uid}")]
pub(super) async fn get_pool_retailer(
    request: HttpRequest,
    api: web::Data<OfficeRetailerApi>,
    caller: Caller,
    uid: web::Path<String>,
    params: Result<NoParams, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    params?;
    answer(&request, &NoAnswers, &caller.0, async || {
        // What cannot be a uid is no shop's.
        let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
        plain(&api.get.execute(&caller.0, &uid).await?)
    })
    .await
}
