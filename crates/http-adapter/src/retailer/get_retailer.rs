use actix_web::{HttpRequest, HttpResponse, get, web};
use haat_application::retailer::RetailerApi;
use haat_domain::retailer::RetailerUid;

use super::dto::RetailerDto;
use super::fields::{ALL, Wanted};
use crate::shared::{Caller, Code, Plain, Problem, ProblemBody, QueryParams, answer};

/// One shop
///
/// A representative finds their own shops, an administrator all; any other uid is not found.
#[utoipa::path(
    tag = "Retailers",
    operation_id = "getRetailer",
    security(("bearer" = [])),
    params(
        ("uid" = String, Path, description = "The shop's uid", example = "RTL-0000042"),
        ("fields" = Option<String>, Query, description = "The members wanted, with commas between; all where it is absent", example = "uid,name,points"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that is at hand: 304 if it is still the same"),
    ),
    responses(
        (status = 200, description = "The shop", body = RetailerDto),
        (status = 304, description = "The answer named by `If-None-Match` is still the same"),
        (status = 404, description = "No such shop among the caller's", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/retailers/{uid}")]
pub(super) async fn get_retailer(
    request: HttpRequest,
    api: web::Data<RetailerApi>,
    caller: Caller,
    uid: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    answer(&request, &*api.answers, &caller.0, async || {
        let mut query = QueryParams::of(&request)?.0;
        let wanted = Wanted::parse(&mut query, &ALL);
        query.finish()?;
        // What cannot be a uid is no shop's.
        let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(Code::NotFound))?;
        let found = api.get.execute(&caller.0, &uid).await?;
        let shop = wanted.of(RetailerDto::new(&found.retailer, &found.map))?;
        Plain::json(&shop, Some(found.retailer.version))
    })
    .await
}
