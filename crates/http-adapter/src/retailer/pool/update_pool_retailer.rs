use actix_web::{HttpRequest, HttpResponse, patch, web};
use haat_application::retailer::pool::{PoolRetailerUseCases, UpdatePoolRetailerInput};
use haat_application::shared::{ManageRetailers, Permission};
use haat_domain::retailer::RetailerUid;

use super::body::{PoolRetailerPatchBody, patch as parse_patch};
use super::dto::{PoolRetailerDto, to_response};
use crate::shared::{
    Caller, JsonBody, Problem, QueryParams, codes, expected_versions, stored_response, write_options,
    write_response,
};

/// Update the master data of a retailer
///
/// Applies a JSON merge patch (RFC 7396). The uid never changes; area and region follow from the territory. A patch
/// with the current values changes nothing.
#[utoipa::path(
    tag = "Retailers (admin)",
    operation_id = "adminUpdateRetailer",
    security(("bearer" = [ManageRetailers::NAME])),
    extensions(("x-facets" = json!(["dry-run", "idempotent", "versioned"]))),
    params(
        ("uid" = String, Path, description = "Uid of the retailer", example = "RTL-0000042"),
    ),
    request_body(content = PoolRetailerPatchBody, content_type = "application/json"),
    responses(
        (status = 200, description = "The updated retailer", body = PoolRetailerDto),
        (status = 409, description = "The retailer is deleted"),
    )
)]
#[patch("/admin/retailers/{uid}")]
pub(super) async fn update_pool_retailer(
    request: HttpRequest,
    api: web::Data<PoolRetailerUseCases>,
    caller: Caller,
    uid: web::Path<String>,
    body: Result<JsonBody, Problem>,
) -> Result<HttpResponse, Problem> {
    caller.0.check(Permission::ManageRetailers)?;
    let body = body?;
    let mut query = QueryParams::of(&request)?.0;
    let write_options = write_options(&request, &body.bytes, &mut query)?;
    let edit = parse_patch(body.fields, query)?;
    // A malformed uid matches no retailer.
    let uid = RetailerUid::parse(&uid).map_err(|_not_a_uid| Problem::new(&codes::NOT_FOUND))?;
    let input = UpdatePoolRetailerInput { uid, edit, expected: expected_versions(&request), write_options };
    write_response(
        &request,
        api.edit.execute(&caller.0, &input, &stored_response(to_response)).await?,
        to_response,
    )
}
